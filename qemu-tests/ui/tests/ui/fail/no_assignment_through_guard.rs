//! A guard is shared: `Deref`, never `DerefMut`.
use arenamap::Map;

fn main() {
    let map: Map<u32, u32, 4> = Map::new();
    let mut guard = map.get(&1).unwrap();
    *guard = 5;
    *guard += 1;
}
