//! Looking up with something other than the key, errors as text, and small conveniences.

use super::config::Spread;
use crate::{CopyMap, Equivalent, Full, Map, TryInsertError};
use core::hash::{Hash, Hasher};
use std::borrow::ToOwned;
use std::format;
use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

#[test]
fn str_for_string_and_slice_for_vec() {
    let map: Map<String, Vec<u8>, 4> = Map::new();
    map.insert("one".to_owned(), vec![1]).unwrap();
    assert_eq!(*map.get("one").unwrap(), [1]);
    assert!(map.contains_key("one") && !map.contains_key("two"));
    let updated = map.update("one", |old| [old.as_slice(), &[2]].concat());
    assert_eq!(*updated.unwrap().unwrap(), [1]);
    assert_eq!(*map.remove("one").unwrap(), [1, 2]);
    assert!(map.remove("one").is_none());

    let map: Map<Vec<u8>, u8, 4> = Map::new();
    map.insert(vec![1, 2], 3).unwrap();
    assert_eq!(map.get_copied(&[1, 2][..]), Some(3));
    assert_eq!(map.get_copied(&vec![1, 2]), Some(3));
    assert_eq!(map.get_copied(&[1][..]), None);
}

#[derive(PartialEq, Eq, Hash, Clone)]
struct Flow {
    source: String,
    port: u16,
}

/// The borrowed form of a [`Flow`].
struct FlowRef<'a>(&'a str, u16);

impl Hash for FlowRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
        self.1.hash(state);
    }
}

impl Equivalent<Flow> for FlowRef<'_> {
    fn equivalent(&self, key: &Flow) -> bool {
        self.0 == key.source && self.1 == key.port
    }
}

#[test]
fn a_borrowed_form_of_ones_own() {
    for spread in [Spread::Even, Spread::OneChain, Spread::Bad] {
        let map: Map<Flow, u32, 4, 8, Spread> = Map::with_hasher(spread);
        let flow = |port| Flow {
            source: "host".to_owned(),
            port,
        };
        map.insert(flow(80), 1).unwrap();
        map.insert(flow(81), 2).unwrap();
        assert_eq!(map.get_copied(&FlowRef("host", 80)), Some(1));
        assert_eq!(map.get_copied(&FlowRef("other", 80)), None);
        assert!(
            map.update(&FlowRef("host", 81), |n| n + 1)
                .is_ok_and(|old| old.is_some())
        );
        assert_eq!(map.get_copied(&flow(81)), Some(3));
        assert_eq!(map.remove(&FlowRef("host", 80)).unwrap().key().port, 80);
    }
}

/// A number looked up by its decimal digits.
struct Digits(&'static str);

impl Hash for Digits {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.parse::<u32>().unwrap_or_default().hash(state);
    }
}

impl Equivalent<u32> for Digits {
    fn equivalent(&self, key: &u32) -> bool {
        self.0 == key.to_string()
    }
}

#[test]
fn a_copying_map_takes_equivalents_too() {
    let map: CopyMap<u32, u32, 4> = CopyMap::new();
    map.insert(17, 1).unwrap();
    assert_eq!(map.get(&Digits("17")), Some(1));
    assert_eq!(map.get(&Digits("18")), None);
    assert!(map.contains_key(&Digits("17")));
    assert_eq!(map.update(&Digits("17"), |n| n * 8), Ok(Some(1)));
    assert_eq!(map.remove(&Digits("17")), Some(8));
}

#[test]
fn errors_say_what_happened() {
    let full = Full((1, 2));
    assert_eq!(format!("{full:?}"), "Full(..)");
    assert!(full.to_string().starts_with("no room: "));
    let map: CopyMap<u8, u8, 1, 0, Spread> = CopyMap::default();
    map.try_insert(1, 10).unwrap();
    let occupied = map.try_insert(1, 11).unwrap_err();
    assert_eq!(format!("{occupied:?}"), "Occupied { .. }");
    assert_eq!(occupied.to_string(), "the key is in the map already");
    let full = map.try_insert(2, 20).unwrap_err();
    assert_eq!(full, TryInsertError::Full((2, 20)));
    assert_eq!(full.to_string(), Full(()).to_string());
    let as_error: &dyn core::error::Error = &full;
    assert!(as_error.source().is_none());
}

#[test]
fn debug_of_empty_and_filled_maps() {
    let map: Map<u8, &str, 2> = Map::default();
    let copy: CopyMap<u8, u8, 2> = CopyMap::default();
    assert_eq!(
        (format!("{map:?}"), format!("{copy:?}")),
        ("{}".into(), "{}".into())
    );
    map.insert(1, "x").unwrap();
    copy.insert(1, 7).unwrap();
    assert_eq!(format!("{map:?}"), "{1: \"x\"}");
    assert_eq!(format!("{copy:?}"), "{1: 7}");
    assert_eq!(format!("{copy:#?}"), "{\n    1: 7,\n}");
}

#[test]
fn a_seed_changes_nothing_but_the_places() {
    use crate::DefaultHashBuilder;
    for seed in [0, 1, usize::MAX, 0x5EED] {
        let map: CopyMap<u32, u32, 32> = CopyMap::with_hasher(DefaultHashBuilder::with_seed(seed));
        for key in 0..32 {
            assert_eq!(map.insert(key, !key), Ok(None));
        }
        assert!(map.is_full() && (0..32).all(|key| map.get(&key) == Some(!key)));
    }
}
