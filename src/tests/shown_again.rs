//! Closures that are shown an entry and change it, or its bucket, themselves: what they decided of the old
//! state must not be done to the new one. In every place that an entry can have: a seat, first in the
//! chain, behind.
//!
//! Not with counters of two bits: what a closure changes would wrap them exactly.

use super::config::scaled;
use super::faces::{Face, each_kind};
use crate::{Compute, Computed};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::vec;

/// In a seat, first of the chain, in its middle, at its end.
const KEYS: [u32; 4] = [100, 1, 2, 3];

/// All of them, or under Miri a seat's and the first's.
fn keys() -> impl Iterator<Item = u32> {
    KEYS.into_iter().take(scaled(4, 2) as usize)
}

fn map<M: Face>() -> M {
    M::with_chain(&[1, 2, 3])
}

fn replaced_while_asked<M: Face>() {
    for key in keys() {
        for again in [false, true] {
            let map = map::<M>();
            let mut shown = vec![];
            let removed = map.remove_if(key, |there, number| {
                assert_eq!(there, key);
                shown.push(number);
                if shown.len() == 1 {
                    assert_eq!(map.insert(key, 7), Ok(Some(10 * key)));
                }
                shown.len() == 1 || again
            });
            assert_eq!(shown, [10 * key, 7]);
            let expected = if again {
                (Some(7), None)
            } else {
                (None, Some(7))
            };
            assert_eq!((removed, map.get(key)), expected, "{key}");
            map.check();
        }
    }
}

#[test]
fn an_entry_that_replaced_another_is_asked_about_again() {
    each_kind!(replaced_while_asked);
}

/// The same key and the same number, and yet another entry.
fn inserted_again_while_asked<M: Face>() {
    for key in keys() {
        let map = map::<M>();
        let mut calls = 0;
        let removed = map.remove_if(key, |_, number| {
            calls += 1;
            if calls == 1 {
                assert_eq!(map.remove(key), Some(number));
                assert_eq!(map.insert(key, number), Ok(None));
            }
            calls == 1
        });
        let expected = (None, 2, Some(10 * key));
        assert_eq!((removed, calls, map.get(key)), expected, "{key}");
        map.check();
    }
}

#[test]
fn an_entry_that_was_inserted_again_is_asked_about_again() {
    each_kind!(inserted_again_while_asked);
}

fn removed_while_asked<M: Face>() {
    for key in keys() {
        let map = map::<M>();
        let mut calls = 0;
        let removed = map.remove_if(key, |_, number| {
            calls += 1;
            assert_eq!(map.remove(key), Some(number));
            true
        });
        assert_eq!((removed, calls, map.get(key)), (None, 1, None), "{key}");
        map.check();
    }
}

#[test]
fn an_entry_that_is_removed_meanwhile_is_removed_once() {
    each_kind!(removed_while_asked);
}

/// Entries of the bucket come and go beside the one that is asked about.
fn others_change_while_asked<M: Face>() {
    for key in keys() {
        for other in keys() {
            let map = map::<M>();
            let mut calls = 0;
            let removed = map.remove_if(key, |_, number| {
                calls += 1;
                if calls == 1 && other != key {
                    assert_eq!(map.remove(other), Some(10 * other));
                    assert_eq!(map.insert(50, 500), Ok(None));
                }
                assert_eq!(number, 10 * key);
                true
            });
            assert_eq!((removed, map.get(key)), (Some(10 * key), None));
            assert!(calls <= 2);
            let left = KEYS.iter().filter(|&&left| left != key && left != other);
            assert!(
                left.into_iter()
                    .all(|&left| map.get(left) == Some(10 * left))
            );
            map.check();
        }
    }
}

#[test]
fn a_change_beside_the_entry_does_no_harm() {
    each_kind!(others_change_while_asked);
}

fn computed_again<M: Face>() {
    for key in keys() {
        let map = map::<M>();
        let mut shown = vec![];
        let done = map.compute(key, |number| {
            shown.push(number);
            if shown.len() == 1 {
                assert_eq!(map.insert(key, 7), Ok(Some(10 * key)));
            }
            number.map_or(Compute::Keep, |number| Compute::Put(number + 1))
        });
        assert_eq!(shown, [Some(10 * key), Some(7)]);
        assert_eq!((done, map.get(key)), (Ok(Computed::Replaced(7)), Some(8)));
        map.check();

        let done = map.compute(key, |number| {
            if number.is_some() {
                assert_eq!(map.remove(key), Some(8));
            }
            Compute::Remove
        });
        assert_eq!((done, map.get(key)), (Ok(Computed::Absent), None));
        map.check();

        let done = map.compute(key, |number| match number {
            None => {
                assert_eq!(map.insert(key, 9), Ok(None));
                Compute::Put(10)
            }
            Some(9) => {
                assert_eq!(map.insert(key, 11), Ok(Some(9)));
                Compute::Remove
            }
            Some(_) => Compute::Keep,
        });
        assert_eq!((done, map.get(key)), (Ok(Computed::Kept(11)), Some(11)));
        map.check();
    }
}

#[test]
fn a_computation_is_of_what_it_changes() {
    each_kind!(computed_again);
}

fn upserted_again<M: Face>() {
    for key in keys() {
        let map = map::<M>();
        assert_eq!(map.remove(key), Some(10 * key));
        let (mut made, mut changed) = (0, vec![]);
        let init = || {
            made += 1;
            assert_eq!(map.insert(key, 7), Ok(None));
            50
        };
        let put = map.upsert(key, init, |old| {
            changed.push(old);
            match changed.len() {
                1 => assert_eq!(map.insert(key, 8), Ok(Some(7))),
                2 => assert_eq!(map.remove(key), Some(8)),
                _ => {}
            }
            old + 1
        });
        // Gone again: what was made for it at first is put in.
        assert_eq!((put, made, map.get(key)), (Ok(None), 1, Some(50)));
        assert_eq!(changed, [7, 8]);
        map.check();
    }
}

#[test]
fn an_upsert_makes_one_value_and_loses_none() {
    each_kind!(upserted_again);
}

/// The key comes meanwhile, and with it the map is full: then it is replaced, for which there is a cell.
fn filled_while_asked<M: Face>() {
    let map = map::<M>();
    assert_eq!(map.len() + 1, map.capacity());
    let mut shown = vec![];
    let done = map.compute(50, |number| {
        shown.push(number);
        if number.is_none() {
            assert_eq!(map.insert(50, 7), Ok(None));
        }
        Compute::Put(9)
    });
    assert_eq!(shown, [None, Some(7)]);
    assert_eq!((done, map.get(50)), (Ok(Computed::Replaced(7)), Some(9)));
    map.check();

    assert_eq!(map.remove(50), Some(9));
    let (mut made, mut changed) = (0, vec![]);
    let init = || {
        made += 1;
        assert_eq!(map.insert(50, 7), Ok(None));
        60
    };
    let put = map.upsert(50, init, |old| {
        changed.push(old);
        assert_eq!(map.remove(50), Some(old));
        old + 1
    });
    // Gone again: what was made for it at first is put in.
    assert_eq!((put, made, map.get(50)), (Ok(None), 1, Some(60)));
    assert_eq!(changed, [7]);
    map.check();
}

#[test]
fn a_key_that_fills_the_map_meanwhile_is_replaced() {
    each_kind!(filled_while_asked);
}

fn refreshed_while_asked<M: Face>() {
    let map = map::<M>();
    let before = map.entries();
    map.retain(|key, number| {
        if number == 10 * key {
            assert_eq!(map.insert(key, 7), Ok(Some(number)));
        }
        // What was just replaced is not to be kept.
        number == 7
    });
    let after = map.entries();
    assert_eq!(after.len(), before.len());
    assert!(after.contains(&(100, 7)));
    map.check();
}

#[test]
fn an_entry_that_was_refreshed_is_retained() {
    each_kind!(refreshed_while_asked);
}

/// The cell of an attempt in vain is held while the closure runs again.
fn panics_with_a_cell<M: Face>() {
    for key in keys().chain([50]) {
        for panic_in in 1..=2 {
            let map = map::<M>();
            let before = map.get(key);
            let mut calls = 0;
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                map.compute(key, |_| {
                    calls += 1;
                    assert!(calls < panic_in, "a panic in user code");
                    assert_eq!(map.remove(101), Some(1010));
                    assert_eq!(map.insert(101, 7), Ok(None));
                    Compute::Put(1)
                })
            }));
            // A value that is changed in place was not disturbed. (Else the planned panic, and no other.)
            assert!(calls == panic_in || outcome.is_ok() && calls == 1 && panic_in == 2);
            if outcome.is_err() {
                assert_eq!(map.get(key), before);
            }
            map.check();
            let removed = catch_unwind(AssertUnwindSafe(|| map.remove_if(key, |_, _| panic!())));
            assert_eq!(removed.is_err(), map.get(key).is_some());
            map.check();
            let retained = catch_unwind(AssertUnwindSafe(|| map.retain(|key, _| key < 3)));
            assert!(retained.is_ok());
            map.check();
        }
    }
}

#[test]
fn a_closure_that_panics_gives_its_cell_back() {
    each_kind!(panics_with_a_cell);
}
