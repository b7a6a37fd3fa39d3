//! The error holds the entry that is there.
use arenamap::Map;

fn main() {
    let occupied = {
        let map: Map<u32, u32, 4> = Map::new();
        map.try_insert(1, 1).err()
    };
    drop(occupied);
}
