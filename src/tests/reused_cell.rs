//! A cell that is reused, for another key, while the old key is compared.
//!
//! Not with a two-bit generation: the four changes of the cell's word then wrap exactly.

use super::config::Spread;
use crate::{CopyMap, Equivalent, Full};
use core::cell::Cell;
use core::hash::{Hash, Hasher};

/// Looks for key 1, and while it is compared puts key 2 in its place, in the same cell.
struct Exchange<'m, V: crate::Plain, const N: usize> {
    map: &'m CopyMap<u32, V, N, 0, Spread>,
    other: Cell<Option<V>>,
}

impl<V: crate::Plain, const N: usize> Hash for Exchange<'_, V, N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        1u32.hash(state);
    }
}

impl<V: crate::Plain, const N: usize> Equivalent<u32> for Exchange<'_, V, N> {
    fn equivalent(&self, key: &u32) -> bool {
        if *key != 1 {
            return false;
        }
        if let Some(other) = self.other.take() {
            assert!(self.map.remove(&1).is_some());
            assert!(self.map.insert(2, other).is_ok());
        }
        true
    }
}

/// Values are copied out before or after the comparison, as their size says.
fn a_value_of_another_key_is_never_returned<V, const N: usize>([one, two]: [V; 2])
where
    V: crate::Plain + PartialEq + core::fmt::Debug,
{
    let map: CopyMap<u32, V, N, 0, Spread> = CopyMap::with_hasher(Spread::OneChain);
    // Others have all cells but one.
    (10..9 + N as u32).for_each(|key| assert_eq!(map.insert(key, two), Ok(None)));
    map.insert(1, one).ok();
    let exchange = Exchange {
        map: &map,
        other: Cell::new(Some(two)),
    };
    // Before the exchange, or after it.
    let found = map.get(&exchange);
    assert!([None, Some(one)].contains(&found), "{found:?}");
    assert_eq!((map.get(&1), map.get(&2)), (None, Some(two)));
    // A removal that finds the key must not take what came in its place.
    map.remove(&2);
    map.insert(1, one).ok();
    exchange.other.set(Some(two));
    assert_eq!(map.remove(&exchange), None);
    assert_eq!(map.get(&2), Some(two));
    // Nor may an update change it.
    map.remove(&2);
    map.insert(1, one).ok();
    exchange.other.set(Some(two));
    let updated = map.update(&exchange, |_| one);
    assert!(matches!(updated, Ok(None) | Err(Full(()))), "{updated:?}");
    assert_eq!(map.get(&2), Some(two));
}

#[test]
fn a_cell_may_be_reused_while_its_key_is_compared() {
    a_value_of_another_key_is_never_returned::<_, 1>([[1u64; 2], [2; 2]]);
    a_value_of_another_key_is_never_returned::<_, 1>([[1u64; 16], [2; 16]]);
    a_value_of_another_key_is_never_returned::<_, 1>([[1u64; 17], [2; 17]]);
}

/// The same behind others that have the seats.
#[test]
fn a_cell_of_a_chain_may_be_reused_while_its_key_is_compared() {
    a_value_of_another_key_is_never_returned::<_, 9>([[1u64; 2], [2; 2]]);
    a_value_of_another_key_is_never_returned::<_, 9>([[1u64; 17], [2; 17]]);
}
