//! `N = 0` is refused at compile time.
use arenamap::Map;

static MAP: Map<u32, u32, 0> = Map::new();

fn main() {
    MAP.len();
}
