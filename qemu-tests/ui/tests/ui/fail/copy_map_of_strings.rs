//! A `String` is not plain data. One error, where the map is declared, however often it is used.
use arenamap::{CopyMap, CopySet};

static NAMES: CopyMap<u32, String, 4> = CopyMap::new();
static SEEN: CopySet<String, 4> = CopySet::new();

struct Holder {
    names: CopyMap<String, u32, 4>,
}

fn main() {
    NAMES.insert(1, String::new()).ok();
    NAMES.get(&1);
    NAMES.update(&1, |name| name.clone()).ok();
    SEEN.insert(String::new()).ok();
    SEEN.contains("a");
}
