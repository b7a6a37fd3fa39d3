//! After: no mask, and the functions have the same faces.

use arenamap::CopyMap;

static TABLE: CopyMap<u32, u32, 64> = CopyMap::new();

pub fn put(key: u32, value: u32) -> Option<u32> {
    TABLE.insert(key, value).expect("there is room")
}

pub fn get(key: u32) -> Option<u32> {
    TABLE.get(&key)
}

pub fn take(key: u32) -> Option<u32> {
    TABLE.remove(&key)
}
