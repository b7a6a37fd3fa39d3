//! `CopyMap` with keys and values of every size and alignment; zero-sized ones in both maps.

use super::config::Spread;
use super::ledger::{Counted, Ledger};
use crate::{CopyMap, Full, Map, Plain};
use core::fmt::Debug;
use core::hash::Hash;

/// Runs through the operations with the keys and values that `key` and `value` make of a number.
pub(super) fn operations<K, V>(key: impl Fn(u8) -> K, value: impl Fn(u8) -> V)
where
    K: Plain + Eq + Hash + Debug,
    V: Plain + PartialEq + Debug,
{
    for spread in [Spread::Even, Spread::OneChain] {
        let map: CopyMap<K, V, 3, 1, Spread> = CopyMap::with_hasher(spread);
        for i in 1..4 {
            assert_eq!(map.insert(key(i), value(i)), Ok(None));
        }
        assert_eq!(map.insert(key(4), value(4)), Err(Full((key(4), value(4)))));
        for i in 1..4 {
            assert_eq!(map.get(&key(i)), Some(value(i)));
            assert_eq!(map.insert(key(i), value(i + 10)), Ok(Some(value(i))));
            let seen = map.update(&key(i), |old| {
                assert_eq!(*old, value(i + 10));
                value(i + 20)
            });
            assert_eq!(seen, Ok(Some(value(i + 10))));
        }
        let mut pairs: std::vec::Vec<_> = map.iter().collect();
        pairs.sort_by_key(|(k, _)| (1..4).find(|&i| key(i) == *k));
        assert_eq!(pairs, [1, 2, 3].map(|i| (key(i), value(i + 20))));
        assert_eq!(map.remove(&key(2)), Some(value(22)));
        assert_eq!((map.get(&key(2)), map.len()), (None, 2));
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(C, align(16))]
struct Aligned([u64; 2]);

// SAFETY: two words: all zero is a value.
unsafe impl bytemuck::Zeroable for Aligned {}
// SAFETY: `repr(C)`, sixteen bytes aligned to sixteen: every pattern is a value, no padding.
unsafe impl bytemuck::Pod for Aligned {}
crate::impl_plain!(Aligned);

#[test]
fn all_sizes_and_alignments() {
    operations(|i| i, |i| i);
    operations(|i| [i, 0, i], |i| [i, !i, i, 0, 1]);
    operations(|i| [i; 13], |i| [i; 3]);
    operations(|i| u16::from(i) << 7, |i| [u16::from(i), 7, 9]);
    operations(|i| u32::from(i) << 20, |i| f32::from(i) * 0.5);
    operations(|i| i64::from(i) - 2, |i| f64::from(i) - 1.5);
    operations(|i| u128::from(i) << 100, |i| u128::MAX / u128::from(i + 1));
    operations(
        |i| Aligned([u64::from(i), 1]),
        |i| Aligned([0, u64::from(i)]),
    );
    operations(|i| [u64::from(i); 9], |i| [i; 31]);
    operations(|i| [u32::from(i); 5], |i| [u64::from(i); 5]);
    operations(
        |i| usize::from(i) << 9,
        |i| core::array::from_fn::<u8, 29, _>(|j| i ^ j as u8),
    );
}

#[test]
fn zero_sized_values_make_a_set() {
    operations_on_a_set::<0>();
    operations_on_a_set::<1>();
    operations_on_a_set::<8>();
}

fn operations_on_a_set<const EXTRA: usize>() {
    let set: CopyMap<u32, (), 2, EXTRA, Spread> = CopyMap::default();
    assert_eq!((set.insert(1, ()), set.insert(2, ())), (Ok(None), Ok(None)));
    assert_eq!(set.insert(3, ()), Err(Full((3, ()))));
    assert_eq!((set.get(&1), set.get(&3)), (Some(()), None));
    assert_eq!((set.remove(&1), set.remove(&1)), (Some(()), None));

    let set: Map<u32, (), 2, EXTRA, Spread> = Map::default();
    assert!(set.insert(1, ()).unwrap().is_none() && set.insert(2, ()).unwrap().is_none());
    assert!(set.insert(3, ()).is_err());
    assert!(set.contains_key(&1) && !set.contains_key(&3));
    assert!(set.remove(&1).is_some() && set.remove(&1).is_none());
}

#[test]
fn a_zero_sized_key_is_one_entry() {
    let map: CopyMap<(), u32, 2, 0, Spread> = CopyMap::default();
    assert_eq!(map.insert((), 1), Ok(None));
    assert_eq!(map.insert((), 2), Ok(Some(1)));
    assert_eq!((map.len(), map.remove(&())), (1, Some(2)));

    let ledger = Ledger::default();
    let map: Map<(), Counted, 2, 0, Spread> = Map::default();
    map.insert((), ledger.counted(1)).unwrap();
    assert_eq!(
        map.insert((), ledger.counted(2)).unwrap().unwrap().number,
        1
    );
    assert_eq!((map.len(), ledger.alive()), (1, 1));
    drop(map);
    ledger.assert_closed();
}

#[test]
fn nothing_to_nothing() {
    let map: CopyMap<(), (), 1, 1, Spread> = CopyMap::default();
    assert_eq!(map.insert((), ()), Ok(None));
    assert_eq!(map.insert((), ()), Ok(Some(())));
    assert_eq!(map.iter().count(), 1);
    assert_eq!(map.remove(&()), Some(()));
    let map: Map<(), (), 1, 0, Spread> = Map::default();
    let first = map.get_or_insert_with((), || ()).unwrap();
    let removed = map.remove(&()).unwrap();
    assert!(map.insert((), ()).is_err(), "two guards hold the one cell");
    drop((first, removed));
    assert!(map.insert((), ()).unwrap().is_none());
}

#[test]
fn zero_sized_values_with_drop_glue() {
    use core::cell::Cell;
    std::thread_local!(static DROPS: Cell<u32> = const { Cell::new(0) });
    struct Nothing;
    impl Drop for Nothing {
        fn drop(&mut self) {
            DROPS.set(DROPS.get() + 1);
        }
    }
    let map: Map<u8, Nothing, 3, 1, Spread> = Map::default();
    map.insert(1, Nothing).unwrap();
    map.insert(2, Nothing).unwrap();
    let replaced = map.insert(1, Nothing).unwrap();
    assert_eq!(DROPS.get(), 0);
    drop(replaced);
    assert_eq!(DROPS.get(), 1);
    drop(map.remove(&2));
    assert_eq!(DROPS.get(), 2);
    drop(map);
    assert_eq!(DROPS.get(), 3);
}

#[test]
fn large_values_in_a_guarded_map() {
    let map: Map<u32, [u64; 600], 2, 1, Spread> = Map::default();
    map.insert(1, [1; 600]).unwrap();
    map.insert(2, [2; 600]).unwrap();
    let old = map.update(&1, |old| old.map(|n| n + 9)).unwrap().unwrap();
    assert!(old.iter().all(|&n| n == 1));
    assert!(map.get(&1).unwrap().iter().all(|&n| n == 10));
    assert_eq!(map.get_copied(&2), Some([2; 600]));
}
