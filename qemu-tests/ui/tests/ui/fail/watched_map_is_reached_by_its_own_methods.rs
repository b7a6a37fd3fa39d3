//! What writes past the watchers is not to be had: neither the map behind, nor those of its methods that no
//! task could be told of.
use arenamap::{CopyMap, Watched};

fn main() {
    let mut map: Watched<CopyMap<u16, u32, 8>, 2> = Watched::new(CopyMap::new());
    let _ = map.map.insert(1, 10);
    let _: &CopyMap<u16, u32, 8> = &map;
    map.drain();
}
