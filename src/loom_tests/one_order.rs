//! Operations on different keys in one order, and what a refusal says, by two contexts.

use super::{OneChain, TwoChains, model, over, together};
use crate::{CopyMap, Map};
use loom::sync::Arc;
use std::vec;

type TwoCopies = CopyMap<usize, usize, 4, 0, TwoChains>;
type TwoNarrow = CopyMap<usize, u32, 4, 0, TwoChains>;
type TwoMap = Map<usize, usize, 4, 0, TwoChains>;

/// Store buffering: each context's insert has returned before its look-up begins; one must see the other's.
#[test]
fn sb_copy_map() {
    model(|| {
        let map = Arc::new(TwoCopies::default());
        let got = on!(map;
            |map: &TwoCopies| { assert_eq!(map.insert(2, 20), Ok(None)); map.get(&1) },
            |map: &TwoCopies| { assert_eq!(map.insert(1, 10), Ok(None)); map.get(&2) });
        assert_ne!(got, [None, None], "neither insert was seen");
    });
}
#[test]
fn sb_map() {
    model(|| {
        let map = Arc::new(TwoMap::default());
        let got = on!(map;
            |map: &TwoMap| { assert!(map.insert(2, 20).is_ok()); map.contains_key(&1) },
            |map: &TwoMap| { assert!(map.insert(1, 10).is_ok()); map.contains_key(&2) });
        assert_ne!(got, [false, false], "neither insert was seen");
    });
}
#[test]
fn sb_narrow() {
    model(|| {
        let map = TwoNarrow::default();
        for key in [1, 2] {
            assert_eq!(map.insert(key, 0), Ok(None));
        }
        let map = Arc::new(map);
        let got = on!(map;
            |map: &TwoNarrow| { assert_eq!(map.insert(2, 20), Ok(Some(0))); map.get(&1) },
            |map: &TwoNarrow| { assert_eq!(map.insert(1, 10), Ok(Some(0))); map.get(&2) });
        assert_ne!(got, [Some(0), Some(0)], "neither change was seen");
    });
}
#[test]
fn sb_remove() {
    model(|| {
        let map = TwoCopies::default();
        for key in [1, 2] {
            assert_eq!(map.insert(key, 0), Ok(None));
        }
        let map = Arc::new(map);
        let got = on!(map;
            |map: &TwoCopies| { map.remove(&2); map.get(&1) },
            |map: &TwoCopies| { map.remove(&1); map.get(&2) });
        assert_ne!(got, [Some(0), Some(0)], "neither removal was seen");
    });
}

/// At every instant either key 1 is there (and a spare is free) or an ordinary cell is free.
#[test]
fn full_though_present() {
    type Two = CopyMap<usize, usize, 2, 1, OneChain>;
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
