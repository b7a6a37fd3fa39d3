//! Padding has no value that could be copied piece by piece.
use arenamap::CopyMap;

#[derive(Clone, Copy)]
#[repr(C)]
struct Padded {
    small: u8,
    large: u64,
}

static MAP: CopyMap<u32, Padded, 4> = CopyMap::new();

fn main() {
    MAP.get(&1);
    MAP.remove(&1);
}
