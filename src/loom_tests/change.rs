//! Models of what removes or changes an entry as a closure decides: what it was shown is what it is done to.

use super::chained::{self, Subject, with_chain};
use super::support::{Copies, Guarded, copies, large_model, model};
use super::{OneChain, Token, dropped_exactly, guarded, over, together};
use crate::{Compute, Computed, CopyMap};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use std::vec;

type Narrow = CopyMap<usize, u32, 2, 1, OneChain>;

fn token(content: usize, drops: &Arc<AtomicUsize>) -> Token {
    let drops = drops.clone();
    Token { content, drops }
}

/// A refreshed entry is not removed: either the removal came first, or it found what it does not want.
#[test]
fn remove_if_beside_update() {
    model(|| {
        let map = copies(&[(1, 10)]);
        let seen = on!(map;
            |map: &Copies| map.remove_if(&1, |key, value| (*key, *value) == (1, 10)),
            |map: &Copies| map.update(&1, |n| n + 1).unwrap());
        match (&seen[..], map.get(&1)) {
            ([Some(10), None], None) | ([None, Some(10)], Some(11)) => {}
            wrong => panic!("{wrong:?}"),
        }
        assert_eq!(map.stats().free, 3 - map.len());
    });
}

#[test]
fn remove_if_beside_a_change_in_place() {
    model(|| {
        let map = Narrow::default();
        assert_eq!(map.insert(1, 10), Ok(None));
        let map = Arc::new(map);
        let seen = on!(map;
            |map: &Narrow| map.remove_if(&1, |key, value| (*key, *value) == (1, 10)),
            |map: &Narrow| map.update(&1, |n| n + 1).unwrap());
        match (&seen[..], map.get(&1)) {
            ([Some(10), None], None) | ([None, Some(10)], Some(11)) => {}
            wrong => panic!("{wrong:?}"),
        }
        assert_eq!(map.stats().free, 3 - map.len());
    });
}

/// The cell is another key's when the predicate is asked, or when the entry is to be removed.
#[test]
fn remove_if_of_an_entry_whose_cell_is_reused() {
    model(|| {
        let map = Narrow::default();
        assert_eq!(map.insert(1, 10), Ok(None));
        let map = Arc::new(map);
        let seen = on!(map;
        |map: &Narrow| {
            map.remove_if(&1, |key, value| {
                assert_eq!((*key, *value), (1, 10));
                true
            })
        },
        |map: &Narrow| {
            let removed = map.remove(&1);
            assert_eq!(map.insert(2, 10), Ok(None));
            removed
        });
        assert!(matches!(seen[..], [None, Some(10)] | [Some(10), None]));
        assert_eq!((map.get(&1), map.get(&2)), (None, Some(10)));
    });
}

#[test]
fn remove_if_beside_a_guarded_replacement() {
    model(|| {
        let (map, drops) = guarded(&[(1, 10)]);
        let new = token(11, &drops);
        let seen = on!(map;
            |map: &Guarded| map.remove_if(&1, |_, value| value.content == 10).map(|old| old.content),
            move |map: &Guarded| map.insert(1, new).ok().flatten().map(|old| old.content));
        assert!(matches!(seen[..], [Some(10), None] | [None, Some(10)]));
        assert_eq!(map.get(&1).unwrap().content, 11);
        dropped_exactly(map, &drops, 2);
    });
}

/// In a chain: the first, and one behind it.
fn remove_if_in_a_chain<M: Subject>() {
    for key in [1, 2] {
        large_model(move || {
            let map = with_chain::<M>(&[1, 2], 0);
            let seen = on!(map;
                move |map: &M| map.take_if(key, move |number| number == 10 * key),
                move |map: &M| map.put(key, 7));
            match (&seen[..], map.find(key)) {
                ([Some(number), None] | [None, Some(number)], Some(7)) => {
                    assert_eq!(*number, 10 * key);
                }
                wrong => panic!("{wrong:?}"),
            }
            assert_eq!(map.find(3 - key), Some(10 * (3 - key)));
            assert_eq!(map.census().live, 2);
        });
    }
}

#[test]
fn remove_if_in_a_chain_of_wide_values() {
    remove_if_in_a_chain::<chained::Wide>();
}

#[test]
fn remove_if_in_a_chain_of_values_changed_in_place() {
    remove_if_in_a_chain::<chained::Narrow>();
}

#[test]
fn remove_if_in_a_chain_of_guarded_values() {
    remove_if_in_a_chain::<chained::Guarded>();
}

/// The same in a chain, where only the entry's own word tells: the key is loaded, then that word.
#[test]
fn remove_if_of_a_chained_entry_whose_cell_is_reused() {
    large_model(|| {
        let map = with_chain::<chained::Wide>(&[1, 2], 0);
        let seen = on!(map;
        |map: &chained::Wide| {
            map.remove_if(&2, |key, value| {
                assert_eq!((*key, *value), (2, 20));
                true
            })
        },
        |map: &chained::Wide| {
            let removed = map.remove(&2);
            assert_eq!(map.insert(chained::THERE, 20), Ok(None));
            removed
        });
        assert!(matches!(seen[..], [None, Some(20)] | [Some(20), None]));
        assert_eq!((map.find(2), map.find(chained::THERE)), (None, Some(20)));
    });
}

/// Counts are not lost, whoever inserts.
#[test]
fn upsert_upsert() {
    model(|| {
        let map = copies(&[]);
        let seen = on!(map;
            |map: &Copies| map.upsert(1, || 1, |n| n + 1).unwrap(),
            |map: &Copies| map.upsert(1, || 1, |n| n + 1).unwrap());
        assert!(matches!(seen[..], [None, Some(1)] | [Some(1), None]));
        assert_eq!((map.get(&1), map.stats().free), (Some(2), 2));
    });
}

#[test]
fn upsert_upsert_in_place() {
    model(|| {
        let map = Arc::new(Narrow::default());
        let seen = on!(map;
            |map: &Narrow| map.upsert(1, || 1, |n| n + 1).unwrap(),
            |map: &Narrow| map.upsert(1, || 1, |n| n + 1).unwrap());
        assert!(matches!(seen[..], [None, Some(1)] | [Some(1), None]));
        assert_eq!((map.get(&1), map.stats().free), (Some(2), 2));
    });
}

#[test]
fn upsert_upsert_guarded() {
    model(|| {
        let (map, drops) = guarded(&[]);
        let made = Arc::new(AtomicUsize::new(0));
        let count = || {
            let (drops, made) = (drops.clone(), made.clone());
            move |map: &Guarded| {
                let new = |content| {
                    made.fetch_add(1, Ordering::Relaxed);
                    token(content, &drops)
                };
                let old = map.upsert(1, || new(1), |old| new(old.content + 1));
                let Ok(old) = old else { panic!("full") };
                old.map(|old| old.content)
            }
        };
        let seen = on!(map; count(), count());
        assert!(matches!(seen[..], [None, Some(1)] | [Some(1), None]));
        assert_eq!(map.get(&1).unwrap().content, 2);
        dropped_exactly(map, &drops, made.load(Ordering::Relaxed));
    });
}

#[test]
fn compute_beside_remove() {
    model(|| {
        let map = copies(&[(1, 10)]);
        let done = Arc::new(loom::sync::Mutex::new(None));
        let told = done.clone();
        let seen = on!(map;
        move |map: &Copies| {
            let computed = map.compute(1, |n| Compute::Put(n.map_or(100, |n| n + 1)));
            *told.lock().unwrap() = Some(computed.unwrap());
            None
        },
        |map: &Copies| map.remove(&1));
        let computed = done.lock().unwrap().take().unwrap();
        match (computed, seen[1], map.get(&1)) {
            (Computed::Replaced(10), Some(11), None) => {}
            (Computed::Inserted, Some(10), Some(100)) => {}
            wrong => panic!("{wrong:?}"),
        }
        assert_eq!(map.stats().free, 3 - map.len());
    });
}

/// Of two that take the last one, one does.
#[test]
fn compute_compute_in_place() {
    fn spend(map: &Narrow) -> Computed<u32> {
        let spend = |left: Option<&u32>| match left {
            Some(&left) if left > 1 => Compute::Put(left - 1),
            _ => Compute::Remove,
        };
        map.compute(1, spend).unwrap()
    }
    model(|| {
        let map = Narrow::default();
        assert_eq!(map.insert(1, 2), Ok(None));
        let map = Arc::new(map);
        let seen = on!(map; spend, spend);
        assert!(seen.contains(&Computed::Replaced(2)) && seen.contains(&Computed::Removed(1)));
        assert_eq!((map.get(&1), map.stats().free), (None, 3));
    });
}
