//! `get_or_insert_with` and `update` return guards, too.
use arenamap::Map;

fn main() {
    let made = {
        let map: Map<u32, u32, 4> = Map::new();
        map.get_or_insert_with(1, || 1).ok()
    };
    let updated = {
        let map: Map<u32, u32, 4> = Map::new();
        map.update(&1, |n| n + 1).ok().flatten()
    };
    drop((made, updated));
}
