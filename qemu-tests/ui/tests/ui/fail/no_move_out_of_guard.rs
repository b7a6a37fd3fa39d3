//! The value stays in its cell: others may read it.
use arenamap::Map;

fn main() {
    let map: Map<String, String, 4> = Map::new();
    let value: String = *map.get("a").unwrap();
    let key: String = *map.remove("a").unwrap().key();
    drop((value, key));
}
