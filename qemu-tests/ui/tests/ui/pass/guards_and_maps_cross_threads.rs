//! A static map, a borrowed one, a guard, a moved map.
use arenamap::{CopyMap, Map};
use std::cell::Cell;
use std::thread;

static NAMES: Map<u32, String, 4> = Map::new();
static NUMBERS: CopyMap<u32, [u16; 5], 4> = CopyMap::new();

fn main() {
    let inserted = thread::spawn(|| NAMES.insert(1, "one".into()).is_ok());
    assert!(inserted.join().unwrap());
    thread::spawn(|| NUMBERS.insert(1, [1; 5]).is_ok()).join().unwrap();
    let guard = NAMES.get(&1).unwrap();
    let length = thread::spawn(move || guard.len()).join().unwrap();
    assert_eq!((length, NUMBERS.get(&1)), (3, Some([1; 5])));

    let local: Map<u32, u32, 4> = Map::new();
    thread::scope(|scope| scope.spawn(|| local.insert(1, 1).is_ok()).join().unwrap());
    assert!(local.contains_key(&1));

    // One thread at a time.
    let cells: Map<u32, Cell<u32>, 4> = Map::new();
    assert!(thread::spawn(move || cells.is_empty()).join().unwrap());
}
