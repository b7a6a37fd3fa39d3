//! The replaced entry borrows the map.
use arenamap::Map;

fn main() {
    let guard = {
        let map: Map<u32, u32, 4> = Map::new();
        map.insert(1, 1).ok().flatten()
    };
    drop(guard);
}
