//! Races of three, and refusals beside claims, retired cells and reuse.

use super::{Guarded, OneChain, Token, TwoChains, dropped_exactly, guarded, model, over, together};
use crate::{CopyMap, Map};
use loom::sync::Arc;
use std::vec;

/// Two insert one key, a third removes it, perhaps before its inserter knows that it is in: what each says
/// must fit one order.
fn winners(put: [bool; 2], removed: Option<usize>, left: Option<usize>) {
    let values = [10, 20];
    let winner = |value| values.iter().position(|&v| v == value).map(|at| put[at]);
    match (removed, left) {
        (None, Some(left)) => assert!(put[0] != put[1] && winner(left) == Some(true)),
        (Some(removed), None) => assert!(put[0] != put[1] && winner(removed) == Some(true)),
        (Some(removed), Some(left)) => assert!(put[0] && put[1] && removed != left),
        (None, None) => panic!("nobody has inserted"),
    }
}

#[test]
fn two_inserts_and_a_removal() {
    type Two = CopyMap<usize, usize, 2, 0, OneChain>;
    model(|| {
        let map = Arc::new(Two::default());
        let said = on!(map;
            |map: &Two| map.try_insert(1, 10).is_ok().then_some(10),
            |map: &Two| map.try_insert(1, 20).is_ok().then_some(20),
            |map: &Two| map.remove(&1));
        winners([said[0].is_some(), said[1].is_some()], said[2], map.get(&1));
        assert_eq!(map.stats().free, 2 - map.len());
    });
}

#[test]
fn two_guarded_inserts_and_a_removal() {
    type Two = Map<usize, usize, 2, 0, OneChain>;
    model(|| {
        let map = Arc::new(Two::default());
        let said = on!(map;
            |map: &Two| map.try_insert(1, 10).is_ok().then_some(10),
            |map: &Two| map.try_insert(1, 20).is_ok().then_some(20),
            |map: &Two| map.remove(&1).map(|old| *old));
        let left = map.get(&1).map(|entry| *entry);
        winners([said[0].is_some(), said[1].is_some()], said[2], left);
    });
}

/// The third holds an entry that has only just been put in.
#[test]
fn two_guarded_inserts_and_a_look_up() {
    model(|| {
        let (map, drops) = guarded(&[]);
        let put = |content| {
            let drops = drops.clone();
            move |map: &Guarded| {
                let new = map.try_insert(1, Token { content, drops });
                new.is_ok().then_some(content)
            }
        };
        let said = on!(map;
            put(10),
            put(20),
            |map: &Guarded| map.get(&1).map(|entry| entry.content));
        let left = map.get(&1).map(|entry| entry.content);
        winners([said[0].is_some(), said[1].is_some()], None, left);
        assert!(said[2].is_none() || said[2] == left);
        dropped_exactly(map, &drops, 2);
    });
}

/// Three cells for three keys. Both claim one for the first key, and one of them gives it back and claims
/// again: at every instant a cell is free for whoever wants one, so nobody is refused.
#[test]
fn a_claim_that_is_given_back_refuses_nobody() {
    type Three = CopyMap<usize, usize, 3, 0, TwoChains>;
    model(|| {
        let map = Arc::new(Three::default());
        let put = on!(map;
            |map: &Three| (map.try_insert(1, 10).is_ok(), map.insert(2, 20).is_ok()),
            |map: &Three| (map.try_insert(1, 10).is_ok(), map.insert(3, 30).is_ok()));
        assert!(put[0].0 != put[1].0 && put[0].1 && put[1].1, "{put:?}");
        assert_eq!((map.len(), map.stats().free), (3, 0));
        assert!(map.insert(4, 40).is_err());
    });
}

#[test]
fn a_guarded_claim_that_is_given_back_refuses_nobody() {
    type Three = Map<usize, usize, 3, 0, TwoChains>;
    model(|| {
        let map = Arc::new(Three::default());
        let put = on!(map;
            |map: &Three| (map.try_insert(1, 10).is_ok(), map.insert(2, 20).is_ok()),
            |map: &Three| (map.try_insert(1, 10).is_ok(), map.insert(3, 30).is_ok()));
        assert!(put[0].0 != put[1].0 && put[0].1 && put[1].1, "{put:?}");
        assert!(map.len() == 3 && map.insert(4, 40).is_err());
    });
}

/// A removed entry that a guard holds is found by two claims, which put its cell back: it is free when the
/// guard is gone, and with two cells and one guard one claim at least succeeds.
#[test]
fn a_held_removed_cell_is_put_back() {
    type Two = Map<usize, usize, 2, 0, OneChain>;
    model(|| {
        let map = Two::default();
        assert!(map.insert(1, 10).is_ok());
        let map = Arc::new(map);
        let said = on!(map;
        |map: &Two| map.get(&1).is_none_or(|one| *one == 10),
        |map: &Two| {
            drop(map.remove(&1));
            let two = map.insert(2, 20).is_ok();
            let three = map.insert(3, 30).is_ok();
            assert!(two, "two cells, one guard");
            three
        });
        assert!(said[0]);
        if !said[1] {
            assert!(map.insert(3, 30).is_ok(), "the cell is lost");
        }
        assert_eq!((map.len(), map.get(&2).is_some()), (2, true));
    });
}

/// A key beside one that goes, whose cell becomes another one's, which goes, too.
#[test]
fn reader_against_reuse_and_removal() {
    type Three = CopyMap<usize, usize, 3, 0, TwoChains>;
    model(|| {
        let map = Three::default();
        for key in [2, 4] {
            assert_eq!(map.insert(key, key * 10), Ok(None));
        }
        let map = Arc::new(map);
        on!(map;
        |map: &Three| {
            assert_eq!(map.remove(&2), Some(20));
            assert_eq!(map.insert(1, 10), Ok(None));
            assert_eq!(map.remove(&1), Some(10));
        },
        |map: &Three| assert_eq!(map.get(&4), Some(40), "in the map all the while"));
    });
}

#[test]
fn guarded_reader_against_reuse_and_removal() {
    type Three = Map<usize, usize, 3, 0, TwoChains>;
    model(|| {
        let map = Three::default();
        for key in [2, 4] {
            assert!(map.insert(key, key * 10).is_ok());
        }
        let map = Arc::new(map);
        on!(map;
        |map: &Three| {
            assert!(map.remove(&2).is_some_and(|old| *old == 20));
            assert!(map.insert(1, 10).is_ok());
            assert!(map.remove(&1).is_some_and(|old| *old == 10));
        },
        |map: &Three| {
            let four = map.get(&4).map(|four| *four);
            assert_eq!(four, Some(40), "in the map all the while");
        });
    });
}
