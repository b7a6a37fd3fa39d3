//! Keys and values with memory of their own: a leak or a double free shows under Miri.

use super::config::{Spread, scaled};
use crate::Map;
use core::cell::{Cell, RefCell};
use std::borrow::ToOwned;
use std::boxed::Box;
use std::format;
use std::rc::Rc;
use std::string::String;
use std::vec::Vec;

#[test]
fn strings_and_vectors() {
    let rounds = scaled(30, 9) as usize;
    for spread in [Spread::Even, Spread::OneChain] {
        let map: Map<String, Vec<String>, 3, 2, Spread> = Map::with_hasher(spread);
        let text = |n: usize| format!("text number {n}");
        for round in 0..rounds {
            let key = text(round % 3);
            let replaced = map.insert(key.clone(), [text(round)].to_vec()).unwrap();
            assert_eq!(replaced.is_some(), round >= 3);
            if let Some(old) = replaced {
                assert_eq!(*old, [text(round - 3)]);
            }
            let grown = map.update(key.as_str(), |old| [old.as_slice(), &[text(99)]].concat());
            assert_eq!(*grown.unwrap().unwrap(), [text(round)]);
            assert_eq!(*map.get(&key).unwrap(), [text(round), text(99)]);
            map.update(&key, |_| [text(round)].to_vec()).unwrap();
        }
        let (key, value) = match map.insert(text(7), Vec::new()) {
            Err(crate::Full(pair)) => pair,
            Ok(_) => panic!("three are in"),
        };
        assert_eq!((key, value), (text(7), Vec::new()));
        assert_eq!(*map.remove(text(1).as_str()).unwrap(), [text(rounds - 2)]);
    }
}

#[test]
fn boxes_move_in_and_are_read_in_place() {
    let map: Map<Box<u32>, Box<[u64]>, 2, 1, Spread> = Map::default();
    map.insert(Box::new(1), Box::new([1, 2, 3])).unwrap();
    let guard = map.get(&Box::new(1)).unwrap();
    let address = guard.as_ptr();
    let removed = map.remove(&Box::new(1)).unwrap();
    assert_eq!((removed.as_ptr(), removed.len()), (address, 3));
    drop(removed);
    assert_eq!(**guard, [1, 2, 3]);
}

#[test]
fn reference_counts_go_up_and_down_with_the_entries() {
    let shared = Rc::new(Cell::new(0));
    let map: Map<Rc<str>, Rc<Cell<u32>>, 4, 1, Spread> = Map::default();
    for key in ["a", "b", "c"] {
        map.insert(key.into(), shared.clone()).unwrap();
    }
    assert_eq!(Rc::strong_count(&shared), 4);
    for guard in &map {
        guard.set(guard.get() + 1);
    }
    assert_eq!(shared.get(), 3);
    map.insert("a".into(), Rc::default()).unwrap();
    assert_eq!(Rc::strong_count(&shared), 3);
    let removed = map.remove("b").unwrap();
    assert_eq!(Rc::strong_count(&shared), 3);
    drop(removed);
    assert_eq!(Rc::strong_count(&shared), 2);
    drop(map);
    assert_eq!(Rc::strong_count(&shared), 1);
}

#[test]
fn values_with_inner_mutability() {
    let map: Map<u8, RefCell<String>, 2> = Map::new();
    map.insert(1, RefCell::new("a".to_owned())).unwrap();
    let one = map.get(&1).unwrap();
    map.get(&1).unwrap().borrow_mut().push('b');
    map.remove(&1).unwrap().borrow_mut().push('c');
    assert_eq!(*one.borrow(), "abc");
}

#[test]
fn values_may_borrow_from_outside() {
    let text = "one two three".to_owned();
    let map: Map<&str, &str, 4> = Map::new();
    for word in text.split(' ') {
        map.insert(word, &word[1..]).unwrap();
    }
    assert_eq!(map.get_copied("two"), Some("wo"));
    let kept = map.get("three").map(|guard| *guard.key());
    drop(map);
    assert_eq!(kept, Some("three"));
}

#[test]
fn functions_and_trait_objects() {
    let map: Map<&str, Box<dyn Fn(u32) -> u32>, 4> = Map::new();
    let by = 3;
    map.insert("add", Box::new(move |n| n + by)).unwrap();
    map.insert("times", Box::new(move |n| n * by)).unwrap();
    assert_eq!(map.get("add").unwrap()(5), 8);
    assert_eq!(map.remove("times").unwrap()(5), 15);
}

#[test]
fn a_static_map_is_ready_without_set_up() {
    static MAP: Map<&str, String, 8> = Map::new();
    MAP.insert("a", "first".to_owned()).unwrap();
    let guard = MAP.get("a").unwrap();
    drop(MAP.remove("a"));
    assert_eq!(*guard, "first");
    drop(guard);
    assert_eq!(MAP.stats().free, 16);
}
