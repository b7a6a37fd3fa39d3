//! A look-up hashes what it looks for.
use arenamap::{Equivalent, Map};

struct Query;

impl Equivalent<u32> for Query {
    fn equivalent(&self, _: &u32) -> bool {
        true
    }
}

fn main() {
    let map: Map<u32, u32, 4> = Map::new();
    map.get(&Query);
}
