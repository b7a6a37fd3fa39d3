//! What an iterator yields borrows the map, not the iterator.
use arenamap::Map;

fn main() {
    let guard = {
        let map: Map<u32, u32, 4> = Map::new();
        map.iter().next()
    };
    drop(guard);
}
