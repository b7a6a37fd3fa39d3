//! Where a walk stands after it has helped to unlink an entry: at the word that it has written, whatever has
//! happened since. The "interrupt" comes where the entry that it helped is dropped; one thread.
//!
//! What a suspended removal has done so far is written out (`map/write.rs`, `remove` up to `detach`).

use crate::Map;
use crate::chain::Table;
use crate::map::MapArena;
use core::hash::{BuildHasherDefault, Hasher};
use std::boxed::Box;
use std::rc::Rc;
use tagged_arena::sync::{AtomicUsize, Ordering};
use tagged_arena::word::{State, Word};

/// Keys from ten on are in bucket 1, the others in bucket 0.
#[derive(Default)]
struct Two(u64);

impl Hasher for Two {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_u32(&mut self, key: u32) {
        self.0 = u64::from(key >= 10) << 61;
    }
}

/// What is done when it is dropped.
struct Act(Option<Box<dyn FnOnce()>>);

impl Drop for Act {
    fn drop(&mut self) {
        if let Some(act) = self.0.take() {
            act();
        }
    }
}

type Chained = Map<u32, Act, 4, BuildHasherDefault<Two>>;
type Arena = MapArena<u32, Act, 4, 8>;

#[test]
fn nothing_is_appended_behind_an_entry_that_has_gone_meanwhile() {
    let map = Rc::new(Chained::default());
    let inner = Rc::downgrade(&map);
    let act = move || {
        let map = inner.upgrade().expect("it is in use");
        drop(map.remove(&0));
    };
    // Key 11 in cell 0: the word of a cell that was taken over may seem to lead there.
    for key in [10, 11, 0] {
        assert!(map.insert(key, Act(None)).is_ok());
    }
    assert!(map.insert(1, Act(Some(Box::new(act)))).is_ok());
    // A removal of key 1, the second, is suspended: who walks by helps it.
    let next = |own: &AtomicUsize| Arena::LAYOUT.index(Word(own.load(Ordering::Acquire)));
    let mut own = map.arena.head(0);
    for _ in 0..2 {
        own = map.arena.own(next(own).expect("two keys"));
    }
    let live = Word(own.load(Ordering::Acquire));
    let marked = Arena::LAYOUT.bump(live).with_state(State::Marked);
    own.store(marked.0, Ordering::Release);

    assert!(map.insert(2, Act(None)).is_ok_and(|old| old.is_none()));
    assert!(map.get(&2).is_some());
    assert_eq!((map.get(&0).is_some(), map.len()), (false, 3));
}
