//! Through a map of shorter-lived keys one could put them in a map of `'static` ones.
use arenamap::Map;

fn shorten<'m, 'short>(
    map: &'m Map<&'static str, u32, 4>,
    _: &'short str,
) -> &'m Map<&'short str, u32, 4> {
    map
}

fn main() {
    let map = Map::new();
    shorten(&map, "").len();
}
