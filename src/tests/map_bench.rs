//! A `Map` beside the `std::collections::HashMap` that says what it ought to hold.

use super::config::Spread;
use super::ledger::{Ledger, Payload};
use super::map_model::{ById, Key, Op};
use crate::{Full, Map, Ref, TryInsertError};
use std::collections::HashMap;
use std::format;
use std::vec::Vec;

/// An entry: `tag` names its key, `value` its value and, being unique, the entry itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    id: u8,
    tag: u32,
    value: u32,
}

fn entry<P: Payload>(guard: &Ref<'_, Key<P>, P>) -> Entry {
    assert_eq!((**guard).number(), guard.value().number());
    Entry {
        id: guard.key().id,
        tag: guard.key().tag.number(),
        value: guard.value().number(),
    }
}

/// Whether there is a cell for what is to be put in.
#[derive(Debug, PartialEq)]
enum Room {
    Yes,
    No,
    /// It depends on which cells replacements happened to take.
    Either,
}

/// A map, what it ought to hold, and the guards on it.
pub(super) struct Bench<'m, P, const N: usize, const EXTRA: usize> {
    map: &'m Map<Key<P>, P, N, EXTRA, Spread>,
    spread: Spread,
    ledger: Ledger,
    live: HashMap<u8, Entry>,
    held: Vec<(Ref<'m, Key<P>, P>, Entry)>,
    /// Entries out of the map that a guard holds; `true` for replaced ones.
    dead: HashMap<u32, bool>,
    serial: u32,
}

impl<'m, P: Payload, const N: usize, const EXTRA: usize> Bench<'m, P, N, EXTRA> {
    pub(super) fn new(
        map: &'m Map<Key<P>, P, N, EXTRA, Spread>,
        spread: Spread,
        ledger: &Ledger,
    ) -> Self {
        Self {
            map,
            spread,
            ledger: ledger.clone(),
            live: HashMap::new(),
            held: Vec::new(),
            dead: HashMap::new(),
            serial: 0,
        }
    }

    fn fresh(&mut self, id: u8) -> (Entry, Key<P>, P) {
        self.serial += 2;
        let (tag, value) = (self.serial, self.serial + 1);
        let key = Key {
            id,
            tag: P::new(&self.ledger, tag),
        };
        (Entry { id, tag, value }, key, P::new(&self.ledger, value))
    }

    fn room_for_new(&self) -> Room {
        let replaced = self.dead.values().filter(|&&replaced| replaced).count();
        let taken = self.live.len() + self.dead.len() - replaced;
        let spares = EXTRA.min(8);
        if taken + replaced < self.map.capacity() {
            Room::Yes
        } else if taken + replaced.saturating_sub(spares) >= self.map.capacity() {
            Room::No
        } else {
            Room::Either
        }
    }

    fn room(&self, id: u8) -> Room {
        if !self.live.contains_key(&id) {
            self.room_for_new()
        } else if self.live.len() + self.dead.len() < N + EXTRA {
            Room::Yes
        } else {
            Room::No
        }
    }

    fn keep(&mut self, guard: Ref<'m, Key<P>, P>, expected: Entry, hold: bool) {
        assert_eq!(entry(&guard), expected);
        if hold {
            self.held.push((guard, expected));
        }
    }

    fn bury(&mut self, guard: Ref<'m, Key<P>, P>, expected: Entry, replaced: bool, hold: bool) {
        self.dead.insert(expected.value, replaced);
        self.keep(guard, expected, hold);
    }

    pub(super) fn apply(&mut self, op: &Op) {
        match *op {
            Op::Insert(id, hold) => self.insert(id, hold),
            Op::TryInsert(id, hold) => self.try_insert(id, hold),
            Op::GetOrInsert(id, hold) => self.get_or_insert(id, hold),
            Op::Update(id, hold) => self.update(id, hold),
            Op::Remove(id, hold) => {
                let removed = self.map.remove(&ById(id));
                assert_eq!(removed.as_ref().map(entry), self.live.remove(&id));
                if let Some(guard) = removed {
                    let expected = entry(&guard);
                    self.bury(guard, expected, false, hold);
                }
            }
            Op::Get(id, hold) => {
                let found = self.map.get(&ById(id));
                assert_eq!(found.as_ref().map(entry), self.live.get(&id).copied());
                assert_eq!(self.map.contains_key(&ById(id)), found.is_some());
                if let Some(guard) = found.filter(|_| hold) {
                    let expected = self.live[&id];
                    self.keep(guard, expected, hold);
                }
            }
            Op::Iterate(hold) => self.iterate(hold),
            Op::Release(_) if self.held.is_empty() => {}
            Op::Release(at) => {
                let (guard, expected) = self.held.swap_remove(at % self.held.len());
                assert_eq!(entry(&guard), expected);
            }
            Op::ReleaseAll => self.release_all(),
        }
        let held = &self.held;
        self.dead
            .retain(|&value, _| held.iter().any(|(_, entry)| entry.value == value));
        self.check();
    }

    fn insert(&mut self, id: u8, hold: bool) {
        let room = self.room(id);
        let was = self.live.get(&id).copied();
        let (new, key, value) = self.fresh(id);
        match self.map.insert(key, value) {
            Ok(replaced) => {
                assert_ne!(room, Room::No);
                assert_eq!(replaced.as_ref().map(entry), was);
                self.live.insert(id, new);
                if let (Some(guard), Some(was)) = (replaced, was) {
                    self.bury(guard, was, true, hold);
                }
            }
            Err(Full((key, value))) => {
                assert_ne!(room, Room::Yes);
                assert_eq!((key.id, key.tag.number()), (id, new.tag));
                assert_eq!(value.number(), new.value);
            }
        }
    }

    fn try_insert(&mut self, id: u8, hold: bool) {
        let room = self.room(id);
        let was = self.live.get(&id).copied();
        let (new, key, value) = self.fresh(id);
        let (key, value) = match self.map.try_insert(key, value) {
            Ok(guard) => {
                assert_eq!(was, None);
                assert_ne!(room, Room::No);
                self.live.insert(id, new);
                return self.keep(guard, new, hold);
            }
            Err(TryInsertError::Occupied {
                existing,
                key,
                value,
            }) => {
                self.keep(existing, was.expect("it must be there"), hold);
                (key, value)
            }
            Err(TryInsertError::Full(pair)) => {
                assert_eq!(was, None);
                assert_ne!(room, Room::Yes);
                pair
            }
        };
        assert_eq!((key.id, key.tag.number()), (id, new.tag));
        assert_eq!(value.number(), new.value);
    }

    fn get_or_insert(&mut self, id: u8, hold: bool) {
        let room = self.room(id);
        let was = self.live.get(&id).copied();
        let (new, key, value) = self.fresh(id);
        let mut value = Some(value);
        let made = |value: &mut Option<P>| value.take().expect("called once");
        match self.map.get_or_insert_with(key, || made(&mut value)) {
            Ok(guard) => {
                assert_eq!(value.is_none(), was.is_none(), "made only if it is missing");
                assert!(was.is_some() || room != Room::No);
                self.live.entry(id).or_insert(new);
                self.keep(guard, was.unwrap_or(new), hold);
            }
            Err(Full(key)) => {
                assert_eq!(was, None);
                assert_ne!(room, Room::Yes);
                assert!(value.is_some(), "not made when full");
                assert_eq!((key.id, key.tag.number()), (id, new.tag));
            }
        }
    }

    fn update(&mut self, id: u8, hold: bool) {
        let room = self.room(id);
        let was = self.live.get(&id).copied();
        let (new, _, value) = self.fresh(id);
        let mut value = Some(value);
        let updated = self.map.update(&ById(id), |old| {
            assert_eq!(Some(old.number()), was.map(|entry| entry.value));
            value.take().expect("one thread: called once")
        });
        match updated {
            Ok(previous) => {
                assert!(previous.is_none() || room == Room::Yes);
                assert_eq!(previous.as_ref().map(entry), was);
                if let (Some(guard), Some(was)) = (previous, was) {
                    self.live.insert(
                        id,
                        Entry {
                            tag: was.tag,
                            ..new
                        },
                    );
                    self.bury(guard, was, true, hold);
                }
            }
            Err(Full(())) => assert!(was.is_some() && room == Room::No),
        }
    }

    fn iterate(&mut self, hold: bool) {
        let guards: Vec<_> = self.map.iter().collect();
        let mut seen = HashMap::new();
        for guard in &guards {
            let entry = entry(guard);
            assert_eq!(seen.insert(entry.id, entry), None, "yielded twice");
        }
        assert_eq!(seen, self.live);
        let pairs = guards.iter().map(|guard| (guard.key(), guard.value()));
        let expected: Vec<_> = pairs.map(|(k, v)| format!("{k:?}: {v:?}")).collect();
        assert_eq!(
            format!("{:?}", self.map),
            format!("{{{}}}", expected.join(", "))
        );
        for guard in guards.into_iter().filter(|_| hold) {
            let expected = entry(&guard);
            self.held.push((guard, expected));
        }
    }

    fn release_all(&mut self) {
        for (guard, expected) in self.held.drain(..) {
            assert_eq!(entry(&guard), expected);
        }
    }

    fn check(&self) {
        let (live, dead) = (self.live.len(), self.dead.len());
        assert_eq!(self.map.len(), live);
        assert_eq!(self.map.is_empty(), live == 0);
        assert_eq!(self.map.is_full(), live == self.map.capacity());
        let stats = self.map.stats();
        assert_eq!((stats.live, stats.in_progress), (live, 0));
        assert_eq!(
            (stats.capacity, stats.cells),
            (self.map.capacity(), N + EXTRA)
        );
        assert_eq!(stats.live + stats.removed + stats.free, stats.cells);
        assert!(stats.buckets_used <= live && stats.buckets_used <= stats.buckets);
        assert!(stats.fullest_bucket <= live && (live == 0) == (stats.fullest_bucket == 0));
        if self.spread == Spread::OneChain {
            assert_eq!(
                (stats.fullest_bucket, stats.buckets_used),
                (live, live.min(1))
            );
        }
        if P::COUNTED {
            // Dropped promptly: what nobody can reach any more is gone already.
            assert_eq!(stats.removed, dead);
            assert_eq!(self.ledger.alive(), 2 * (live + dead));
        } else {
            assert!(stats.removed >= dead);
        }
    }

    /// Without guards every cell is to be had again.
    pub(super) fn finish(mut self) {
        self.apply(&Op::ReleaseAll);
        for id in 0..28 {
            let found = self.map.get(&ById(id));
            assert_eq!(found.as_ref().map(entry), self.live.get(&id).copied());
        }
        for id in 100.. {
            let before = self.live.len();
            self.apply(&Op::Insert(id, false));
            if self.live.len() == before {
                break;
            }
        }
        assert!(self.map.is_full());
        let ids: Vec<u8> = self.live.keys().copied().collect();
        for id in ids {
            self.apply(&Op::Insert(id, false));
            self.apply(&Op::Update(id, false));
        }
        self.apply(&Op::Iterate(false));
    }
}
