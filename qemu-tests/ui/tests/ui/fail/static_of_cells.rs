//! A static is shared with every thread.
use arenamap::Map;
use std::cell::Cell;

static MAP: Map<u32, Cell<u32>, 4> = Map::new();

fn main() {
    MAP.len();
}
