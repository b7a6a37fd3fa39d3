//! A guard from `get` borrows the map.
use arenamap::Map;

fn main() {
    let guard = {
        let map: Map<u32, u32, 4> = Map::new();
        map.get(&1)
    };
    drop(guard);
}
