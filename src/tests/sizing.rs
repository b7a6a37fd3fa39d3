//! The procedure of the guide `sizing`: `N` as it says is enough in the worst case, and a smaller one is not.

use crate::{CopyMap, Map};

/// Entries at once, and guards.
const ENTRIES: usize = 4;
const GUARDS: usize = 2;
/// A task, an interrupt handler within its operation, and another one within that one's.
const CONTEXTS: usize = 3;
/// What the guide says.
const COPY_N: usize = ENTRIES + 2 * (CONTEXTS - 1);
const MAP_N: usize = COPY_N + GUARDS;

/// A map as the worst case needs it.
trait Subject {
    fn put_in(&self, key: u32) -> bool;
    fn take_out(&self, key: u32) -> bool;
    fn update(&self, key: u32, meanwhile: impl FnMut());
}

macro_rules! subject {
    ($map:ident) => {
        impl<const N: usize> Subject for $map<u32, u64, N, 0> {
            fn put_in(&self, key: u32) -> bool {
                self.insert(key, 0).is_ok()
            }

            fn take_out(&self, key: u32) -> bool {
                self.remove(&key).is_some()
            }

            fn update(&self, key: u32, mut meanwhile: impl FnMut()) {
                // It is absent at the end, or there is no cell for it.
                let _ = $map::update(self, &key, |_| {
                    meanwhile();
                    0
                });
            }
        }
    };
}

subject!(CopyMap);
subject!(Map);

/// Whether there is room for all entries while each context but the last is within an update of an entry that
/// is removed meanwhile.
fn has_room(map: &impl Subject) -> bool {
    (10..9 + ENTRIES as u32).for_each(|key| assert!(map.put_in(key)));
    interrupt(map, 10, CONTEXTS - 1)
}

/// Updates `key`; meanwhile it is removed, another one is put in, and the next context does the same. The
/// last one puts in the last entry.
fn interrupt(map: &impl Subject, key: u32, within: usize) -> bool {
    if within == 0 {
        return map.put_in(99);
    }
    let mut inserted = false;
    map.update(key, || {
        // It is called again when the entry has gone.
        if map.take_out(key) {
            inserted = map.put_in(key + 20) && interrupt(map, key + 1, within - 1);
        }
    });
    inserted
}

/// The same while guards hold other entries that were removed.
fn has_room_beside_guards<const N: usize>() -> bool {
    let map: Map<u32, u64, N, 0> = Map::new();
    let held: [_; GUARDS] = core::array::from_fn(|key| {
        assert!(map.put_in(key as u32));
        map.remove(&(key as u32)).expect("it is there")
    });
    let has_room = has_room(&map);
    assert!(held.iter().all(|held| **held == 0));
    has_room
}

#[test]
fn a_map_of_the_size_of_the_guide_has_room() {
    assert!(has_room(&CopyMap::<u32, u64, COPY_N, 0>::new()));
    assert!(has_room_beside_guards::<MAP_N>());
}

#[test]
fn a_smaller_one_has_not() {
    // (The second cell of each other context is that of an entry that it helps to remove.)
    const ONE_EACH: usize = ENTRIES + CONTEXTS - 1;
    assert!(!has_room(&CopyMap::<u32, u64, { ONE_EACH - 1 }, 0>::new()));
    assert!(!has_room_beside_guards::<{ MAP_N - 1 }>());
}
