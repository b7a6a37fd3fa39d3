//! Padding has no value that could be copied piece by piece; tuples have no layout.
use arenamap::CopyMap;

#[derive(Clone, Copy)]
#[repr(C)]
struct Padded {
    small: u8,
    large: u64,
}

fn main() {
    let map: CopyMap<u32, Padded, 4> = CopyMap::new();
    map.get(&1);
    let map: CopyMap<u32, (u32, u32), 4> = CopyMap::new();
    map.get(&1);
}
