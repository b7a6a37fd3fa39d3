//! One wait at a time, and none beyond the watcher or the map.
use arenamap::{CopyMap, Watched, Watcher};

type Levels = Watched<CopyMap<u16, u32, 8>, 2>;

fn waits(watcher: &mut Watcher<'_, CopyMap<u16, u32, 8>, 2>) {
    let one = watcher.changed();
    let other = watcher.wait_for(&1);
    drop((one, other));
}

fn watcher() -> Watcher<'static, CopyMap<u16, u32, 8>, 2> {
    let map = Levels::new(CopyMap::new());
    map.watcher().unwrap()
}

fn main() {
    let map = Levels::new(CopyMap::new());
    let mut first = map.watcher().unwrap();
    waits(&mut first);
    let changed = first.changed();
    drop(first);
    drop(changed);
    drop(watcher());
}
