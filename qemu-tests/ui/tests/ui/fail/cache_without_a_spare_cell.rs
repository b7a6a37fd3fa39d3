//! An insert takes a cell before it evicts.
use arenamap::Cache;

static CACHE: Cache<u16, u32, 8, 0> = Cache::new();

fn main() {
    CACHE.len();
}
