//! A map is neither `Copy` nor `Clone`.
use arenamap::{CopyMap, Map};

fn main() {
    let map: Map<u32, u32, 4> = Map::new();
    let moved = map;
    map.len();
    let copy: CopyMap<u32, u32, 4> = CopyMap::new();
    let moved_too = copy;
    copy.len();
    drop((moved, moved_too));
}
