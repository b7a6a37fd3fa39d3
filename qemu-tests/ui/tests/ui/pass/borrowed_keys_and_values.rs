//! What outlives the map may be borrowed by it, and outlives it again.
use arenamap::Map;

fn main() {
    let text = String::from("a b");
    let longest = {
        let map: Map<&str, &str, 4> = Map::new();
        for word in text.split(' ') {
            assert!(map.insert(word, word).is_ok());
        }
        let guard = map.get("a").unwrap();
        *guard
    };
    assert_eq!(longest, "a");
}
