//! Models of entries that are taken out of their last guard.

use super::support::large_model as model;
use super::{Guarded, Token, dropped_exactly, guarded, over, together};
use crate::Ref;
use std::vec;

/// Whether it was the last guard: then the value is ours, and whatever others did with it is behind us.
fn unwrapped(entry: Ref<'_, usize, Token>, content: usize) -> bool {
    match Ref::try_unwrap(entry) {
        Ok((_, mut token)) => {
            assert_eq!(token.content, content);
            token.content = 7;
            true
        }
        Err(entry) => {
            assert_eq!(entry.content, content);
            false
        }
    }
}

/// Who removes an entry owns it; a look-up that was quicker keeps it from being taken out.
#[test]
fn a_removed_entry_is_taken_out_beside_a_look_up() {
    model(|| {
        let (map, drops) = guarded(&[(1, 10)]);
        let taken = on!(map;
            |map: &Guarded| map.get(&1).is_some_and(|entry| unwrapped(entry, 10)),
            |map: &Guarded| map.remove(&1).is_some_and(|entry| unwrapped(entry, 10)));
        assert_ne!(taken, [true, true], "it is there once");
        dropped_exactly(map, &drops, 1);
    });
}

/// What takes its cell afterwards has another value.
#[test]
fn a_replaced_entry_is_taken_out_beside_a_look_up() {
    model(|| {
        let (map, drops) = guarded(&[(1, 10)]);
        let new = |content| {
            let drops = drops.clone();
            Token { content, drops }
        };
        let (second, third) = (new(11), new(12));
        on!(map;
        |map: &Guarded| {
            let entry = map.get(&1).unwrap();
            let content = entry.content;
            assert!([10, 11, 12].contains(&content));
            unwrapped(entry, content)
        },
        move |map: &Guarded| {
            let old = map.insert(1, second).ok().unwrap().unwrap();
            let taken = unwrapped(old, 10);
            assert!(map.insert(1, third).is_ok());
            taken
        });
        dropped_exactly(map, &drops, 3);
    });
}
