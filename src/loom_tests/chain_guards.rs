//! Models of chains: of guards and iterators at entries that go, and at entries that come.

use super::chained::*;
use super::support::large_model as model;
use super::{Token, model_of, over, together};
use loom::thread;
use std::vec;
use std::vec::Vec;

/// The cell of a chain that the iterator has come to is another bucket's by then, and in its chain.
#[test]
fn a_guarded_iteration_beside_a_cell_that_another_bucket_gets() {
    model(|| {
        let map = with_chain::<Guarded>(&[1, 2], SEATS);
        // No other cell is free.
        for key in ELSEWHERE..ELSEWHERE + map.census().free {
            assert_eq!(map.put(key, 0), None);
        }
        let keys = on!(map;
        |map: &Guarded| map.map.iter().map(|entry| *entry.key()).collect(),
        |map: &Guarded| {
            assert_eq!(map.take(2), Some(20));
            let drops = map.drops.clone();
            // Refused while the iterator holds what was removed.
            let put = map.map.insert(MIDDLE, Token { content: 0, drops });
            map.made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            drop(put);
            Vec::new()
        });
        let times = |key| keys[0].iter().filter(|&&one| one == key).count();
        assert_eq!(times(1), 1, "{keys:?}");
        assert!(times(2) < 2 && times(MIDDLE) < 2, "{keys:?}");
    });
}

/// Each yields what was there, and what is there all the while once.
fn iterated(entries: impl Iterator<Item = (usize, usize)>, moved: [usize; 2]) {
    let entries: Vec<_> = entries.collect();
    let times = |key| entries.iter().filter(|entry| entry.0 == key).count();
    assert_eq!((times(1), times(2)), (1, 1), "{entries:?}");
    assert!(times(3) <= 1, "{entries:?}");
    for (key, number) in entries {
        assert!(
            number == 10 * key || key == 1 && moved.contains(&number),
            "{key}: {number}"
        );
    }
}

#[test]
fn an_iteration_beside_a_replacement_and_an_insert() {
    model(|| {
        let map = with_chain::<Wide>(&[], 0);
        assert_eq!((map.put(1, 10), map.put(2, 20)), (None, None));
        on!(map;
        |map: &Wide| {
            assert_eq!(map.put(1, 11), Some(10));
            assert_eq!(map.put(3, 30), None);
        },
        |map: &Wide| iterated(map.iter(), [10, 11]));
        has(&*map, &[(1, 11), (2, 20), (3, 30)]);
    });
}

#[test]
fn a_guarded_iteration_beside_a_replacement_and_an_insert() {
    model(|| {
        let map = with_chain::<Guarded>(&[], 0);
        assert_eq!((map.put(1, 10), map.put(2, 20)), (None, None));
        on!(map;
        |map: &Guarded| {
            assert_eq!(map.put(1, 11), Some(10));
            assert_eq!(map.put(3, 30), None);
        },
        |map: &Guarded| {
            let entries = map.map.iter().map(|entry| (*entry.key(), entry.content));
            iterated(entries, [10, 11]);
        });
        has(&*map, &[(1, 11), (2, 20), (3, 30)]);
    });
}

#[test]
fn an_iteration_of_a_chain_beside_a_replacement_that_comes_home() {
    model(|| {
        let map = with_chain::<Wide>(&[1, 2], 0);
        on!(map;
            |map: &Wide| assert_eq!(map.put(1, 11), Some(10)),
            |map: &Wide| iterated(map.iter(), [10, 11]));
        has(&*map, &[(1, 11), (2, 20)]);
    });
}

/// A guard is taken at a seat, or in the chain, whose entry goes and whose cell is another one's then.
fn a_guard_beside_removal_and_reuse(keys: &'static [usize], seated: usize) {
    model(move || {
        let map = with_chain::<Guarded>(keys, seated);
        if keys.is_empty() {
            assert_eq!(map.put(1, 10), None);
        }
        on!(map;
        |map: &Guarded| {
            if let Some(one) = map.map.get(&1) {
                assert_eq!((*one.key(), one.content), (1, 10));
                thread::yield_now();
                assert_eq!((*one.key(), one.content), (1, 10));
            }
        },
        |map: &Guarded| {
            assert_eq!(map.take(1), Some(10));
            assert_eq!(map.put(2, 22), None);
        });
        has(&*map, &[(2, 22)]);
    });
}

#[test]
fn a_guard_at_a_seat_beside_its_reuse() {
    a_guard_beside_removal_and_reuse(&[], 0);
}

#[test]
fn a_guard_at_the_first_beside_its_reuse() {
    a_guard_beside_removal_and_reuse(&[1], SEATS);
}

/// What a removal returns is its caller's, whoever wants a cell and whoever else tries to remove it.
#[test]
fn a_removed_first_outlives_an_attempt_to_reuse_it() {
    model(|| {
        let map = with_chain::<Guarded>(&[1], SEATS);
        assert_eq!((map.put(2, 20), map.put(3, 30)), (None, None));
        assert_eq!((map.take(2), map.take(3)), (Some(20), Some(30)));
        on!(map;
        |map: &Guarded| {
            if let Some(one) = map.map.remove(&1) {
                thread::yield_now();
                assert_eq!((*one.key(), one.content), (1, 10));
            }
        },
        |map: &Guarded| {
            let one = map.take(1);
            assert!(matches!(one, None | Some(10)), "{one:?}");
            assert_eq!(map.put(4, 40), None);
        });
        has(&*map, &[(4, 40)]);
    });
}

/// Both held the first when one of them took it out: the other tries in vain, perhaps after that.
#[test]
fn a_look_up_and_two_removals_of_a_guarded_first() {
    model_of(1, || {
        let map = with_chain::<Guarded>(&[1], 0);
        let took = on!(map;
        |map: &Guarded| map.take(1),
        |map: &Guarded| map.take(1),
        |map: &Guarded| {
            assert!(matches!(map.find(1), None | Some(10)));
            None
        });
        assert_eq!(took.iter().flatten().count(), 1, "{took:?}");
        has(&*map, &[]);
    });
}

/// The entry that an insert returns is held before it is in the map.
fn a_new_entry_beside_its_removal(seated: usize) {
    model(move || {
        let map = with_chain::<Guarded>(&[], seated);
        on!(map;
        |map: &Guarded| {
            map.made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let token = Token { content: 10, drops: map.drops.clone() };
            let one = map.map.try_insert(1, token);
            thread::yield_now();
            assert!(one.is_ok_and(|one| (*one.key(), one.content) == (1, 10)));
        },
        |map: &Guarded| {
            let one = map.take(1);
            assert!(matches!(one, None | Some(10)), "{one:?}");
        });
        assert!(matches!(map.take(1), None | Some(10)));
        has(&*map, &[]);
    });
}

#[test]
fn a_new_entry_in_a_seat_beside_its_removal() {
    a_new_entry_beside_its_removal(0);
}

#[test]
fn a_new_entry_in_the_chain_beside_its_removal() {
    a_new_entry_beside_its_removal(SEATS);
}
