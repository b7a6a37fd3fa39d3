//! User code that changes the cache within an operation of it: an entry's key is hashed where it is in a
//! chain.

use crate::{Cache, placed};
use core::cell::{Cell, RefCell};
use core::hash::{BuildHasherDefault, Hash, Hasher};
use std::boxed::Box;
use std::rc::Rc;
use std::vec::Vec;

/// What the hash of a key does the next time but so many.
type Act = Box<dyn FnOnce()>;

#[derive(Clone, Default)]
struct Trap(Rc<(Cell<u32>, RefCell<Option<Act>>)>);

impl Trap {
    fn arm(&self, after: u32, act: impl FnOnce() + 'static) {
        self.0.0.set(after);
        *self.0.1.borrow_mut() = Some(Box::new(act));
    }

    fn spring(&self) {
        match self.0.0.get() {
            0 => {
                let act = self.0.1.borrow_mut().take();
                if let Some(act) = act {
                    act();
                }
            }
            n => self.0.0.set(n - 1),
        }
    }
}

/// Keys below 100 have one bucket, all others another one.
#[derive(Clone)]
struct Key(u32, Trap);

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.1.spring();
        self.0.hash(state);
    }
}

#[derive(Default)]
struct Two(u64);

impl Hasher for Two {
    fn finish(&self) -> u64 {
        placed((self.0 / 100) << 63 | (self.0 & 0xFF))
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_u32(&mut self, key: u32) {
        self.0 = key.into();
    }
}

/// More than the seats of two buckets.
const N: usize = 20;

type Subject = Cache<Key, u32, N, 4, BuildHasherDefault<Two>>;

/// Full, with chains in both buckets; and an entry of the second one's chain.
fn full() -> (Rc<Subject>, Key) {
    let cache = Rc::new(Subject::default());
    let mut keys: Vec<Key> = Vec::new();
    for id in (0..N as u32 / 2).flat_map(|id| [id, 100 + id]) {
        let key = Key(id, Trap::default());
        assert!(cache.insert(key.clone(), id).is_ok());
        keys.push(key);
    }
    let chained = |key: &&Key| {
        let entry = cache.peek(*key).expect("it is there");
        key.0 >= 100 && entry.guard().own().is_live()
    };
    let key = keys.iter().find(chained).expect("there is a chain").clone();
    (cache, key)
}

/// An insert finds no place, and no entry that may go: the only one leaves by itself meanwhile.
#[test]
fn an_insert_takes_a_place_that_has_become_free_meanwhile() {
    let (cache, last) = full();
    for entry in &*cache {
        assert!(*entry.key() == last || cache.pin(entry.key()));
    }
    let (inner, key) = (cache.clone(), Key(last.0, Trap::default()));
    last.1.arm(0, move || assert!(inner.remove(&key).is_some()));
    let new = Key(50, Trap::default());
    let done = cache.insert(new.clone(), 50).expect("there is a place");
    assert!(done.evicted.is_none() && done.replaced.is_none());
    assert!(cache.peek(&new).is_some() && cache.len() == N);
}

/// An insert finds no entry that may go, for the only one is pinned meanwhile; and its key comes meanwhile.
fn is_not_refused<const EXTRA: usize>() {
    let cache = Cache::<Key, u32, N, EXTRA, BuildHasherDefault<Two>>::default();
    let cache = Rc::new(cache);
    let keys: Vec<Key> = [0, 1]
        .into_iter()
        .chain(100..100 + N as u32 - 2)
        .map(|id| Key(id, Trap::default()))
        .collect();
    for key in &keys {
        assert!(cache.insert(key.clone(), key.0).is_ok());
    }
    let is_chained = |key: &&Key| {
        let entry = cache.peek(*key).expect("it is there");
        entry.guard().own().is_live()
    };
    let last = keys.iter().find(is_chained).expect("there is a chain");
    assert!(last.0 >= 100, "the first bucket has none");
    for entry in &*cache {
        assert!(*entry.key() == *last || cache.pin(entry.key()));
    }
    let (inner, key) = (cache.clone(), Key(last.0, Trap::default()));
    last.1.arm(0, move || {
        assert!(inner.pin(&key) && inner.remove(&Key(0, Trap::default())).is_some());
        let new = Key(50, Trap::default());
        assert!(inner.insert(new.clone(), 51).is_ok() && inner.pin(&new));
    });
    let done = cache
        .insert(Key(50, Trap::default()), 52)
        .expect("it is there");
    assert!(done.replaced.is_some_and(|old| *old == 51) && done.evicted.is_none());
}

/// With few cells its bucket has no free seat, so that it takes the slow way.
#[test]
fn an_insert_whose_key_has_come_meanwhile_is_not_refused() {
    is_not_refused::<4>();
    is_not_refused::<40>();
}

/// It is over at once, and taken out before the call returns: it was there. Had it had as little time before,
/// nobody could say whether the renewal came first.
#[test]
fn what_expires_while_its_time_is_cut_short_was_there() {
    const FAR: u32 = 1 << 30;
    let own = [
        (None, true),
        (Some((0, 20)), true),
        (Some((0, 5)), false),
        // By another context, as far ahead as may be.
        (Some((FAR, FAR)), true),
    ];
    for (before, told) in own {
        let (cache, last) = full();
        assert!(before.is_none_or(|(now, ttl)| cache.renew(&last, now, ttl)));
        let inner = cache.clone();
        // First for the look-up.
        last.1
            .arm(1, move || assert_eq!(inner.expire(10).count(), 1));
        assert_eq!(cache.renew(&last, 0, 8), told, "{before:?}");
        assert!(cache.peek(&last).is_none() && !cache.renew(&last, 0, 8));
    }
}

/// It expires as soon as it is not pinned any more, and before the call returns: it was there.
#[test]
fn what_expires_while_it_is_unpinned_was_there() {
    let (cache, last) = full();
    assert!(cache.renew(&last, 0, 5) && cache.pin(&last));
    assert_eq!(cache.expire(10).count(), 0);
    let inner = cache.clone();
    // First for the look-up.
    last.1
        .arm(1, move || assert_eq!(inner.expire(10).count(), 1));
    assert!(cache.unpin(&last));
    assert!(cache.peek(&last).is_none() && !cache.unpin(&last));
}
