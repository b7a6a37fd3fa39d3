//! A guard's fields are private, so that it can neither be made nor be taken apart.
use arenamap::{Map, Ref};

fn main() {
    let map: Map<u32, u32, 4> = Map::new();
    let Ref { guard } = map.get(&1).unwrap();
    drop(guard);
}
