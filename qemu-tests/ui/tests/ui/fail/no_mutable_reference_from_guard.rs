//! Nor through a method that wants `&mut self`, nor for the key.
use arenamap::Map;

fn main() {
    let map: Map<String, String, 4> = Map::new();
    let mut guard = map.get("a").unwrap();
    guard.push('x');
    guard.key().push('y');
    let _: &mut String = &mut guard;
}
