//! Dropping the map would drop what the guard reads.
use arenamap::Map;

fn main() {
    let map: Map<u32, String, 4> = Map::new();
    let guard = map.get(&1);
    drop(map);
    drop(guard);
}
