//! The pool, one thread: identifiers, guards, what is full, and what it costs in memory.

use super::config::{Census, scaled};
use crate::slots::{SLOTS, Slot};
use crate::word::{Layout, Word};
use crate::{Full, Id, Pool, PoolGuard};
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

fn takes_exactly<const N: usize>() {
    let census = Census::default();
    let pool = Pool::<_, N>::new();
    assert_eq!((pool.capacity(), pool.len(), pool.is_empty()), (N, 0, true));
    assert!(!pool.is_full());
    let fill = |ids: &mut Vec<Id>| {
        while ids.len() < N {
            assert_eq!((pool.len(), pool.is_empty()), (ids.len(), ids.is_empty()));
            let id = pool.insert(census.counted(ids.len() as u32)).unwrap();
            assert!(ids.iter().all(|other| *other != id));
            ids.push(id);
        }
        assert!(pool.is_full());
        for number in [100, 101] {
            let Err(Full(value)) = pool.insert(census.counted(number)) else {
                panic!("one more than {N}");
            };
            assert_eq!(value.number, number, "what was refused comes back");
        }
    };
    let mut ids = Vec::new();
    for round in 0..4 {
        fill(&mut ids);
        assert_eq!(census.alive(), N);
        for (number, &id) in ids.iter().enumerate() {
            assert!(pool.contains(id));
            assert_eq!(pool.get(id).unwrap().number, number as u32);
        }
        // Removed and held: exactly its cell is missing.
        let at = round % N;
        let guard = pool.remove(ids.remove(at)).unwrap();
        assert_eq!(pool.len(), N - 1);
        assert!(pool.insert(census.counted(7)).is_err());
        assert_eq!((guard.number, census.alive()), (at as u32, N));
        drop(guard);
        assert_eq!(census.alive(), N - 1);
        for id in ids.drain(..) {
            assert!(pool.remove(id).is_some());
        }
        assert!(pool.is_empty());
    }
    fill(&mut ids);
    drop(pool);
    assert_eq!(census.alive(), 0);
}

#[test]
fn it_takes_exactly_its_capacity() {
    takes_exactly::<1>();
    takes_exactly::<2>();
    takes_exactly::<3>();
    takes_exactly::<20>();
}

#[test]
fn an_identifier_is_one_word_and_comes_back_from_its_number() {
    assert_eq!(size_of::<Id>(), size_of::<usize>());
    assert_eq!(size_of::<Option<Id>>(), size_of::<usize>());
    assert_eq!(Id::from_bits(0), None);
    let pool = Pool::<u32, 3>::new();
    for number in 0..3 {
        let id = pool.insert(number).unwrap();
        let again = Id::from_bits(id.to_bits());
        assert_eq!(again, Some(id));
        assert_eq!(again.and_then(|id| pool.get(id)).as_deref(), Some(&number));
    }
}

#[test]
fn identifiers_that_name_nothing_are_answered_with_none() {
    // Five cells: three bits, which could name eight.
    let pool = Pool::<u32, 5>::new();
    let live: Vec<Id> = (0..2).filter_map(|n| pool.insert(n).ok()).collect();
    let ones = (0..usize::BITS).map(|bit| 1usize << bit);
    let numbers = (1..300).chain(ones).chain([usize::MAX, usize::MAX - 1]);
    for id in numbers.filter_map(Id::from_bits) {
        let known = live.contains(&id);
        assert_eq!((pool.contains(id), pool.get(id).is_some()), (known, known));
        if !known {
            assert!(pool.remove(id).is_none());
        }
    }
    assert_eq!(pool.len(), 2);
}

/// While another cell is free: the generations of one cell alone would wrap the soonest.
///
/// Each context has a start of its own, told by where its stack lies. Miri places each local anew.
#[test]
#[cfg(not(miri))]
fn a_cell_that_was_just_freed_is_not_the_next_one() {
    let pool = Pool::<u32, 4>::new();
    let mut last = None;
    for number in 0..20 {
        let id = pool.insert(number).unwrap();
        let index = Layout::new(4, 4).index(Word(id.to_bits()));
        assert_ne!(index, last);
        last = index;
        assert!(pool.remove(id).is_some());
    }
}

#[test]
#[cfg(not(tagged_arena_tiny))]
fn a_stale_identifier_names_nothing_for_a_long_time() {
    const { assert!(Pool::<u32, 1>::GENERATION_BITS >= 22) };
    let pool = Pool::<u32, 1>::new();
    let first = pool.insert(0).unwrap();
    pool.remove(first);
    let mut before = first;
    for number in 1..scaled(100_000, 300) {
        let id = pool.insert(number).unwrap();
        for stale in [first, before] {
            assert!(!pool.contains(stale) && pool.get(stale).is_none());
            assert!(pool.remove(stale).is_none());
        }
        assert_eq!(pool.remove(id).as_deref(), Some(&number));
        before = id;
    }
}

#[test]
#[cfg(tagged_arena_tiny)]
fn a_stale_identifier_names_a_newer_value_at_worst() {
    use std::boxed::Box;
    assert_eq!(Pool::<Box<u32>, 3>::GENERATION_BITS, 2);
    let pool = Pool::<Box<u32>, 3>::new();
    let stale = pool.insert(Box::new(0)).unwrap();
    let mut named = 0;
    for number in 1..scaled(2_000, 100) {
        drop(pool.remove(stale));
        // Removed above by its own identifier, or by the stale one.
        if let Ok(id) = pool.insert(Box::new(number)) {
            named += u32::from(pool.get(stale).is_some_and(|value| **value == number));
            drop(pool.remove(id));
        }
    }
    assert!(named > 0, "two bits wrap");
}

#[test]
fn guards_keep_removed_values() {
    let census = Census::default();
    let pool = Pool::<_, 2>::new();
    let id = pool.insert(census.counted(1)).unwrap();
    let mut guards: Vec<PoolGuard<_>> = (0..SLOTS + 4).filter_map(|_| pool.get(id)).collect();
    guards.extend(pool.remove(id));
    assert_eq!(guards.len(), SLOTS + 5);
    assert!(pool.get(id).is_none() && pool.remove(id).is_none() && !pool.contains(id));
    while let Some(guard) = guards.pop() {
        assert_eq!((guard.number, census.alive()), (1, 1));
    }
    assert_eq!(census.alive(), 0);
}

#[test]
fn leaked_guards_cost_their_cells() {
    let census = Census::default();
    let pool = Pool::<_, 3>::new();
    let ids: Vec<Id> = (0..3)
        .filter_map(|n| pool.insert(census.counted(n)).ok())
        .collect();
    core::mem::forget((pool.get(ids[0]), pool.get(ids[0])));
    core::mem::forget(pool.remove(ids[1]));
    ids.iter().for_each(|&id| drop(pool.remove(id)));
    assert_eq!((pool.len(), census.alive()), (0, 2));
    assert!(pool.insert(census.counted(5)).is_ok());
    assert!(pool.insert(census.counted(6)).is_err());
    drop(pool);
    assert_eq!(census.alive(), 0);
}

#[test]
fn values_of_any_size() {
    let units = Pool::<(), 2>::new();
    let ids = [units.insert(()).unwrap(), units.insert(()).unwrap()];
    assert!(units.insert(()).is_err() && ids[0] != ids[1]);
    assert!(units.remove(ids[0]).is_some() && units.get(ids[1]).is_some());
    let large = Pool::<[u64; 200], 2>::new();
    let id = large.insert([9; 200]).unwrap();
    assert!(large.get(id).unwrap().iter().all(|&n| n == 9));
    let text = Pool::<String, 2>::new();
    let id = text.insert("abc".to_string()).unwrap();
    assert_eq!(text.remove(id).as_deref().map(String::as_str), Some("abc"));
    #[repr(align(128))]
    struct Wide(u8);
    let wide = Pool::<Wide, 3>::new();
    let id = wide.insert(Wide(3)).unwrap();
    let guard = wide.get(id).unwrap();
    assert_eq!((core::ptr::from_ref(&*guard).addr() % 128, guard.0), (0, 3));
}

#[test]
fn it_shows_itself() {
    let pool = Pool::<&str, 4>::default();
    let id = pool.insert("a").unwrap();
    assert_eq!(format!("{pool:?}"), "Pool { capacity: 4, len: 1 }");
    assert_eq!(format!("{:?}", pool.get(id).unwrap()), "\"a\"");
    assert_eq!(format!("{:?}", Full(1)), "Full(..)");
    assert!(Full(1).to_string().starts_with("no room: "));
}

/// As the README says.
#[test]
fn the_slots_take_a_kibibyte_or_eight_words() {
    let bytes = if usize::BITS == 64 { 1024 } else { 32 };
    assert_eq!(size_of::<[Slot; SLOTS]>(), bytes);
}

/// Read through the operating system, for padding may not be read by a program.
#[test]
#[cfg(all(target_os = "linux", not(miri)))]
fn a_fresh_pool_is_all_zero_bits() {
    use std::os::unix::fs::FileExt;
    static POOL: Pool<String, 5> = Pool::new();
    let memory = std::fs::File::open("/proc/self/mem").unwrap();
    let mut bytes = std::vec![0xFF; size_of_val(&POOL)];
    let address = core::ptr::from_ref(&POOL).expose_provenance() as u64;
    memory.read_exact_at(&mut bytes, address).unwrap();
    assert_eq!(bytes.iter().position(|&byte| byte != 0), None);
    assert!(POOL.is_empty());
}

#[test]
fn what_may_be_sent_and_shared() {
    const fn both<T: Send + Sync>() {}
    const fn send<T: Send>() {}
    both::<Pool<String, 4>>();
    both::<PoolGuard<'static, String>>();
    both::<(Id, Full<u32>)>();
    send::<Pool<core::cell::Cell<u32>, 4>>();
}

#[test]
fn a_clone_of_a_guard_holds_the_value_too() {
    for last in 0..3 {
        let census = Census::default();
        let pool = Pool::<_, 1>::new();
        let id = pool.insert(census.counted(7)).unwrap();
        let first = pool.get(id).unwrap();
        let mut guards = std::vec![PoolGuard::clone(&first), first, pool.remove(id).unwrap()];
        guards.rotate_left(last);
        while let Some(guard) = guards.pop() {
            assert_eq!((guard.number, census.alive()), (7, 1));
            assert!(pool.insert(census.counted(8)).is_err());
        }
        assert_eq!(census.alive(), 0);
        assert!(pool.insert(census.counted(8)).is_ok());
    }
}

#[test]
fn a_guard_shows_its_value() {
    let pool: Pool<u32, 1> = Pool::new();
    let id = pool.insert(7).unwrap();
    let guard = pool.get(id).unwrap();
    assert_eq!(format!("{guard:>3} {guard:?}"), "  7 7");
}
