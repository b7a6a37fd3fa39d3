//! `heapless`: exact lengths, and what does not fit.

use crate::{CopyMap, CopySet, Full, Map, Set};
use heapless::Vec;
use heapless::index_map::FnvIndexMap;
use std::string::{String, ToString};

type Copies = CopyMap<u16, u32, 4, 2>;
type Guarded = Map<u16, String, 4, 2>;

#[test]
fn a_snapshot_is_as_long_as_there_are_entries() {
    let map = Copies::default();
    assert_eq!(map.snapshot::<0>(), Ok(Vec::new()));
    for key in 1..=4 {
        assert_eq!(map.insert(key, 10), Ok(None));
        let mut pairs = map.snapshot::<4>().unwrap();
        pairs.sort_unstable();
        assert!(pairs.into_iter().eq((1..=key).map(|key| (key, 10))));
    }
    let Err(Full(some)) = map.snapshot::<3>() else {
        panic!("there are four");
    };
    assert!(
        some.len() == 3
            && some
                .iter()
                .all(|&(key, value)| map.get(&key) == Some(value))
    );
}

#[test]
fn a_snapshot_of_guards_keeps_what_was_there() {
    let map: Guarded = [(1, "one".to_string()), (2, "two".to_string())]
        .try_into()
        .unwrap();
    let entries = map.snapshot::<2>().unwrap();
    map.clear();
    assert_eq!((map.len(), map.stats().removed), (0, 2));
    let mut names: Vec<(u16, &str), 2> = entries
        .iter()
        .map(|entry| (*entry.key(), entry.as_str()))
        .collect();
    names.sort_unstable();
    assert_eq!(names, [(1, "one"), (2, "two")]);
    drop(names);
    drop(entries);
    assert_eq!(map.stats().free, map.cells());
    assert!(map.insert(3, String::new()).is_ok());
    assert!(map.snapshot::<0>().is_err_and(|none| none.0.is_empty()));
}

#[test]
fn sets_have_snapshots_too() {
    let copies: CopySet<u16, 4> = CopySet::new();
    let members: Set<String, 4> = Set::new();
    assert!(copies.insert(7).is_ok() && members.insert("seven".to_string()).is_ok());
    assert_eq!(copies.snapshot::<1>().unwrap(), [7]);
    assert_eq!(*members.snapshot::<1>().unwrap()[0], "seven");
    assert!(copies.snapshot::<0>().is_err() && members.snapshot::<0>().is_err());
}

#[test]
fn an_index_map_comes_and_goes() {
    let mut index: FnvIndexMap<u16, u32, 8> = FnvIndexMap::new();
    for key in 0..4 {
        assert_eq!(index.insert(key, u32::from(key)), Ok(None));
    }
    let map = Copies::try_from(index.clone()).unwrap();
    assert_eq!(map.len(), 4);
    assert_eq!(FnvIndexMap::<u16, u32, 4>::try_from(&map).unwrap(), {
        let mut same = FnvIndexMap::<u16, u32, 4>::new();
        same.extend(index.clone());
        same
    });
    let Err(Full(two)) = FnvIndexMap::<u16, u32, 2>::try_from(&map) else {
        panic!("there are four");
    };
    assert_eq!(two.len(), 2);
    // One more than fits: all of them come back.
    assert_eq!(index.insert(9, 9), Ok(None));
    assert_eq!(Copies::try_from(index.clone()).unwrap_err().0, index);
}

#[test]
fn a_vector_of_pairs_becomes_a_map() {
    let pairs: Vec<(u16, String), 8> = [(1, "a"), (2, "b"), (1, "c")]
        .map(|(key, value)| (key, value.to_string()))
        .into_iter()
        .collect();
    let map = Guarded::try_from(pairs.clone()).unwrap();
    assert_eq!((map.len(), map.get(&1).unwrap().as_str()), (2, "c"));
    let mut five = pairs.clone();
    five.extend(pairs.iter().take(2).cloned());
    assert_eq!(five.len(), 5);
    assert_eq!(Guarded::try_from(five.clone()).unwrap_err().0, five);
}
