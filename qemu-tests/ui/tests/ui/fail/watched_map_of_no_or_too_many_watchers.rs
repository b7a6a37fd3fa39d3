//! A watcher is a bit of a word.
use arenamap::{CopyMap, Watched};

static NOBODY: Watched<CopyMap<u16, u32, 8>, 0> = Watched::new(CopyMap::new());
static TOO_MANY: Watched<CopyMap<u16, u32, 8>, 65> = Watched::new(CopyMap::new());

fn main() {
    NOBODY.len();
    TOO_MANY.len();
}
