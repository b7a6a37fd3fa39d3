//! A refusal says two things: all cells were taken, and the key was absent (or, for a replacement, present).
//! Both must hold at one instant. The "interrupt" comes where the key is compared with the last cell of its
//! chain; nothing else runs: one thread.

use crate::{Compute, Computed, CopyMap, Map, TryInsertError};
use core::cell::{Cell, RefCell};
use core::hash::{BuildHasherDefault, Hash, Hasher};
use std::boxed::Box;
use std::rc::Rc;
use std::string::String;
use std::thread_local;

thread_local! {
    static HOOK: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
    static ON: Cell<u32> = const { Cell::new(u32::MAX) };
    /// At which comparison with that key.
    static AT: Cell<u32> = const { Cell::new(1) };
}

#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
struct Key(u32);
// SAFETY: as of the number in it.
unsafe impl bytemuck::Zeroable for Key {}
// SAFETY: as of the number in it.
unsafe impl bytemuck::Pod for Key {}
crate::impl_plain!(Key);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        if (ON.get() == other.0 || ON.get() == self.0) && AT.replace(AT.get().wrapping_sub(1)) == 1
        {
            if let Some(hook) = HOOK.with(|hook| hook.borrow_mut().take()) {
                hook();
            }
        }
        self.0 == other.0
    }
}
impl Eq for Key {}
impl Hash for Key {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

#[derive(Default)]
struct One;
impl Hasher for One {
    fn finish(&self) -> u64 {
        0
    }
    fn write(&mut self, _: &[u8]) {}
}
type S = BuildHasherDefault<One>;

fn interrupt_at(key: u32, comparison: u32, act: impl FnOnce() + 'static) {
    ON.set(key);
    AT.set(comparison);
    HOOK.with(|hook| *hook.borrow_mut() = Some(Box::new(act)));
}

type Copies = CopyMap<Key, u64, 3, 4, S>;
type Guarded = Map<Key, String, 3, 4, S>;

/// A map with key 0 in it and two free ordinary cells; while key 1 is looked up, key 1 goes in, then key 2.
fn copies() -> Rc<Copies> {
    let map = Rc::new(Copies::default());
    map.insert(Key(0), 0).unwrap();
    let inner = map.clone();
    interrupt_at(0, 1, move || {
        let map = inner;
        assert_eq!(map.insert(Key(1), 11), Ok(None)); // from here on key 1 is there; a cell is still free
        assert_eq!(map.insert(Key(2), 22), Ok(None)); // from here on all three ordinary cells are taken
    });
    map
}

fn guarded() -> Rc<Guarded> {
    let map = Rc::new(Guarded::default());
    assert!(map.insert(Key(0), "0".into()).is_ok());
    let inner = map.clone();
    interrupt_at(0, 1, move || {
        let map = inner;
        assert!(map.insert(Key(1), "11".into()).is_ok());
        assert!(map.insert(Key(2), "22".into()).is_ok());
    });
    map
}

#[test]
fn copy_map_insert_replaces_a_key_that_is_there() {
    let map = copies();
    let got = map.insert(Key(1), 99);
    assert_eq!(
        map.get(&Key(1)).map(|_| ()),
        Some(()),
        "it is there, and 4 spares are free"
    );
    assert_eq!(got, Ok(Some(11)));
}

#[test]
fn copy_map_get_or_insert_with_gets_a_key_that_is_there() {
    let map = copies();
    assert_eq!(map.get_or_insert_with(Key(1), || 99), Ok(11));
}

#[test]
fn copy_map_try_insert_says_occupied() {
    let map = copies();
    assert!(matches!(
        map.try_insert(Key(1), 99),
        Err(TryInsertError::Occupied { .. })
    ));
}

#[test]
fn map_insert_replaces_a_key_that_is_there() {
    let map = guarded();
    assert!(
        map.insert(Key(1), "99".into())
            .is_ok_and(|old| old.is_some_and(|old| *old == "11"))
    );
}

#[test]
fn map_get_or_insert_with_gets_a_key_that_is_there() {
    let map = guarded();
    assert!(
        map.get_or_insert_with(Key(1), || "99".into())
            .is_ok_and(|there| *there == "11")
    );
}

#[test]
fn map_try_insert_says_occupied() {
    let map = guarded();
    assert!(matches!(
        map.try_insert(Key(1), "99".into()),
        Err(TryInsertError::Occupied { .. })
    ));
}

/// The other way round: the key goes first, then the cells. `update` of an absent key is `Ok(None)`.
#[test]
fn update_of_a_key_that_is_gone_is_none() {
    let map = Rc::new(<CopyMap<Key, u64, 2, 0, S>>::default());
    map.insert(Key(1), 1).unwrap();
    let inner = map.clone();
    interrupt_at(1, 1, move || {
        let map = inner;
        assert_eq!(map.remove(&Key(1)), Some(1)); // until here a cell was free
        assert_eq!(map.insert(Key(2), 2), Ok(None));
        assert_eq!(map.insert(Key(3), 3), Ok(None)); // from here on none is free
    });
    assert_eq!(map.update(&Key(1), |n| n + 1), Ok(None));
}

/// A map of one key, which is removed when it is found; from then on no cell is free, for whoever has found
/// it holds its cell.
fn guarded_key_that_goes() -> Rc<Map<Key, u64, 2, 0, S>> {
    let map = Rc::new(<Map<Key, u64, 2, 0, S>>::default());
    assert!(map.insert(Key(1), 1).is_ok());
    let inner = map.clone();
    interrupt_at(1, 1, move || {
        let map = inner;
        drop(map.remove(&Key(1))); // until here a cell was free
        assert!(map.insert(Key(2), 2).is_ok());
    });
    map
}

#[test]
fn update_of_a_guarded_key_that_is_gone_is_none() {
    let map = guarded_key_that_goes();
    assert!(
        map.update(&Key(1), |n| n + 1)
            .is_ok_and(|old| old.is_none())
    );
}

/// The same of a computation, which has no way of its own for what is in a seat.
#[test]
fn computation_of_a_guarded_key_that_is_gone_is_of_none() {
    let map = guarded_key_that_goes();
    let done = map.compute(Key(1), |n| n.map_or(Compute::Keep, |n| Compute::Put(n + 1)));
    assert!(matches!(done, Ok(Computed::Absent)));
}

/// The narrow value needs no cell to be replaced, and is refused nevertheless.
#[test]
fn in_place_insert_of_a_key_that_is_there() {
    let map = Rc::new(<CopyMap<Key, u32, 3, 4, S>>::default());
    map.insert(Key(0), 0).unwrap();
    let inner = map.clone();
    interrupt_at(0, 1, move || {
        let map = inner;
        assert_eq!(map.insert(Key(1), 11), Ok(None));
        assert_eq!(map.insert(Key(2), 22), Ok(None));
    });
    assert_eq!(map.insert(Key(1), 99), Ok(Some(11)));
}

/// The hold that an insert has itself on the entry that it wanted to replace, and that was removed meanwhile,
/// is no reason to refuse it.
#[test]
fn an_insert_is_not_refused_for_its_own_hold() {
    let map = Rc::new(<Map<Key, u64, 2, 0, S>>::default());
    assert!(map.insert(Key(1), 1).is_ok());
    let inner = map.clone();
    interrupt_at(1, 1, move || {
        let map = inner;
        drop(map.remove(&Key(1))); // until here a cell was free for the replacement
        assert!(map.insert(Key(2), 2).is_ok());
    });
    assert!(map.insert(Key(1), 99).is_ok(), "{:?}", map.stats());
    assert!(HOOK.with(|hook| hook.borrow().is_none()), "it came");
}

/// A replacement takes a spare cell; when its key has gone meanwhile, the new entry does not go there.
#[test]
fn the_spare_of_a_lost_replacement_is_no_place_for_a_new_entry() {
    let map = Rc::new(CopyMap::<Key, u64, 2, 4, S>::default());
    map.insert(Key(1), 1).unwrap();
    let inner = map.clone();
    interrupt_at(1, 1, move || {
        assert_eq!(inner.remove(&Key(1)), Some(1));
        assert_eq!(inner.insert(Key(2), 2), Ok(None));
        assert_eq!(inner.insert(Key(3), 3), Ok(None));
    });
    assert!(map.insert(Key(1), 99).is_err());
    assert_eq!(map.len(), 2);
}

#[test]
fn the_spare_of_a_lost_guarded_replacement_is_no_place_for_a_new_entry() {
    let map = Rc::new(Map::<Key, u64, 2, 4, S>::default());
    assert!(map.insert(Key(1), 1).is_ok());
    let inner = map.clone();
    interrupt_at(1, 1, move || {
        drop(inner.remove(&Key(1))); // its cell is held until the outer insert lets go
        assert!(inner.insert(Key(2), 2).is_ok());
    });
    assert!(map.insert(Key(1), 99).is_ok());
    assert!(map.insert(Key(3), 3).is_err(), "{:?}", map.stats());
    assert_eq!(map.len(), 2);
}

/// A refused insert ends although another operation frees and claims a cell each time that it looks.
// Miri runs one thread at a time: a thread that turns until another one ends takes it too long. Threads do not
// race with generations of two bits.
#[cfg(not(any(miri, tagged_arena_tiny)))]
#[test]
fn a_refused_insert_ends() {
    static MAP: CopyMap<Key, u64, 64> = CopyMap::new();
    for key in 0..64 {
        MAP.insert(Key(key), 0).unwrap();
    }
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut key = 0;
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                if MAP.remove(&Key(key)).is_some() {
                    let _ = MAP.insert(Key(key + 64), 0);
                }
                key += 1;
            }
        });
        // It may find a place, or not: it comes back.
        for round in 0..2000 {
            let key = Key(1 << 30 | round);
            if MAP.insert(key, 0).is_ok() {
                MAP.remove(&key);
            }
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

/// An update that lost its race and runs its closure again does not count twice.
#[test]
fn a_count_is_at_most_the_capacity() {
    let map: CopyMap<u32, u64, 2, 4> = CopyMap::new();
    map.insert(1, 10).unwrap();
    map.insert(2, 20).unwrap();
    let mut calls = 0;
    map.update(&1, |old| {
        calls += 1;
        if calls == 1 {
            map.insert(1, 11).unwrap(); // the outer update loses
        } else {
            assert_eq!(map.len(), 2, "two keys, capacity {}", map.capacity());
        }
        old + 1
    })
    .unwrap();
    assert_eq!(calls, 2);
}

/// One key, only replaced: the map is never empty, and never holds two.
// Miri runs one thread at a time: a thread that turns until another one ends takes it too long. Threads do not
// race with generations of two bits.
#[cfg(not(any(miri, tagged_arena_tiny)))]
#[test]
fn a_key_that_is_replaced_counts_once() {
    static WIDE: CopyMap<u32, u64, 64> = CopyMap::new();
    static GUARDED: Map<u32, u64, 64> = Map::new();
    WIDE.insert(1, 0).unwrap();
    assert!(GUARDED.insert(1, 0).is_ok());
    let rounds = 200_000;
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _over = super::config::Over(&done);
            for i in 0..rounds {
                WIDE.insert(1, i).unwrap();
                assert!(GUARDED.insert(1, i).is_ok());
            }
        });
        while !done.load(std::sync::atomic::Ordering::Relaxed) {
            assert_eq!((WIDE.len(), WIDE.is_empty()), (1, false));
            assert_eq!((GUARDED.len(), GUARDED.is_empty()), (1, false));
        }
    });
}
