//! Chains: what is suspended in them is in nobody's way, and every cell comes back.
//!
//! All keys are in one bucket, whose seats are full of others. What a suspended operation has done so
//! far is in `suspended`.

use super::config::{scaled, some};
use super::faces::{CHAINED, Chained, Wide, each_kind};
use super::subject::{CELLS, SEATED, SEATS, Subject, assert_entries, assert_sound, with_chain};
use super::suspended::{bucket, chain, freeze_first, own, seal};
use crate::table::Table;
use crate::{CopyMap, Equivalent, Map, placed};
use core::cell::Cell;
use core::hash::{Hash, Hasher};
use std::vec;
use std::vec::Vec;
use tagged_arena::word::{State, Word};

/// An operation beside the suspended one.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Op {
    Look,
    Insert,
    Remove(u32),
    Replace(u32),
    Freeze,
}

impl Op {
    /// Does it to a map with a chain of the keys 1 to 3.
    fn run<M: Subject>(self, map: &M, entries: &mut Vec<(u32, u32)>) {
        match self {
            Op::Look => {
                assert_entries(map, entries);
                let stats = map.census();
                assert_eq!((stats.live, stats.chained), (entries.len(), 3));
                assert_eq!(map.take(9), None);
            }
            Op::Insert => {
                assert_eq!(map.put(8, 80), None);
                entries.push((8, 80));
            }
            Op::Remove(key) => {
                assert_eq!(map.take(key), Some(10 * key));
                entries.retain(|entry| entry.0 != key);
            }
            Op::Replace(key) => {
                assert_eq!(map.put(key, 11 * key), Some(10 * key));
                entries.retain(|entry| entry.0 != key);
                entries.push((key, 11 * key));
            }
            Op::Freeze => drop(freeze_first(map.table())),
        }
    }

    /// Whether it changes something on which a removal of the first rests: the bucket, or to what the first
    /// links.
    fn interferes<M: Subject>(self) -> bool {
        match self {
            Op::Look | Op::Remove(3) | Op::Freeze => false,
            Op::Insert | Op::Remove(_) => true,
            Op::Replace(key) => key < 3 && !M::IN_PLACE,
        }
    }
}

const OPS: [Op; 9] = [
    Op::Remove(1),
    Op::Replace(2),
    Op::Insert,
    Op::Look,
    Op::Remove(2),
    Op::Remove(3),
    Op::Replace(1),
    Op::Replace(3),
    Op::Freeze,
];

fn ops() -> &'static [Op] {
    some(&OPS, 2)
}

fn beside_a_suspended_removal<M: Subject>() {
    for &op in ops() {
        for &free_seats in some(&[1, 0, SEATS], 1) {
            let map = with_chain::<M>(3);
            let mut entries = map.iterated();
            for key in SEATED..SEATED + free_seats {
                Op::Remove(key).run(&map, &mut entries);
            }
            let from = freeze_first(map.table());
            op.run(&map, &mut entries);
            let goes_on = bucket(map.table()) == from;
            assert_eq!(
                goes_on,
                !op.interferes::<M>(),
                "{op:?}, {free_seats} free seats"
            );
            assert_entries(&map, &entries);
            assert_sound(&map, &entries);
        }
    }
}

#[test]
fn a_suspended_removal_of_the_first_is_in_nobodys_way() {
    each_kind!(beside_a_suspended_removal);
}

/// Two operations: the chain's first was frozen once, in vain if the first of them interferes.
fn behind_a_word_that_was_frozen_in_vain<M: Subject>() {
    for &first in ops() {
        for &second in ops() {
            let twice = |op: Op| matches!(op, Op::Insert | Op::Remove(_) | Op::Replace(_));
            if first == second && twice(first) || second == Op::Look {
                continue;
            }
            if let (Op::Remove(a) | Op::Replace(a), Op::Remove(b) | Op::Replace(b)) =
                (first, second)
            {
                if a == b {
                    continue;
                }
            }
            let map = with_chain::<M>(3);
            let mut entries = map.iterated();
            freeze_first(map.table());
            first.run(&map, &mut entries);
            if second == Op::Freeze && map.census().chained == 0 {
                continue;
            }
            second.run(&map, &mut entries);
            assert_sound(&map, &entries);
        }
    }
}

#[test]
fn what_was_frozen_in_vain_is_changed_and_taken_out() {
    each_kind!(behind_a_word_that_was_frozen_in_vain);
}

fn replacements_come_home<M: Subject>() {
    let map = with_chain::<M>(4);
    let mut entries = map.iterated();
    for key in 1..=4 {
        Op::Remove(SEATED + key - 1).run(&map, &mut entries);
        let chained = map.census().chained;
        Op::Replace(key).run(&map, &mut entries);
        let home = usize::from(!M::IN_PLACE);
        assert_eq!(map.census().chained, chained - home);
        assert_entries(&map, &entries);
    }
    assert_sound(&map, &entries);
}

#[test]
fn a_replacement_of_the_first_comes_home() {
    each_kind!(replacements_come_home);
}

/// A replacement behind the first stays in the chain, also in a cell that would be a seat.
fn replacements_stay<M: Subject>() {
    let map = with_chain::<M>(4);
    let mut entries = map.iterated();
    for key in 2..=4 {
        Op::Remove(SEATED + key - 1).run(&map, &mut entries);
        Op::Replace(key).run(&map, &mut entries);
        assert_eq!(map.census().chained, 4);
        assert_entries(&map, &entries);
    }
    // Those cells are not free, and those that are are seats again.
    Op::Insert.run(&map, &mut entries);
    assert_entries(&map, &entries);
    for key in [3, 1, 2] {
        let number = if key == 1 { 10 } else { 11 * key };
        assert_eq!(map.take(key), Some(number));
        entries.retain(|entry| entry.0 != key);
        assert_entries(&map, &entries);
    }
    assert_sound(&map, &entries);
}

#[test]
fn a_replacement_behind_the_first_stays_there() {
    each_kind!(replacements_stay);
}

fn every_order<M: Subject>() {
    let orders = |keys: u32| {
        let mut orders = vec![vec![]];
        for key in 1..=keys {
            let longer = |order: Vec<u32>| {
                (0..key as usize).map(move |at| {
                    let mut order = order.clone();
                    order.insert(at, key);
                    order
                })
            };
            orders = orders.into_iter().flat_map(longer).collect();
        }
        orders
    };
    for &chained in some(&[3, 4], 1) {
        for order in some(&orders(chained), 1) {
            // The keys of each bit are replaced before they are removed.
            for replaced in scaled(0, (1 << chained) - 1)..1 << chained {
                let map = with_chain::<M>(chained);
                let mut entries = map.iterated();
                for &key in order {
                    if replaced & 1 << (key - 1) != 0 {
                        Op::Replace(key).run(&map, &mut entries);
                        assert_eq!(map.take(key), Some(11 * key));
                        entries.retain(|entry| entry.0 != key);
                    } else {
                        Op::Remove(key).run(&map, &mut entries);
                    }
                    let mut now = map.iterated();
                    now.sort_unstable();
                    entries.sort_unstable();
                    assert_eq!(now, entries, "{order:?} {replaced:#b}");
                }
                assert_sound(&map, &entries);
            }
        }
    }
}

#[test]
fn chained_entries_go_in_every_order() {
    each_kind!(every_order);
}

/// Removals behind the first have sealed their entries and go no further; others help.
fn others_help<M: Subject>() {
    let helpers: [fn(&M, &mut Vec<(u32, u32)>); 5] = [
        |map, entries| {
            freeze_first(map.table());
            Op::Remove(1).run(map, entries);
        },
        |map, entries| Op::Insert.run(map, entries),
        |map, _| assert_eq!(map.take(9), None),
        |map, entries| Op::Remove(1).run(map, entries),
        |map, entries| Op::Replace(1).run(map, entries),
    ];
    let sealed = [&[2, 3][..], &[2], &[3], &[4], &[3, 4], &[2, 4], &[2, 3, 4]];
    for &sealed in some(&sealed, 1) {
        for help in some(&helpers, 2) {
            let map = with_chain::<M>(4);
            let mut entries = map.iterated();
            for &key in sealed {
                seal(map.table(), key as usize - 1);
                entries.retain(|entry| entry.0 != key);
            }
            // Look-ups do not help; they pass by what is sealed.
            assert_entries(&map, &entries);
            assert_eq!(chain(map.table()).len(), 4);
            help(&map, &mut entries);
            assert_eq!(map.take(9), None);
            let stats = map.census();
            let free = CELLS - entries.len();
            assert_eq!((stats.removed, stats.free), (0, free), "{sealed:?}");
            assert_sound(&map, &entries);
        }
    }
}

#[test]
fn a_removal_that_was_suspended_after_it_sealed_is_finished_by_others() {
    each_kind!(others_help);
}

/// The first is removed while one behind it is sealed and still linked: then that one is the first.
#[test]
fn a_sealed_first_is_unlinked() {
    let map = with_chain::<Wide>(2);
    let table = map.table();
    let [first, second] = chain(table)[..] else {
        panic!("two");
    };
    let from = freeze_first(table);
    let to = Wide::first_out(table, from, first);
    seal(table, 1);
    // SAFETY: the first is taken out of the chain, as by a removal.
    assert!(unsafe { table.bucket(0).decide(from, to) });
    assert_eq!(chain(table), [second]);
    assert_eq!(
        (map.find(1), map.find(2), map.count()),
        (None, None, SEATS as usize)
    );
    assert_eq!(map.take(2), None);
    assert!(own(table, second).is(State::Free));
    assert!(chain(table).is_empty());
}

impl Wide {
    /// The bucket's word that a removal of its first makes of this one.
    fn first_out<T: Table>(table: &T, from: Word, first: usize) -> Word {
        T::SHAPE.link.link(from, T::OWN.index(own(table, first)))
    }
}

/// An entry that is held after it was taken out of the head of its chain is removed, whoever looks.
#[test]
fn a_first_that_is_held_is_not_counted() {
    let map = with_chain::<Chained>(2);
    let one = map.map.remove(&1);
    let stats = map.census();
    let live = SEATS as usize + 1;
    assert_eq!((stats.live, stats.removed, stats.chained), (live, 1, 1));
    let two = map.map.insert(2, map.ledger.counted(22)).unwrap();
    let stats = map.census();
    assert_eq!((stats.live, stats.removed), (live, 2));
    assert_eq!(one.map(|one| one.number), Some(10));
    assert_eq!(two.map(|two| two.number), Some(20));
    let mut entries = map.iterated();
    entries.sort_unstable();
    assert_sound(&map, &entries);
}

/// Looks for a key of group 0, and removes key 2, whose cell becomes that of a key of another group, when it
/// is compared with key 1.
struct Wanted<'a, F: Fn()> {
    key: u32,
    act: &'a F,
    done: Cell<bool>,
}

impl<F: Fn()> Hash for Wanted<'_, F> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl<F: Fn()> Equivalent<u32> for Wanted<'_, F> {
    fn equivalent(&self, key: &u32) -> bool {
        if *key == 1 && !self.done.replace(true) {
            (self.act)();
        }
        *key == self.key
    }
}

/// Keys below 1000 are in the first group, others in the last one.
#[derive(Clone, Copy, Default)]
struct Ends(u64);

impl core::hash::BuildHasher for Ends {
    type Hasher = Self;
    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl Hasher for Ends {
    fn finish(&self) -> u64 {
        placed(self.0)
    }
    fn write(&mut self, bytes: &[u8]) {
        let key: [u8; 4] = bytes.try_into().unwrap_or_default();
        self.0 = if u32::from_ne_bytes(key) < 1000 {
            0
        } else {
            !0 << 48
        };
    }
}

/// A key behind one that goes, and whose cell becomes a seat of another group, where it is sealed.
#[test]
fn a_cell_that_became_a_seat_elsewhere_is_no_end_of_the_chain() {
    let copies: CopyMap<u32, u64, CHAINED, 0, Ends> = CopyMap::default();
    let guarded: Map<u32, u64, CHAINED, 0, Ends> = Map::default();
    for key in (SEATED..SEATED + SEATS).chain([4, 3, 2, 1]) {
        assert_eq!(copies.insert(key, 10), Ok(None));
        assert!(guarded.insert(key, 10).is_ok());
    }
    let second = chain(&copies.table)[1];
    assert_eq!(chain(&guarded.table)[1], second);
    let act = || {
        assert_eq!(copies.remove(&2), Some(10));
        assert_eq!(copies.insert(1000, 0), Ok(None));
        drop(guarded.remove(&2));
        assert!(guarded.insert(1000, 0).is_ok());
        assert!(own(&copies.table, second).is(State::Sealed));
        assert!(own(&guarded.table, second).is(State::Sealed));
    };
    let wanted = |key| Wanted {
        key,
        act: &act,
        done: Cell::new(false),
    };
    assert_eq!(copies.get(&wanted(4)), Some(10), "in the map all the while");
    for key in [2, 1000] {
        copies.remove(&key);
        guarded.remove(&key);
    }
    for key in [2, 1] {
        copies.remove(&key);
        guarded.remove(&key);
        assert_eq!(copies.insert(key, 10), Ok(None));
        assert!(guarded.insert(key, 10).is_ok());
    }
    assert!(
        guarded.get(&wanted(4)).is_some(),
        "in the map all the while"
    );
}
