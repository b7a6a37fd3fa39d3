//! What a map holds must outlive the map: the map's own drop may look at it.
use arenamap::Map;

fn main() {
    let map: Map<&str, u32, 4> = Map::new();
    let key = String::from("short-lived");
    map.insert(&key, 1).ok();
}
