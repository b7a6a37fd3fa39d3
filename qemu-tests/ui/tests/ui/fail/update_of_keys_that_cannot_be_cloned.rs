//! `update` puts the key in a new cell; `get_copied` copies the value.
use arenamap::Map;

#[derive(PartialEq, Eq, Hash)]
struct Key;

fn main() {
    let map: Map<Key, String, 4> = Map::new();
    map.update(&Key, |old| old.clone()).ok();
    map.get_copied(&Key);
}
