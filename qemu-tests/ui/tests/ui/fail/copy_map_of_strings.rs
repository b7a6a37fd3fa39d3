//! A `String` is not plain data.
use arenamap::CopyMap;

fn main() {
    let map: CopyMap<u32, String, 4> = CopyMap::new();
    map.insert(1, String::new()).ok();
}
