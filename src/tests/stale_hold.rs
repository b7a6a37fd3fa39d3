//! A look-up holds a cell before it looks again at the link that led there: for a moment a cell may be
//! held that was reused meanwhile, and whose new entry could not be linked.

use super::config::{Spread, scaled};
use crate::Map;
use std::thread;

#[test]
fn an_entry_is_taken_back_while_a_look_up_holds_its_cell() {
    let map: Map<u32, u32, 4, 2, Spread> = Map::with_hasher(Spread::OneChain);
    thread::scope(|scope| {
        for id in 0..4u32 {
            let map = &map;
            scope.spawn(move || {
                for round in 0..scaled(400_000, 15) {
                    let key = (round + id) % 3;
                    match (round / 3 + id) % 4 {
                        0 => drop(map.remove(&key)),
                        1 => drop(map.try_insert(key, round)),
                        2 => drop(map.get(&key)),
                        _ => drop(map.update(&key, |old| old + 1)),
                    }
                }
            });
        }
    });
    // No cell is missing, and nothing is held any more.
    map.clear();
    assert_eq!((map.len(), map.table.arena.slots().taken()), (0, 0));
    for key in 0..4 {
        assert!(map.insert(key, key).is_ok(), "{:?}", map.stats());
    }
    assert!(map.insert(0, 1).is_ok() && map.insert(4, 4).is_err());
    let stats = map.stats();
    assert_eq!((stats.live, stats.in_progress), (4, 0));
}
