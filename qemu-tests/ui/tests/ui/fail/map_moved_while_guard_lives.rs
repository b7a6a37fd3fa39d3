//! A map that is moved leaves its guards' cells behind.
use arenamap::Map;

fn main() {
    let map: Map<u32, String, 4> = Map::new();
    let guard = map.get(&1);
    let moved = Box::new(map);
    drop((guard, moved));
}
