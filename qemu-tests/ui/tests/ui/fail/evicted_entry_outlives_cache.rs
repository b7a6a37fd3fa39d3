//! What an insert gives back is a guard as any other.
use arenamap::Cache;

fn main() {
    let evicted = {
        let cache: Cache<u16, String, 1> = Cache::new();
        cache.insert(1, "one".into()).unwrap();
        cache.insert(2, "two".into()).unwrap().evicted
    };
    drop(evicted);
}
