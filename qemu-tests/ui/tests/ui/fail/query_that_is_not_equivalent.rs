//! A look-up takes what is `Equivalent` to the key.
use arenamap::{CopyMap, Map};

fn main() {
    let map: Map<String, u32, 4> = Map::new();
    map.get(&5u32);
    map.remove(&'a');
    let map: CopyMap<u32, u32, 4> = CopyMap::new();
    map.get("5");
}
