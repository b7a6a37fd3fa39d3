//! What stays and what goes, by flags, ring and ghosts.

use super::super::cells::USED;
use super::*;
use tagged_arena::cells::Want;

type Ten = Cache<u32, u32, 10, 4>;

/// Ten entries, of which the ring names none.
fn ten() -> Ten {
    let cache = Ten::new();
    for key in 0..10 {
        assert!(cache.insert(key, key).is_ok());
    }
    for place in 0..2 {
        cache.policy.ring.0.word(place).store(0, Ordering::Relaxed);
    }
    cache
}

fn cell(cache: &Ten, key: u32) -> usize {
    cache.peek(&key).expect("it is there").guard().index()
}

fn flags(cache: &Ten, key: u32) -> u8 {
    cache.flags.get(cell(cache, key))
}

/// An insert that was suspended while others came all round the ring leaves such an entry.
#[test]
fn what_the_ring_does_not_name_goes_in_the_end() {
    let cache = ten();
    for index in 0..cache.cells() {
        cache.flags.raise(index, PROBATION);
    }
    for key in 100..140 {
        assert!(cache.insert(key, key).is_ok());
        // So that the hand evicts, and not the ring.
        assert!(cache.get(&key).is_some());
    }
    assert!((0..10).all(|key| cache.peek(&key).is_none()));
    assert!(cache.iter().count() == 10);
}

/// What says that there was nothing to choose from is how many entries were seen.
#[test]
fn what_has_left_and_is_held_is_not_counted() {
    let cache = ten();
    let held = cache.remove(&9);
    assert!(held.is_some() && cache.insert(10, 10).is_ok());
    let claimed = cache.map.table.arena.claim(0, Want::Any);
    for entry in &cache {
        assert!(cache.pin(entry.key()));
    }
    assert!(cache.sweep(None).is_err_and(|entries| entries == 10));
    assert!(cache.unpin(&0) && cache.remove(&0).is_some());
    assert!(cache.sweep(None).is_err_and(|entries| entries == 9));
    drop((held, claimed));
}

/// In buckets with chains, or without a free seat, and in others.
#[test]
fn a_refused_insert_has_looked_once() {
    fn of<const EXTRA: usize>() {
        let cache: Cache<u32, u32, 10, EXTRA> = Cache::new();
        for key in 0..10 {
            assert!(cache.insert(key, key).is_ok() && cache.pin(&key));
        }
        let hand = || cache.policy.hand.0.load(Ordering::Relaxed);
        for key in 100..200 {
            let before = hand();
            assert!(cache.insert(key, key).is_err());
            assert_eq!(hand() - before, 3 * cache.cells(), "{key}");
        }
    }
    of::<1>();
    of::<30>();
}

/// As an entry's place is that is taken out twice, where a counter of the map has wrapped.
#[test]
fn a_place_that_is_given_back_twice_refuses_nobody() {
    let cache = Ten::new();
    drop(cache.places.of_removed());
    for key in 0..20 {
        assert!(cache.insert(key, key).is_ok(), "{key}");
    }
}

/// So that the hand must come by four times to choose one.
#[test]
fn what_the_hand_has_not_chosen_goes_if_something_must() {
    let cache = ten();
    for index in 0..cache.cells() {
        cache.flags.raise(index, PROBATION | USES);
    }
    assert!(
        cache
            .insert(100, 100)
            .is_ok_and(|done| done.evicted.is_some())
    );
}

/// Each context takes its places in runs, and all together take each place once before one comes again.
#[test]
fn contexts_share_a_long_ring() {
    const ENTRIES: usize = 5 * LONG;
    let cache: std::boxed::Box<Cache<u32, u32, ENTRIES, 1>> = std::boxed::Box::default();
    let contexts = [AtomicUsize::new(0), AtomicUsize::new(0)];
    let arrive = |arrival| {
        let next = Some(&contexts[arrival % 2]);
        cache.policy.arrive(next, LONG, arrival, 0)
    };
    for arrival in 0..LONG {
        assert_eq!(arrive(arrival), None, "the place of arrival {arrival}");
    }
    let named = |place| cache.policy.ring.0.word(place).load(Ordering::Relaxed) - 1;
    for place in 0..LONG {
        // The runs of one context lie between those of the other.
        let (run, within) = (place / RUN, place % RUN);
        let arrival = run / 2 * 2 * RUN + 2 * within + run % 2;
        assert_eq!(named(place), arrival, "at place {place}");
    }
    for arrival in LONG..2 * LONG {
        let old = arrive(arrival).expect("all places name a cell");
        assert_eq!(old.0, arrival - LONG, "the oldest of its context");
    }
}

/// A ring in which runs would be most of it, or of contexts that have no place for what is next.
#[test]
fn a_short_ring_is_given_out_one_by_one() {
    let cache: std::boxed::Box<Cache<u32, u32, { 5 * LONG }, 1>> = std::boxed::Box::default();
    let contexts = [AtomicUsize::new(0), AtomicUsize::new(0)];
    for arrival in 0..LONG - 1 {
        let next = Some(&contexts[arrival % 2]);
        assert_eq!(cache.policy.arrival(next, LONG - 1), arrival);
    }
    assert_eq!(cache.policy.arrival(None, LONG), LONG - 1);
}

#[test]
fn a_ghost_is_there_once() {
    let cache = Ten::new();
    let hash = cache.map.native_hash(&7);
    assert!(!cache.policy.returns(hash));
    cache.policy.remember(hash);
    assert!(cache.policy.returns(hash) && !cache.policy.returns(hash));
}

/// The key of what was evicted, and comes back, stays from the start; any other one is on probation.
#[test]
fn what_comes_back_stays() {
    let cache = Ten::new();
    for key in 0..10 {
        assert!(cache.insert(key, key).is_ok());
    }
    let evicted = cache.insert(100, 100).expect("one may go").evicted;
    let gone = *evicted.expect("it was full").key();
    assert!(flags(&cache, 100) & PROBATION != 0);
    assert!(cache.insert(gone, gone).is_ok());
    assert!(flags(&cache, gone) & PROBATION == 0);
}

/// What was used when its place in the ring is another's stays, and must be used again to stay longer.
#[test]
fn what_was_used_on_probation_stays_without_its_uses() {
    let cache = Ten::new();
    for key in 0..9 {
        assert!(cache.insert(key, key).is_ok());
    }
    // Of two places the next one is that of the last but one.
    assert!(cache.get(&7).is_some());
    assert!(flags(&cache, 7) & USES != 0);
    let unproved = Why::Unproved(0);
    assert!(!cache.flags.may_go(cell(&cache, 7), unproved));
    assert!(cache.flags.may_go(cell(&cache, 8), unproved));
    assert!(cache.insert(100, 100).is_ok());
    assert_eq!(flags(&cache, 7) & (PROBATION | USES), 0);
    assert!(flags(&cache, 8) & PROBATION != 0);
}

/// What stays already is not touched when its place in the ring is another's.
#[test]
fn what_stays_keeps_its_uses() {
    let cache = Ten::new();
    for key in 0..9 {
        assert!(cache.insert(key, key).is_ok());
    }
    // Of two places the next one is that of the last but one.
    cache.flags.lower(cell(&cache, 7), PROBATION);
    cache.flags.raise(cell(&cache, 7), USED);
    assert!(
        cache
            .insert(100, 100)
            .is_ok_and(|done| done.evicted.is_none())
    );
    assert!(flags(&cache, 7) & USED != 0);
}

/// Whether the entry that the hand comes to first is still there when nine others came, each for one that had
/// fewer uses. All had so many uses before `use_it`.
fn outlives(uses: u8, use_it: fn(&Ten, u32)) -> bool {
    let cache = ten();
    for key in 0..10 {
        cache.flags.lower(cell(&cache, key), PROBATION | USES);
        cache.flags.raise(cell(&cache, key), uses);
    }
    let first = (0..10).min_by_key(|&key| cell(&cache, key));
    let first = first.expect("there are ten");
    use_it(&cache, first);
    // A replacement lies elsewhere.
    cache
        .policy
        .hand
        .0
        .store(cell(&cache, first), Ordering::Relaxed);
    for key in 100..109 {
        assert!(
            cache
                .insert(key, key)
                .is_ok_and(|done| done.evicted.is_some())
        );
        // So that it is not among those that go.
        cache.flags.raise(cell(&cache, key), USES);
    }
    cache.peek(&first).is_some()
}

#[test]
fn uses_count_up_to_two() {
    let look_up = |cache: &Ten, key: u32| assert!(cache.get(&key).is_some());
    let replace = |cache: &Ten, key: u32| assert!(cache.insert(key, 33).is_ok());
    for use_it in [look_up, replace] {
        assert!(outlives(0, use_it));
        assert!(outlives(USED, use_it));
    }
    assert!(!outlives(0, |_, _| ()));
    assert!(!outlives(USED, |_, _| ()));
}
