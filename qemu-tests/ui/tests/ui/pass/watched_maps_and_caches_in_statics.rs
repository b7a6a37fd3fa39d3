//! Shared by all, with watchers that move to other threads.
use arenamap::{Cache, CopyMap, CopySet, Map, Set, Watched};

static CACHE: Cache<u32, String, 8> = Cache::new();
static COPY_MAP: Watched<CopyMap<u32, u32, 8>, 2> = Watched::new(CopyMap::new());
static MAP: Watched<Map<u32, String, 8>, 2> = Watched::new(Map::new());
static SET: Watched<Set<String, 8>, 1> = Watched::new(Set::new());
static COPY_SET: Watched<CopySet<u32, 8>, 1> = Watched::new(CopySet::new());

fn is_sent<T: Send>(_: &T) {}

fn main() {
    let mut watcher = COPY_MAP.watcher().unwrap();
    is_sent(&watcher);
    is_sent(&watcher.changed());
    is_sent(&watcher.wait_for(&1));
    let thread = std::thread::spawn(move || drop(watcher.removed(&1)));
    assert!(thread.join().is_ok());
    assert!(MAP.insert(1, "one".into()).is_ok() && SET.insert("one".into()).is_ok());
    assert_eq!(COPY_SET.insert(1), Ok(true));
    let evicted = CACHE.insert(1, "one".into()).unwrap().evicted;
    is_sent(&evicted);
    assert!(evicted.is_none());
}
