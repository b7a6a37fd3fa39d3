//! A reference is not plain data: not every bit pattern is one, and nothing tells which.
use arenamap::CopyMap;

static NAMES: CopyMap<&str, u32, 4> = CopyMap::new();
static HANDLERS: CopyMap<u32, fn(), 4> = CopyMap::new();

fn main() {
    NAMES.get(&"a");
    HANDLERS.get(&1);
}
