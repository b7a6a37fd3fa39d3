//! Iteration beside changes within one step of the iterator: where it hashes a key.

use crate::{Map, placed};
use core::cell::RefCell;
use core::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};
use std::boxed::Box;
use std::rc::Rc;
use std::vec::Vec;

std::thread_local! {
    /// Done when the hash of this key is asked for next.
    static HOOK: RefCell<Option<(u8, Box<dyn FnOnce()>)>> = const { RefCell::new(None) };
}

/// A bucket, and a number to tell keys in it apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Key(u8, u8);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let hook = HOOK.take();
        match hook {
            Some((key, act)) if key == self.1 => act(),
            other => HOOK.set(other),
        }
        // The lower bits keep the hashes of one bucket's keys apart.
        state.write_u64(u64::from(self.0) << 61 | u64::from(self.1) << 16);
    }
}

#[derive(Default)]
struct Given(u64);

impl Hasher for Given {
    fn finish(&self) -> u64 {
        placed(self.0)
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// Eight cells and as many buckets.
type Eight = Map<Key, (), 8, 0, BuildHasherDefault<Given>>;

/// The iterator stands at an entry when the next one goes and its cell becomes another bucket's.
#[test]
fn an_entry_of_another_bucket_is_not_taken_for_the_next() {
    let map = Rc::new(Eight::default());
    let mut keys = [Key(0, 1), Key(1, 2), Key(1, 3), Key(2, 4)];
    // Their labels are alike, so they come in the order of their hashes.
    keys.sort_by_key(|key| BuildHasherDefault::<Given>::new().hash_one(key));
    let [first, there, next, filler] = keys;
    for key in [first, there, filler, next] {
        assert!(map.insert(key, ()).is_ok());
    }
    let mut entries = map.iter();
    assert_eq!(entries.next().map(|entry| *entry.key()), Some(first));
    let inner = map.clone();
    let act = move || {
        // The only cell near home that is free then is that of `next`.
        drop(inner.remove(&next));
        assert!(inner.insert(first, ()).is_ok_and(|old| old.is_some()));
    };
    HOOK.set(Some((there.1, Box::new(act))));
    let rest: Vec<Key> = entries.map(|entry| *entry.key()).collect();
    assert!(HOOK.take().is_none(), "nothing happened");
    assert_eq!(rest, [there, filler]);
}

/// The label of a key is what is beside its number; all keys are in one bucket.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
struct Labelled(u8, u8);

impl Hash for Labelled {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(u64::from(self.1) << 20 | u64::from(self.0));
    }
}

/// With equal labels hashes decide what comes next, whichever seats the entries are in, before and after the
/// bucket has changed.
#[test]
fn entries_with_equal_labels_come_once() {
    let keys = [Labelled(7, 1), Labelled(7, 2), Labelled(3, 3)];
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        for changed in 0..3 {
            let map = Map::<Labelled, (), 8, 0, BuildHasherDefault<Given>>::default();
            for at in order {
                assert!(map.insert(keys[at], ()).is_ok());
            }
            let mut entries = map.iter();
            let mut came: Vec<Labelled> = Vec::new();
            for at in 0..3 {
                if at == changed {
                    // Another label, behind all others.
                    assert!(map.insert(Labelled(9, 9), ()).is_ok());
                    assert!(map.remove(&Labelled(9, 9)).is_some());
                }
                came.extend(entries.next().map(|entry| *entry.key()));
            }
            assert!(entries.next().is_none());
            came.sort_unstable();
            assert_eq!(came, [keys[2], keys[0], keys[1]], "{order:?} {changed}");
        }
    }
}
