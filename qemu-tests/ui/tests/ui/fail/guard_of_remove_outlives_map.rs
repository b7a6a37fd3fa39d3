//! The removed entry borrows the map, though it is out of it.
use arenamap::Map;

fn main() {
    let guard = {
        let map: Map<u32, u32, 4> = Map::new();
        map.remove(&1)
    };
    drop(guard);
}
