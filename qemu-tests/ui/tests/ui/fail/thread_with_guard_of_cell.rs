//! The bounds where they bite: a guard moved to a scoped thread.
use arenamap::Map;
use std::cell::Cell;

fn main() {
    let map: Map<u32, Cell<u32>, 4> = Map::new();
    let guard = map.get(&1).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || guard.set(5));
    });
}
