//! Models of a chain's first that leaves, of who stands at it, and of a cell that comes back.

use super::chained::*;
use super::support::large_model as model;
use super::{model_of, over, together};
use crate::table::Table;
use loom::sync::Arc;
use std::vec;

/// Whoever unlinks an entry for somebody else links to what comes next: here its replacement, of which yet
/// another context has told it.
#[test]
fn helping_passes_a_replacement_on() {
    model_of(1, || {
        let map = with_chain::<Wide>(&[1, 2], 0);
        on!(map;
            |map: &Wide| assert_eq!(map.put(2, 22), Some(20)),
            // It helps.
            |map: &Wide| assert_eq!(map.take(9), None),
            |map: &Wide| assert!(matches!(map.find(2), Some(20 | 22))));
        has(&*map, &[(1, 10), (2, 22)]);
    });
}

/// Takes the chain's first out as a removal does, and is suspended before it frees the cell, whose word goes
/// on to link to what was the second.
pub(super) fn try_take_first<T: Table>(table: &T, first: usize) -> bool {
    let bucket = table.bucket(0);
    let next = T::OWN.index(table.own(first).peek());
    let from = bucket.peek();
    let to = T::SHAPE.link.link(from, next);
    // SAFETY: it links past the first, as a removal of that one. (That has a fence behind it.)
    unsafe { bucket.relink(from, to) }
}

/// A look-up stands at a first that has left and whose own word does not tell: the bucket's does.
#[test]
fn a_look_up_at_a_first_that_has_left() {
    model(|| {
        let map = with_chain::<Wide>(&[1, 2], SEATS);
        freeze_first(&*map);
        let cells = chain(map.table());
        let first = cells[0];
        on!(map;
        move |map: &Wide| {
            assert!(try_take_first(map.table(), first));
            assert_eq!(map.take(2), Some(20));
            // In the second one's cell, which is the nearest.
            assert_eq!(map.put(3, 30), None);
        },
        |map: &Wide| {
            let three = map.find(3);
            assert!(matches!(three, None | Some(30)), "{three:?}");
        });
        assert_eq!(chain(map.table()), cells[1..]);
    });
}

/// A chain of three, and no cell is free.
fn full_with_chain() -> Arc<Wide> {
    let map = with_chain::<Wide>(&[1, 2, 3], SEATS);
    for key in ELSEWHERE..ELSEWHERE + map.census().free {
        assert_eq!(map.put(key, 10 * key), None);
    }
    assert_eq!(map.census().free, 0);
    map
}

/// What goes on beside another operation: the first leaves, its cell comes back behind the second, which
/// leaves then. So the same cell is the first again.
fn the_first_comes_back(map: &Wide) {
    assert_eq!(map.take(1), Some(10));
    assert_eq!(map.put(3, 31), Some(30));
    assert_eq!(map.take(2), Some(20));
}

#[test]
fn a_look_up_beside_a_first_that_comes_back() {
    model(|| {
        let map = full_with_chain();
        let found = on!(map;
        |map: &Wide| map.find(3),
        |map: &Wide| {
            the_first_comes_back(map);
            None
        });
        assert!(matches!(found[0], Some(30 | 31)), "{found:?}");
    });
}

/// The value is frozen, then the cell is another entry's of the same key: that one stays.
#[test]
fn a_removal_beside_an_insert_into_its_cell() {
    model(|| {
        let map = with_chain::<Narrow>(&[1, 2, 3], SEATS);
        assert_eq!(map.put(THERE, 0), None);
        let done = on!(map;
            |map: &Narrow| Ok(map.take(2)),
            |map: &Narrow| map.insert(2, 22).map(|old| old.map(|old| old as usize)));
        let now = match done[..] {
            [Ok(Some(20)), Ok(None)] => Some(22),
            // Refused while the removed entry's cell was not free yet.
            [Ok(Some(20)), Err(_)] | [Ok(Some(22)), Ok(Some(20))] => None,
            _ => panic!("{done:?}"),
        };
        assert_eq!(map.find(2), now);
    });
}
