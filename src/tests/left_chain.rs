//! A look-up that stands at a cell which is removed, and whose successor goes on in another chain,
//! must not go on there: the key that it wants is in the map all the while.

use crate::{Equivalent, Map, placed};
use core::cell::Cell;
use core::hash::{BuildHasherDefault, Hash, Hasher};

/// Keys below 10 are in one chain, others in another; all hashes have the same low bits.
#[derive(Default)]
struct Two(u64);

impl Hasher for Two {
    fn finish(&self) -> u64 {
        placed(self.0 << 63 | 5)
    }

    fn write(&mut self, bytes: &[u8]) {
        let key: [u8; 4] = bytes.try_into().unwrap_or_default();
        self.0 = u64::from(u32::from_ne_bytes(key) >= 10);
    }
}

type Three = Map<u32, u32, 3, 0, BuildHasherDefault<Two>>;

/// Looks for key 2. When it is compared with key 0 so many times, keys 0 and 1 go, and the cell of
/// key 1 becomes that of key 10, in the other chain.
struct Wanted<'m> {
    map: &'m Three,
    countdown: Cell<u32>,
}

impl Hash for Wanted<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        2u32.hash(state);
    }
}

impl Equivalent<u32> for Wanted<'_> {
    fn equivalent(&self, key: &u32) -> bool {
        if *key == 0 && self.countdown.replace(self.countdown.get().wrapping_sub(1)) == 1 {
            assert!(self.map.remove(&0).is_some());
            assert!(self.map.remove(&1).is_some());
            assert!(matches!(self.map.insert(10, 10), Ok(None)));
        }
        *key == 2
    }
}

fn all_chains_change_at(comparison: u32, found: impl Fn(&Three, &Wanted<'_>) -> bool) {
    let map = Three::default();
    for key in 0..3 {
        assert!(matches!(map.insert(key, key), Ok(None)));
    }
    let wanted = Wanted {
        map: &map,
        countdown: Cell::new(comparison),
    };
    assert!(found(&map, &wanted), "at comparison {comparison}");
    assert_eq!(wanted.countdown.get(), 0, "nothing happened");
    assert!(map.contains_key(&10));
}

#[test]
fn a_key_that_is_there_is_found_whatever_happens_in_front_of_it() {
    all_chains_change_at(1, |map, wanted| map.get(wanted).is_some());
    all_chains_change_at(1, |map, wanted| map.remove(wanted).is_some());
}
