//! Assigning to a map drops the old one.
use arenamap::Map;

fn main() {
    let mut map: Map<u32, String, 4> = Map::new();
    let guard = map.get(&1);
    map = Map::new();
    drop(guard);
    drop(map);
}
