//! A torn copy of these would be undefined behaviour.
use arenamap::CopyMap;
use core::num::NonZeroU32;

fn main() {
    let map: CopyMap<u32, bool, 4> = CopyMap::new();
    map.get(&1);
    let map: CopyMap<char, u32, 4> = CopyMap::new();
    map.remove(&'a');
    let map: CopyMap<u32, Option<u32>, 4> = CopyMap::new();
    map.insert(1, None).ok();
    let map: CopyMap<u32, NonZeroU32, 4> = CopyMap::new();
    map.contains_key(&1);
}
