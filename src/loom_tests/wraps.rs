//! Generations of one or two bits, which wrap inside a model: `--cfg tagged_arena_tiny`, and
//! `--cfg tagged_arena_tiny="1"` beside it for one bit.
//!
//! What is promised then: a look-up that is stopped meanwhile may say what is not so, but it changes nothing,
//! no guard dangles, and each value is dropped once.

use super::{Copies, Guarded, Token, copies, dropped_exactly, guarded, model, over, together};
use loom::thread;
use std::vec;
use tagged_arena::word::Layout;

/// A turn changes a cell's own word and a link at least twice each: after so many they have wrapped.
const TURNS: usize = 1 << (Layout::GENERATION_LIMIT - 1);

/// A look-up beside one writer: the map itself is what the writer made of it.
#[test]
fn a_look_up_beside_a_wrap_changes_nothing() {
    model(|| {
        let map = copies(&[(1, 10), (2, 20)]);
        on!(map;
        |map: &Copies| {
            for turn in 1..=TURNS {
                assert!(map.remove(&1).is_some());
                assert_eq!(map.insert(1, 10 + turn), Ok(None));
            }
        },
        |map: &Copies| {
            let seen = map.get(&1);
            let written = 10..=10 + TURNS;
            assert!(seen.is_none_or(|seen| seen == 20 || written.contains(&seen)), "{seen:?}");
        });
        assert_eq!((map.get(&1), map.get(&2)), (Some(10 + TURNS), Some(20)));
        assert_eq!((map.len(), map.stats().free), (2, 1));
    });
}

#[test]
fn a_guard_beside_a_wrap_holds_what_it_found() {
    model(|| {
        let (map, drops) = guarded(&[(1, 10)]);
        let counter = drops.clone();
        on!(map;
        move |map: &Guarded| {
            for turn in 1..=TURNS {
                drop(map.remove(&1));
                let (content, drops) = (10 + turn, counter.clone());
                assert!(map.insert(1, Token { content, drops }).is_ok(), "two cells, one guard");
            }
        },
        |map: &Guarded| {
            if let Some(one) = map.get(&1) {
                let content = one.content;
                assert!(*one.key() == 1 && (10..=10 + TURNS).contains(&content));
                thread::yield_now();
                assert_eq!((*one.key(), one.content), (1, content));
            }
        });
        assert_eq!(map.get(&1).map(|one| one.content), Some(10 + TURNS));
        dropped_exactly(map, &drops, TURNS + 1);
    });
}
