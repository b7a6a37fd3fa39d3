//! As the map behind.
use arenamap::{Map, Watched};
use std::rc::Rc;

fn main() {
    let map: Watched<Map<u32, Rc<u32>, 4>, 1> = Watched::new(Map::new());
    std::thread::scope(|scope| {
        scope.spawn(|| map.len());
    });
}
