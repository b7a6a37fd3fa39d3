//! The same for values: not shorter, not longer.
use arenamap::Map;

fn shorten<'m, 'short>(
    map: &'m Map<u32, &'static str, 4>,
    _: &'short str,
) -> &'m Map<u32, &'short str, 4> {
    map
}

fn lengthen<'m, 'short>(map: &'m Map<u32, &'short str, 4>) -> &'m Map<u32, &'static str, 4> {
    map
}

fn main() {
    let map = Map::new();
    shorten(&map, "").len();
    lengthen(&map).len();
}
