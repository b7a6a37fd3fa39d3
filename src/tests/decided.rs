//! A replacement that is decided stays, should user code panic in what it does after that.
//!
//! What a suspended removal has done so far is written out (`map/write.rs`, `remove` up to `detach`).

use crate::Map;
use crate::chain::Table;
use crate::map::MapArena;
use core::hash::{BuildHasherDefault, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use tagged_arena::sync::Ordering;
use tagged_arena::word::{State, Word};

#[derive(Default)]
struct One;

impl Hasher for One {
    fn finish(&self) -> u64 {
        0
    }
    fn write(&mut self, _: &[u8]) {}
}

/// A number, and whether its drop panics.
struct Value(u32, bool);

impl Drop for Value {
    fn drop(&mut self) {
        assert!(!self.1, "the drop of {}", self.0);
    }
}

type Chained = Map<u32, Value, 4, BuildHasherDefault<One>>;
type Arena = MapArena<u32, Value, 4, 8>;

#[test]
fn a_panic_while_helping_takes_nothing_back() {
    let map = Chained::default();
    for key in 0..3 {
        assert!(map.insert(key, Value(key, key == 0)).is_ok());
    }
    let update = AssertUnwindSafe(|| {
        let replaced = map.update(&2, |_| {
            // Key 2 is linked elsewhere from now on, so that its replacement walks the chain again.
            drop(map.remove(&1));
            // A removal of key 0, the first, is suspended: the walk helps it, and drops the value.
            let first = Arena::LAYOUT.index(Word(map.arena.head(0).load(Ordering::Acquire)));
            let own = map.arena.own(first.expect("key 0"));
            let live = Word(own.load(Ordering::Acquire));
            let marked = Arena::LAYOUT.bump(live).with_state(State::Marked);
            own.store(marked.0, Ordering::Release);
            Value(22, false)
        });
        drop(replaced);
    });
    assert!(catch_unwind(update).is_err(), "the drop of key 0 panics");
    // First: a look-up would look for ever for the cell that its link leads to.
    assert_eq!(map.stats().live, 1);
    assert_eq!(map.get(&2).map(|value| value.0), Some(22));
    assert!(map.get(&0).is_none() && map.get(&1).is_none());
    drop(map.remove(&2));
    let stats = map.stats();
    assert_eq!((stats.live, stats.free), (0, stats.cells), "{stats:?}");
}
