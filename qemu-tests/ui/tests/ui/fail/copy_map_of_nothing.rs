//! `N = 0` is refused at compile time, whatever `EXTRA` and the hasher are.
use arenamap::{CopyMap, DefaultHashBuilder};

const fn make() -> CopyMap<u32, u32, 0, 16> {
    CopyMap::with_hasher(DefaultHashBuilder::new())
}

static MAP: CopyMap<u32, u32, 0, 16> = make();

fn main() {
    MAP.len();
}
