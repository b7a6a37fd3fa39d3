//! Iterators borrow their maps.
use arenamap::{CopyMap, Map};

fn main() {
    let iter = {
        let map: Map<u32, u32, 4> = Map::new();
        map.iter()
    };
    let copy_iter = {
        let map: CopyMap<u32, u32, 4> = CopyMap::new();
        map.iter()
    };
    drop(iter);
    drop(copy_iter);
}
