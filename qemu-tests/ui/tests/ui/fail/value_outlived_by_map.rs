//! The same for values, and for what `try_insert` and `get_or_insert_with` put in.
use arenamap::Map;

fn main() {
    let map: Map<u32, &u32, 4> = Map::new();
    {
        let value = 5;
        map.try_insert(1, &value).ok();
        map.get_or_insert_with(2, || &value).ok();
    }
    map.len();
}
