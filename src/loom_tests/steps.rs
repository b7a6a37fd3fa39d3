//! Models of single steps that the others leave alone: who is told that the map is full, keys of several
//! pieces, and cells of a chain that are filled and not linked yet.

use super::chained::{ELSEWHERE, Ends};
use super::reuse::OneBucket;
use super::*;
use crate::{Equivalent, TryInsertError};
use core::hash::Hash;

/// Both pieces of a key are always equal.
#[derive(Hash)]
struct Whole(usize);

impl Equivalent<[usize; 2]> for Whole {
    fn equivalent(&self, key: &[usize; 2]) -> bool {
        assert_eq!(key[0], key[1], "a mixture of two keys");
        key[0] == self.0
    }
}

/// A key of two pieces is compared once it is known to be one that was there.
#[test]
fn a_key_of_two_pieces_is_compared_whole() {
    type One = CopyMap<[usize; 2], usize, 1, 0, OneChain>;
    model(|| {
        let map = One::default();
        assert_eq!(map.insert([1, 1], 10), Ok(None));
        let map = Arc::new(map);
        on!(map;
        |map: &One| {
            assert_eq!(map.remove(&Whole(1)), Some(10));
            assert_eq!(map.insert([2, 2], 20), Ok(None));
        },
        |map: &One| assert!(matches!(map.get(&Whole(1)), None | Some(10))));
    });
}

/// At every instant either key 1 is there (and a spare is free) or an ordinary cell is free: nobody who wants
/// to put it in is refused.
#[test]
fn full_though_a_guarded_entry_is_present() {
    type Two = Map<usize, usize, 2, 1, OneChain>;
    model(|| {
        let map = Arc::new(Two::default());
        on!(map;
        |map: &Two| assert!(map.insert(1, 10).is_ok(), "refused"),
        |map: &Two| {
            if map.insert(1, 20).is_ok() {
                let _ = map.insert(2, 30);
            }
        });
    });
}

#[test]
fn full_though_a_guarded_entry_is_occupied() {
    type Two = Map<usize, usize, 2, 1, OneChain>;
    model(|| {
        let map = Arc::new(Two::default());
        on!(map;
        |map: &Two| {
            let put = map.try_insert(1, 10);
            assert!(!matches!(put, Err(TryInsertError::Full(_))), "refused");
        },
        |map: &Two| {
            if map.insert(1, 20).is_ok() {
                let _ = map.insert(2, 30);
            }
        });
    });
}

/// While the key is there a cell is free: no change of it is refused.
#[test]
fn full_though_an_entry_that_is_to_be_changed_has_gone() {
    type Two = CopyMap<usize, usize, 2, 0, OneChain>;
    model(|| {
        let map = Two::default();
        assert_eq!(map.insert(1, 10), Ok(None));
        let map = Arc::new(map);
        on!(map;
        |map: &Two| assert!(map.update(&1, |n| n + 1).is_ok(), "refused"),
        |map: &Two| {
            assert!(matches!(map.remove(&1), Some(10 | 11)));
            let _ = (map.insert(2, 20), map.insert(3, 30));
        });
    });
}

#[test]
fn full_though_a_guarded_entry_that_is_to_be_changed_has_gone() {
    type Two = Map<usize, usize, 2, 0, OneChain>;
    model(|| {
        let map = Two::default();
        assert!(map.insert(1, 10).is_ok());
        let map = Arc::new(map);
        on!(map;
        |map: &Two| assert!(map.update(&1, |n| n + 1).is_ok(), "refused"),
        |map: &Two| {
            assert!(map.remove(&1).is_some());
            let _ = (map.insert(2, 20).is_ok(), map.insert(3, 30).is_ok());
        });
    });
}

const CELLS: usize = 7;
/// The seats of the first bucket: as many entries before an entry comes to its chain.
const SEATS: usize = 4;
/// The same where every seat is taken, and cells are free elsewhere.
#[test]
fn full_though_an_entry_in_a_seat_that_is_to_be_changed_has_gone() {
    type Seven = CopyMap<usize, usize, CELLS, 0, Ends>;
    large_model(|| {
        let map = Seven::default();
        for key in 100..100 + SEATS {
            assert_eq!(map.insert(key, 10), Ok(None));
        }
        let map = Arc::new(map);
        on!(map;
        |map: &Seven| assert!(map.update(&100, |n| n + 1).is_ok(), "refused"),
        |map: &Seven| {
            assert!(matches!(map.remove(&100), Some(10 | 11)));
            for key in ELSEWHERE..ELSEWHERE + CELLS - SEATS + 1 {
                let _ = map.insert(key, 0);
            }
        });
    });
}

/// At every instant either key 1 is there, and a spare is free, or an ordinary cell is free.
#[test]
fn full_though_an_entry_has_come() {
    type Six = CopyMap<usize, usize, { CELLS - 1 }, 1, Ends>;
    large_model(|| {
        let map = Six::default();
        for key in 100..100 + SEATS {
            assert_eq!(map.insert(key, 10), Ok(None));
        }
        let map = Arc::new(map);
        on!(map;
        |map: &Six| assert!(map.insert(1, 10).is_ok(), "refused"),
        |map: &Six| {
            if map.insert(1, 20).is_ok() {
                let _ = map.insert(ELSEWHERE, 30);
            }
        });
    });
}

/// A spare is claimed for a replacement, and there is nothing to replace any more: the map does not grow.
#[test]
fn a_spare_is_not_for_a_new_entry() {
    type One = CopyMap<usize, usize, 1, 1, OneChain>;
    model(|| {
        let map = One::default();
        assert_eq!(map.insert(1, 10), Ok(None));
        let map = Arc::new(map);
        on!(map;
        // Refused while the other one has removed the key and not freed its cell yet.
        |map: &One| map.insert(1, 11).is_ok(),
        |map: &One| map.remove(&1).is_some());
        let _ = map.insert(2, 20);
        assert_eq!(map.len(), 1);
    });
}

#[test]
fn a_spare_is_not_for_a_new_guarded_entry() {
    type One = Map<usize, usize, 1, 1, OneChain>;
    model(|| {
        let map = One::default();
        assert!(map.insert(1, 10).is_ok());
        let map = Arc::new(map);
        on!(map;
        |map: &One| map.insert(1, 11).is_ok(),
        |map: &One| map.remove(&1).is_some());
        let _ = map.insert(2, 20).is_ok();
        assert_eq!(map.len(), 1);
    });
}

/// The same behind another entry of a chain, whose removal leaves the bucket's word as it is.
#[test]
fn full_though_an_entry_of_a_chain_that_is_to_be_changed_has_gone() {
    type Seven = CopyMap<usize, usize, CELLS, 0, Ends>;
    model(|| {
        let map = Seven::default();
        for key in (100..100 + SEATS).chain([1, 2]) {
            assert_eq!(map.insert(key, 10 * key), Ok(None));
        }
        let map = Arc::new(map);
        on!(map;
        |map: &Seven| assert!(map.update(&1, |n| n + 1).is_ok(), "refused"),
        |map: &Seven| {
            assert!(matches!(map.remove(&1), Some(10 | 11)));
            for key in ELSEWHERE..ELSEWHERE + 2 {
                let _ = map.insert(key, 0);
            }
        });
    });
}

#[test]
fn full_though_a_guarded_entry_of_a_chain_that_is_to_be_changed_has_gone() {
    type Seven = Map<usize, usize, CELLS, 0, Ends>;
    model(|| {
        let map = Seven::default();
        for key in (100..100 + SEATS).chain([1, 2]) {
            assert!(map.insert(key, 10 * key).is_ok());
        }
        let map = Arc::new(map);
        on!(map;
        |map: &Seven| assert!(map.update(&1, |n| n + 1).is_ok(), "refused"),
        |map: &Seven| {
            assert!(map.remove(&1).is_some());
            for key in ELSEWHERE..ELSEWHERE + 2 {
                let _ = map.insert(key, 0);
            }
        });
    });
}

/// Whoever unlinks what is behind an entry that its inserter has not made live yet makes it live: the
/// inserter tries once. (The keys' hashes differ, so that nobody does it on the way.)
#[test]
fn an_entry_is_live_once_one_behind_it_is_unlinked() {
    type Seven = Map<usize, usize, CELLS, 0, OneBucket>;
    model(|| {
        let map = Seven::default();
        for key in (100..100 + SEATS).chain([2]) {
            assert!(map.insert(key, 10 * key).is_ok());
        }
        let map = Arc::new(map);
        on!(map;
            |map: &Seven| assert!(map.insert(1, 10).is_ok()),
            |map: &Seven| assert!(map.remove(&2).is_some()));
        let stats = map.stats();
        assert_eq!(
            (stats.live, stats.in_progress, map.len()),
            (SEATS + 1, 0, SEATS + 1)
        );
    });
}

/// A look-up comes by an old link to a cell that is filled anew and not linked: nobody but its owner makes it
/// live, who may have to take it back.
#[test]
fn a_cell_that_is_not_linked_is_left_to_its_owner() {
    type Seven = Map<usize, usize, CELLS, 0, OneChain>;
    model(|| {
        let map = Seven::default();
        // Full: so the cell of key 1 is the next that is claimed.
        for key in (100..100 + SEATS).chain([3, 1, 2]) {
            assert!(map.insert(key, 10 * key).is_ok());
        }
        let map = Arc::new(map);
        on!(map;
        |map: &Seven| {
            assert!(map.remove(&1).is_some());
            // Refused while the other one holds the cell.
            let _ = map.insert(4, 40);
        },
        |map: &Seven| {
            assert!(map.get(&9).is_none());
            // The bucket is another one.
            assert!(map.remove(&100).is_some());
        });
    });
}
