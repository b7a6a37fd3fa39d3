//! A reference is not plain data: not every bit pattern is one.
use arenamap::CopyMap;

fn main() {
    let map: CopyMap<&'static str, u32, 4> = CopyMap::new();
    map.get(&"a");
    let map: CopyMap<u32, fn(), 4> = CopyMap::new();
    map.get(&1);
}
