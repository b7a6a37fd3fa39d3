//! The map itself is its owner's, when nobody watches it.
use arenamap::{CopyMap, Watched};

fn main() {
    let mut map: Watched<CopyMap<u16, u32, 8>, 2> = Watched::new(CopyMap::new());
    let mut watcher = map.watcher().unwrap();
    let _ = map.get_mut().insert(1, 10);
    drop(watcher.changed());
    let _ = map.into_inner().insert(1, 10);
    drop(watcher);
}
