//! Bits that `Plain::from_bits` refuses although they were stored: a wrong implementation, or a counter that
//! wrapped. Such an entry counts as absent, whatever asks; nothing hangs, and nothing is there twice.

use super::config::{Spread, some};
use crate::{Compute, Computed, CopyMap, Full, Plain};
use core::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread_local;
use std::vec::Vec;

thread_local! {
    /// The number that is refused from now on.
    static REFUSED: Cell<Option<u8>> = const { Cell::new(None) };
    /// Whether taking a value apart panics.
    static PANICS: Cell<bool> = const { Cell::new(false) };
}

/// A number, `BYTES` times.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Fickle<const BYTES: usize>(u8);

impl<const BYTES: usize> Plain for Fickle<BYTES> {
    type Bits = [u8; BYTES];

    fn to_bits(self) -> Self::Bits {
        assert!(!PANICS.get(), "taken apart");
        [self.0; BYTES]
    }

    fn from_bits(bits: Self::Bits) -> Option<Self> {
        assert_eq!(bits, [bits[0]; BYTES], "torn");
        (REFUSED.get() != Some(bits[0])).then_some(Self(bits[0]))
    }
}

/// Runs something while this number is refused.
fn refusing<R>(number: u8, run: impl FnOnce() -> R) -> R {
    REFUSED.set(Some(number));
    let result = run();
    REFUSED.set(None);
    result
}

/// A map from two to 20, which is about to be refused, and other entries around it.
fn map<const BYTES: usize>(spread: Spread) -> CopyMap<u8, Fickle<BYTES>, 16, 8, Spread> {
    let map = CopyMap::with_hasher(spread);
    for key in 1..13 {
        assert_eq!(map.insert(key, Fickle(10 * key)), Ok(None));
    }
    map
}

/// With maps whose values are changed in place and are not, in seats and in chains.
macro_rules! in_all_maps {
    (|$map:ident| $check:expr) => {
        for &spread in some(&[Spread::Even, Spread::OneChain], 1) {
            // Of a width that is changed in place, of one that is not, and of several pieces.
            let $map = map::<2>(spread);
            $check;
            let $map = map::<8>(spread);
            $check;
            let $map = map::<21>(spread);
            $check;
        }
    };
}

#[test]
fn it_is_absent_for_whoever_looks() {
    in_all_maps!(|map| refusing(20, || {
        assert_eq!(map.get(&2), None);
        assert!(!map.contains_key(&2));
        assert_eq!(map.remove_if(&2, |_, _| panic!("no value to show")), None);
        assert_eq!(map.update(&2, |_| panic!("no value to show")), Ok(None));
        let kept = map.compute(2, |now| {
            assert_eq!(now, None);
            Compute::Keep
        });
        assert_eq!(kept, Ok(Computed::Absent));
        map.retain(|&key, _| key != 1);
        let mut keys: Vec<_> = map.keys().collect();
        keys.sort_unstable();
        assert!(keys.into_iter().eq(3..13));
        assert_eq!(map.len(), 11, "it has its cell");
        assert_eq!(map.get(&3), Some(Fickle(30)));
    }));
}

#[test]
fn it_is_replaced_by_what_is_put_in() {
    in_all_maps!(|map| refusing(20, || assert_eq!(map.insert(2, Fickle(1)), Ok(None))));
    in_all_maps!(|map| refusing(20, || assert_eq!(map.try_insert(2, Fickle(1)), Ok(()))));
    in_all_maps!(|map| refusing(20, || {
        assert_eq!(map.get_or_insert_with(2, || Fickle(1)), Ok(Fickle(1)));
    }));
    in_all_maps!(|map| refusing(20, || {
        let put = map.upsert(2, || Fickle(1), |_| panic!("no value to show"));
        assert_eq!(put, Ok(None));
    }));
    in_all_maps!(|map| {
        refusing(20, || {
            let put = map.compute(2, |_| Compute::Put(Fickle(1)));
            assert_eq!(put, Ok(Computed::Inserted));
        });
        assert_eq!((map.get(&2), map.len()), (Some(Fickle(1)), 12));
        assert_eq!(map.iter().filter(|(key, _)| *key == 2).count(), 1);
        assert_eq!(map.remove(&2), Some(Fickle(1)));
        assert_eq!(map.remove(&2), None);
    });
}

#[test]
fn it_goes_with_its_key() {
    in_all_maps!(|map| {
        assert_eq!(refusing(20, || map.remove(&2)), None);
        assert_eq!((map.get(&2), map.len()), (None, 11));
    });
    in_all_maps!(|map| {
        let removed = refusing(20, || map.compute(2, |_| Compute::Remove));
        assert_eq!(removed, Ok(Computed::Absent));
        assert_eq!((map.get(&2), map.len()), (None, 11));
    });
    in_all_maps!(|map| {
        let mut map = map;
        let mut keys: Vec<_> = refusing(20, || map.drain().map(|(key, _)| key).collect());
        keys.sort_unstable();
        assert!(keys.into_iter().eq((1..13).filter(|&key| key != 2)));
        assert!(map.is_empty());
        assert_eq!(map.stats().free, map.cells());
    });
}

/// A look-up in a map that is full of such entries ends, and so does an insert.
#[test]
fn keys_that_are_refused_are_no_keys() {
    for spread in [Spread::Even, Spread::OneChain] {
        let mut map: CopyMap<Fickle<4>, u8, 1, 0, Spread> = CopyMap::with_hasher(spread);
        assert_eq!(map.insert(Fickle(7), 70), Ok(None));
        refusing(7, || {
            assert_eq!((map.get(&Fickle(7)), map.remove(&Fickle(7))), (None, None));
            assert_eq!((map.iter().count(), map.len()), (0, 1));
            assert_eq!(map.insert(Fickle(8), 80), Err(Full((Fickle(8), 80))));
            map.clear();
            assert_eq!(map.drain().count(), 0);
            assert_eq!(map.insert(Fickle(8), 80), Ok(None));
        });
        assert_eq!(map.get(&Fickle(8)), Some(80));
    }
}

/// Calls each operation that stores something with a value that is wrong then; nothing has changed after the
/// panic, and no cell is lost.
fn panics_before_anything_changes<const BYTES: usize>(wrong: impl Fn(&dyn Fn())) {
    let value = Fickle::<BYTES>(1);
    let map = map::<BYTES>(Spread::Even);
    let stats = std::format!("{:?}", map.stats());
    for key in [2, 100] {
        wrong(&|| _ = map.insert(key, value));
        wrong(&|| _ = map.compute(key, |_| Compute::Put(value)));
    }
    wrong(&|| _ = map.update(&2, |_| value));
    wrong(&|| _ = map.try_insert(100, value));
    wrong(&|| _ = map.get_or_insert_with(100, || value));
    assert_eq!(std::format!("{:?}", map.stats()), stats);
    assert_eq!((map.get(&2), map.get(&100)), (Some(Fickle(20)), None));

    let keys: CopyMap<Fickle<BYTES>, u64, 16, 8, Spread> = CopyMap::default();
    wrong(&|| _ = keys.insert(value, 1));
    wrong(&|| _ = keys.try_insert(value, 1));
    wrong(&|| _ = keys.get_or_insert_with(value, || 1));
    wrong(&|| _ = keys.compute(value, |_| Compute::Put(1)));
    assert_eq!(keys.stats().free, keys.cells());
}

#[test]
fn a_panic_of_the_conversion_changes_nothing() {
    let wrong = |run: &dyn Fn()| {
        PANICS.set(true);
        let caught = catch_unwind(AssertUnwindSafe(run));
        PANICS.set(false);
        let caught = caught.unwrap_err();
        assert_eq!(caught.downcast_ref::<&str>(), Some(&"taken apart"));
    };
    panics_before_anything_changes::<2>(wrong);
    panics_before_anything_changes::<8>(wrong);
}

#[test]
#[cfg(debug_assertions)]
fn a_wrong_implementation_is_told_where_something_is_stored() {
    let wrong = |run: &dyn Fn()| {
        let caught = refusing(1, || catch_unwind(AssertUnwindSafe(run)));
        let caught = caught.unwrap_err();
        let message = caught.downcast_ref::<&str>().unwrap();
        assert!(
            message.contains("wrong implementation of `Plain`"),
            "{message}"
        );
    };
    panics_before_anything_changes::<2>(wrong);
    panics_before_anything_changes::<8>(wrong);
}
