//! What may be sent and shared. What may not is in `qemu-tests/ui`.

use crate::TryInsertError;
use crate::WithId;
use crate::iter::{CacheIter, Expire};
use crate::iter::{CopyDrain, CopyIter, CopyKeys, CopyValues, Drain, Iter, IterMut, Keys};
use crate::{Cache, Inserted};
use crate::{Changed, CopyMap, CopySet, DefaultHashBuilder, EntryId, Full, KeyRef, Map, Ref, Set};
use crate::{Stats, TooManyWatchers, Watched, Watcher};
use core::cell::Cell;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::string::String;
use std::sync::Arc;

const fn send<T: Send>() {}
const fn both<T: Send + Sync>() {}

#[test]
fn maps_of_shareable_values_are_shareable() {
    both::<Map<u32, u32, 4>>();
    both::<Map<String, Arc<String>, 4>>();
    both::<Map<&'static str, fn(), 4>>();
    both::<CopyMap<u32, [u8; 40], 4>>();
    both::<(Map<String, WithId<String>, 4>, EntryId)>();
    both::<(CopySet<[u8; 40], 4>, Set<Arc<String>, 4>)>();
    both::<Watched<Map<String, Arc<String>, 4>, 2>>();
    both::<Cache<String, Arc<String>, 4>>();
}

#[test]
fn guards_and_iterators_of_them_too() {
    both::<Ref<'static, String, Arc<u32>>>();
    both::<Iter<'static, String, u32, 4>>();
    both::<CopyIter<'static, u32, u32, 4>>();
    both::<Keys<'static, String, u32, 4>>();
    both::<IterMut<'static, String, u32, 4>>();
    // It lends to one thread what it has to itself.
    fn send<T: Send>() {}
    send::<IterMut<'static, Cell<u32>, Cell<u32>, 4, 8, *const u8>>();
    both::<Drain<'static, String, u32, 4>>();
    both::<CopyKeys<'static, u32, u32, 4>>();
    both::<CopyValues<'static, u32, u32, 4>>();
    both::<CopyDrain<'static, u32, u32, 4>>();
    both::<KeyRef<'static, String, Arc<u32>>>();
    both::<Inserted<'static, String, Arc<u32>>>();
    both::<(
        CacheIter<'static, String, u32, 4>,
        Expire<'static, String, u32, 4>,
    )>();
    both::<TryInsertError<u32, u32, Ref<'static, u32, u32>>>();
    both::<(Full<(u32, u32)>, Stats, DefaultHashBuilder)>();
    both::<Watcher<'static, Map<u32, String, 4>, 2>>();
    both::<(
        Changed<'static, 'static, Map<u32, u32, 4>, 2>,
        TooManyWatchers,
    )>();
}

#[test]
fn a_map_of_values_for_one_thread_at_a_time_may_be_sent() {
    send::<Map<u32, Cell<u32>, 4>>();
    send::<Map<Cell<u32>, u32, 4>>();
    send::<Cache<u32, Cell<u32>, 4>>();
    send::<Map<u32, u32, 4, 8, Cell<u32>>>();
}

/// Panics corrupt nothing, whatever the types: as for a mutex, but without poison.
#[test]
fn maps_may_be_borrowed_across_a_caught_panic() {
    const fn unwind<T: UnwindSafe + RefUnwindSafe>() {}
    unwind::<CopyMap<u32, u32, 4>>();
    unwind::<Map<u32, Cell<u32>, 4>>();
    unwind::<Watched<Map<u32, Cell<u32>, 4>, 2>>();
    unwind::<Cache<u32, Cell<u32>, 4>>();
    unwind::<tagged_arena::Pool<Cell<u32>, 4>>();
    let map: Map<u32, u32, 4> = Map::new();
    let caught = std::panic::catch_unwind(|| map.update(&1, |_| panic!("not there")).is_ok());
    assert!(caught.is_ok_and(|updated| updated));
}

#[test]
fn a_guard_really_crosses_threads() {
    let map: Map<u32, String, 2> = Map::new();
    map.insert(1, "x".into()).unwrap();
    let guard = map.get(&1).unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let removed = map.remove(&1);
            assert_eq!(removed.as_deref().map(String::as_str), Some("x"));
        });
        scope.spawn(move || assert_eq!(*guard, "x"));
    });
    assert_eq!((map.stats().removed, map.len()), (0, 0));
}

#[test]
fn lifetimes_of_guards_shrink() {
    fn shorter<'short, 'long: 'short>(
        guard: Ref<'long, u32, u32>,
        _: &'short u32,
    ) -> Ref<'short, u32, u32> {
        guard
    }
    static MAP: Map<u32, u32, 2> = Map::new();
    MAP.insert(1, 7).unwrap();
    let local = 5;
    assert_eq!(*shorter(MAP.get(&1).unwrap(), &local), 7);
}
