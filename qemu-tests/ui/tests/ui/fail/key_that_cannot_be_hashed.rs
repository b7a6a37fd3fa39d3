//! Keys are hashed and compared.
use arenamap::Map;

#[derive(PartialEq, Eq)]
struct NoHash;

fn main() {
    let map: Map<NoHash, u32, 4> = Map::new();
    map.insert(NoHash, 1).ok();
    let map: Map<f64, u32, 4> = Map::new();
    map.insert(1.0, 1).ok();
}
