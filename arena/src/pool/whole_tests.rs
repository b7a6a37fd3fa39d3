use super::super::{Full, Id, Pool};
use crate::cells::Want;
use core::cell::Cell;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::string::{String, ToString};
use std::vec::Vec;

fn filled<const N: usize>(values: &[&str]) -> (Pool<String, N>, Vec<Id>) {
    let pool = Pool::new();
    let ids = values
        .iter()
        .map(|value| pool.insert(value.to_string()).unwrap());
    let ids = ids.collect();
    (pool, ids)
}

/// All that go in until it is full.
fn room<const N: usize>(pool: &Pool<String, N>) -> usize {
    let mut room = 0;
    while pool.insert("more".to_string()).is_ok() {
        room += 1;
    }
    room
}

/// Whether none of them names anything. (With generations of two bits one may name a newer value.)
fn stale<const N: usize>(pool: &Pool<String, N>, ids: &[Id]) -> bool {
    cfg!(tagged_arena_tiny) || ids.iter().all(|&id| pool.get(id).is_none())
}

/// Counts its drops; panics in the first but so many.
struct Dropped(Rc<Cell<u32>>, u32);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
        assert_ne!(self.0.get(), self.1, "this drop panics");
    }
}

#[test]
fn each_live_value_comes_once_with_its_identifier() {
    let (pool, ids) = filled::<5>(&["a", "b", "c", "d"]);
    pool.remove(ids[1]);
    let mut found: Vec<_> = pool.iter().map(|(id, value)| (id, value.clone())).collect();
    found.sort_by(|a, b| a.1.cmp(&b.1));
    let there = [(ids[0], "a"), (ids[2], "c"), (ids[3], "d")];
    assert!(found.iter().map(|(id, value)| (*id, &**value)).eq(there));
    let mut iter = pool.iter();
    assert_eq!(iter.by_ref().count(), 3);
    assert!(iter.next().is_none());
}

#[test]
fn what_is_removed_while_it_is_yielded_can_be_read() {
    let (pool, _) = filled::<3>(&["a", "b", "c"]);
    let mut seen = Vec::new();
    for (id, value) in &pool {
        assert!(pool.remove(id).is_some());
        seen.push(value.clone());
    }
    seen.sort();
    assert_eq!(seen, ["a", "b", "c"]);
    assert!(pool.is_empty() && pool.iter().next().is_none());
    assert_eq!(room(&pool), 3);
}

#[test]
fn cleared_it_has_all_its_room() {
    let (pool, ids) = filled::<4>(&["a", "b", "c", "d"]);
    let held = pool.get(ids[2]).unwrap();
    pool.clear();
    assert!(pool.is_empty() && stale(&pool, &ids));
    assert_eq!(*held, "c");
    assert_eq!(room(&pool), 3);
    drop(held);
    assert_eq!(room(&pool), 1);
}

#[test]
fn values_are_changed_where_they_are() {
    let (mut pool, ids) = filled::<2>(&["a", "b"]);
    pool.get_mut(ids[1]).unwrap().push('!');
    assert_eq!(pool.get(ids[1]).as_deref().map(String::as_str), Some("b!"));
    pool.remove(ids[0]);
    assert!(pool.get_mut(ids[0]).is_none());
    assert_eq!(pool.get(ids[1]).as_deref().map(String::as_str), Some("b!"));
}

#[test]
fn what_is_drained_is_moved_out_and_its_identifiers_are_stale() {
    let (mut pool, ids) = filled::<3>(&["a", "b", "c"]);
    pool.remove(ids[0]);
    let mut drained: Vec<_> = pool.drain().collect();
    drained.sort_by(|a, b| a.1.cmp(&b.1));
    assert_eq!(
        drained,
        [(ids[1], "b".to_string()), (ids[2], "c".to_string())]
    );
    assert_eq!(room(&pool), 3);
    assert!(stale(&pool, &ids));
}

#[test]
fn a_drain_that_is_dropped_drops_the_rest_also_when_one_panics() {
    for panics in [0, 2] {
        let drops = Rc::new(Cell::new(0));
        let mut pool: Pool<Dropped, 4> = Pool::new();
        for _ in 0..4 {
            assert!(pool.insert(Dropped(drops.clone(), panics)).is_ok());
        }
        let result = catch_unwind(AssertUnwindSafe(|| drop(pool.drain())));
        assert_eq!(result.is_err(), panics > 0);
        assert_eq!((drops.get(), pool.len()), (4, 0));
        drop(pool);
        assert_eq!(drops.get(), 4);
    }
}

#[test]
fn what_is_not_moved_out_is_dropped_with_the_iterator() {
    let drops = Rc::new(Cell::new(0));
    let pool: Pool<Dropped, 4> = Pool::new();
    for _ in 0..3 {
        assert!(pool.insert(Dropped(drops.clone(), 0)).is_ok());
    }
    let mut iter = pool.into_iter();
    drop(iter.next());
    assert_eq!(drops.get(), 1);
    drop(iter);
    assert_eq!(drops.get(), 3);
}

#[test]
fn repaired_it_has_what_identifiers_name_and_all_other_cells() {
    let (mut pool, ids) = filled::<8>(&["kept", "leaked", "held", "gone", "removed"]);
    mem::forget(pool.get(ids[1]));
    mem::forget(pool.get(ids[2]));
    mem::forget(pool.remove(ids[2]));
    pool.remove(ids[3]);
    mem::forget(pool.remove(ids[4]));
    // One that claimed a cell, and one that filled its own.
    mem::forget(pool.arena.claim(6, Want::Ordinary).unwrap());
    let owned = pool.arena.claim(7, Want::Ordinary).unwrap();
    mem::forget(owned.fill("pending".to_string(), None));
    assert_eq!(room(&pool), 2);
    let more: Vec<Id> = pool
        .iter()
        .filter(|(_, value)| **value == "more")
        .map(|(id, _)| id)
        .collect();
    assert_eq!(more.len(), 2);
    more.into_iter().for_each(|id| drop(pool.remove(id)));
    for _ in 0..2 {
        pool.repair();
        assert_eq!(
            pool.get(ids[0]).as_deref().map(String::as_str),
            Some("kept")
        );
        assert_eq!(pool.len(), 2);
    }
    // What was leaked is free when it is removed.
    assert!(pool.remove(ids[1]).is_some());
    assert_eq!(room(&pool), 7);
    assert!(stale(&pool, &ids[2..]));
}

#[test]
fn what_a_repair_drops_it_drops_once_also_when_one_panics() {
    for panics in [0, 1] {
        let drops = Rc::new(Cell::new(0));
        let mut pool: Pool<Dropped, 4> = Pool::new();
        let ids: Vec<Id> = (0..3)
            .map(|_| {
                let inserted = pool.insert(Dropped(drops.clone(), panics));
                inserted.map_err(|Full(_)| ()).unwrap()
            })
            .collect();
        mem::forget(pool.remove(ids[0]));
        mem::forget(pool.remove(ids[1]));
        let result = catch_unwind(AssertUnwindSafe(|| pool.repair()));
        assert_eq!(result.is_err(), panics > 0);
        assert_eq!((drops.get(), pool.len()), (2, 1));
        drop(pool);
        assert_eq!(drops.get(), 3);
    }
}
