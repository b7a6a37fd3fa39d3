//! A map that is moved keeps its entries.

use crate::CopyMap;
use std::boxed::Box;

#[test]
fn a_narrow_value_survives_a_move() {
    let map: CopyMap<u32, u8, 1> = CopyMap::new();
    map.insert(1, 10).unwrap();
    let map = Box::new(map);
    assert_eq!(map.get(&1), Some(10));
    assert_eq!(map.insert(1, 11), Ok(Some(10)));
    let map = *map;
    assert_eq!(map.remove(&1), Some(11));
}
