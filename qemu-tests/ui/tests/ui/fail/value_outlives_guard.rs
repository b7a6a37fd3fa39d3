//! `&V` borrows the guard, not the map: the value may go with the guard.
use arenamap::Map;

static MAP: Map<u32, String, 4> = Map::new();

fn main() {
    let value: &str = {
        let guard = MAP.get(&1).unwrap();
        &guard
    };
    println!("{value}");
}
