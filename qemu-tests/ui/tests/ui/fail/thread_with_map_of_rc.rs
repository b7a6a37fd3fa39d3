//! The bounds where they bite: a scoped thread.
use arenamap::Map;
use std::rc::Rc;

fn main() {
    let map: Map<u32, Rc<u32>, 4> = Map::new();
    std::thread::scope(|scope| {
        scope.spawn(|| map.len());
    });
}
