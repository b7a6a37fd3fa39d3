//! `CopyMap`: full exactly when it should be.

use super::config::Spread;
use crate::{CopyMap, Full, TryInsertError};

fn check<const N: usize, const EXTRA: usize>(spread: Spread) {
    let map: CopyMap<u32, u64, N, EXTRA, Spread> = CopyMap::with_hasher(spread);
    let capacity = map.capacity() as u32;
    assert_eq!(capacity as usize, N + EXTRA - EXTRA.min(8));
    // Twice, with other keys: the cells come back.
    for base in [0, 1000] {
        for key in base..base + capacity {
            assert!(!map.is_full());
            assert_eq!(map.insert(key, u64::from(key)), Ok(None));
        }
        assert!(map.is_full());
        assert_eq!(map.insert(500, 5), Err(Full((500, 5))));
        assert_eq!(map.try_insert(501, 6), Err(TryInsertError::Full((501, 6))));
        let refused = map.get_or_insert_with(502, || unreachable!("full: not called"));
        assert_eq!(refused, Err(Full(502)));
        for key in base..base + capacity {
            let old = u64::from(key);
            if EXTRA > 0 {
                assert_eq!(map.insert(key, old + 1), Ok(Some(old)));
                assert_eq!(map.update(&key, |n| n + 1), Ok(Some(old + 1)));
                assert_eq!(map.get(&key), Some(old + 2));
            } else {
                assert_eq!(map.insert(key, old + 1), Err(Full((key, old + 1))));
                let refused = map.update(&key, |_| unreachable!("no cell: not called"));
                assert_eq!(refused, Err(Full(())));
            }
            assert_eq!(map.insert(500, 5), Err(Full((500, 5))));
        }
        for key in (base..base + capacity).rev() {
            assert!(map.remove(&key).is_some());
            assert_eq!(map.remove(&key), None);
            assert_eq!(map.insert(500, 5), Ok(None));
            assert_eq!(map.remove(&500), Some(5));
        }
        assert!(map.is_empty());
    }
}

#[test]
fn it_takes_exactly_its_capacity() {
    for spread in [Spread::Even, Spread::OneChain, Spread::Bad] {
        check::<1, 0>(spread);
        check::<3, 1>(spread);
        if cfg!(miri) {
            continue;
        }
        check::<2, 0>(spread);
        check::<5, 3>(spread);
        check::<8, 8>(spread);
        check::<1, 16>(spread);
        check::<8, 16>(spread);
    }
}

#[test]
fn a_replacement_inside_a_replacement_needs_a_second_spare() {
    let one: CopyMap<u8, usize, 2, 1, Spread> = CopyMap::default();
    let two: CopyMap<u8, usize, 2, 2, Spread> = CopyMap::default();
    for key in [1, 2] {
        one.insert(key, 0).unwrap();
        two.insert(key, 0).unwrap();
    }
    let outer = one.update(&1, |n| {
        assert_eq!(one.insert(2, 5), Err(Full((2, 5))));
        n + 1
    });
    assert_eq!(outer, Ok(Some(0)));
    let mut calls = 0;
    let outer = two.update(&1, |n| {
        calls += 1;
        if calls == 1 {
            assert_eq!(two.insert(2, 5), Ok(Some(0)));
        }
        n + 1
    });
    assert_eq!(outer, Ok(Some(0)));
    assert_eq!((one.get(&2), two.get(&2)), (Some(0), Some(5)));
}

/// A value of at most half a native word is changed in place, which takes no cell at all.
#[test]
fn a_narrow_value_is_replaced_in_a_map_without_spares() {
    let map: CopyMap<u8, u16, 2, 0, Spread> = CopyMap::default();
    map.insert(1, 0).unwrap();
    map.insert(2, 0).unwrap();
    assert_eq!(map.insert(3, 0), Err(Full((3, 0))));
    let outer = map.update(&1, |n| {
        assert_eq!(map.insert(2, u16::MAX), Ok(Some(0)));
        n + 1
    });
    assert_eq!(outer, Ok(Some(0)));
    assert_eq!((map.get(&1), map.get(&2)), (Some(1), Some(u16::MAX)));
    // A change of this very entry from within counts: the outer one is tried again.
    let mut calls = 0;
    let outer = map.update(&1, |n| {
        calls += 1;
        if calls == 1 {
            assert_eq!(map.update(&1, |n| n + 10), Ok(Some(1)));
        }
        n + 1
    });
    assert_eq!((outer, map.get(&1), calls), (Ok(Some(11)), Some(12), 2));
}

#[test]
fn a_small_map_for_a_long_time() {
    // Generations and cells wrap many times.
    let map: CopyMap<u64, u64, 2, 1, Spread> = CopyMap::default();
    for i in 0..super::config::scaled(100_000, 60).into() {
        assert_eq!(map.insert(i, i * 3), Ok(None));
        assert_eq!(map.update(&i, |n| n + 1), Ok(Some(i * 3)));
        assert_eq!(map.get(&i), Some(i * 3 + 1));
        if i > 0 {
            assert_eq!(map.remove(&(i - 1)), Some((i - 1) * 3 + 1));
        }
        assert_eq!(map.len(), 1);
    }
}
