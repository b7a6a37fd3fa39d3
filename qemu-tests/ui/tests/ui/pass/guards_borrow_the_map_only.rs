//! A guard needs neither the query nor the iterator any more.
use arenamap::{Map, Ref};

type Names = Map<String, String, 4>;

fn first(map: &Names) -> Option<Ref<'_, String, String>> {
    map.iter().next()
}

fn by_number(map: &Names, number: u32) -> Option<Ref<'_, String, String>> {
    map.get(&number.to_string())
}

fn main() {
    let map = Names::new();
    assert!(map.insert("1".into(), "one".into()).is_ok());
    let found = by_number(&map, 1);
    let first = first(&map);
    let removed = {
        let query = String::from("1");
        map.remove(&query)
    };
    let texts = [found, first, removed].map(|guard| guard.unwrap().to_string());
    assert_eq!(texts, ["one"; 3]);
}
