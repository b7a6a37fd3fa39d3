//! Models of chains: of what leaves them at the head, behind it, and of both at once.
//!
//! A bucket has four seats: two at home and two at its neighbour's. A chain is made behind full seats, which
//! are emptied then, so that an operation has fewer words to read.

use super::support::large_model as model;
use super::{Token, model_of, over, together};
use crate::stats::Stats;
use crate::table::Table;
use crate::{CopyMap, Map};
use core::hash::{BuildHasher, Hasher};
use loom::sync::Arc;
use loom::thread;
use std::vec;
use std::vec::Vec;
use tagged_arena::sync::{NARROW, Ordering};
use tagged_arena::word::{State, Word};

const CELLS: usize = 8;
/// At home, and as guests where there are any.
const SEATS: usize = if NARROW { 2 } else { 4 };
/// A key whose home is in the cells that a chain takes first.
pub(super) const THERE: usize = if NARROW { MIDDLE } else { ELSEWHERE };
/// The first of the keys that fill the seats.
const SEATED: usize = 100;
/// The first key of the last group.
const ELSEWHERE: usize = 1000;

/// A key of the second group.
const MIDDLE: usize = 500;

/// Keys from [`ELSEWHERE`] on are in the last group, [`MIDDLE`] is in the second, others are in the first
/// one; all have one fragment, and hashes of their own.
#[derive(Default)]
pub(super) struct Ends(u64);

impl BuildHasher for Ends {
    type Hasher = Self;
    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl Hasher for Ends {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_usize(&mut self, key: usize) {
        self.0 = match key {
            ELSEWHERE.. => 3 << 62,
            MIDDLE => 1 << 62,
            _ => 0,
        };
        self.0 |= (key as u64) << 16;
    }
}

pub(super) type Wide = CopyMap<usize, usize, CELLS, Ends, 0>;
pub(super) type Narrow = CopyMap<usize, u32, CELLS, Ends, 0>;

/// A map of values that count their drops.
#[derive(Default)]
pub(super) struct Guarded {
    map: Map<usize, Token, CELLS, Ends, 0>,
    drops: Arc<loom::sync::atomic::AtomicUsize>,
    made: std::sync::atomic::AtomicUsize,
}

/// One of the three kinds of maps. Values are numbers.
pub(super) trait Subject: Default + 'static {
    /// Whether a value is changed where it is.
    const IN_PLACE: bool = false;
    fn table(&self) -> &impl Table;
    fn put(&self, key: usize, number: usize) -> Option<usize>;
    fn take(&self, key: usize) -> Option<usize>;
    fn take_if(&self, key: usize, wanted: impl Fn(usize) -> bool) -> Option<usize>;
    fn find(&self, key: usize) -> Option<usize>;
    fn count(&self) -> usize;
    fn census(&self) -> Stats;
}

impl Subject for Wide {
    fn table(&self) -> &impl Table {
        &self.table
    }
    fn put(&self, key: usize, number: usize) -> Option<usize> {
        self.insert(key, number).unwrap()
    }
    fn take(&self, key: usize) -> Option<usize> {
        self.remove(&key)
    }
    fn take_if(&self, key: usize, wanted: impl Fn(usize) -> bool) -> Option<usize> {
        self.remove_if(&key, |_, number| wanted(*number))
    }
    fn find(&self, key: usize) -> Option<usize> {
        self.get(&key)
    }
    fn count(&self) -> usize {
        self.len()
    }
    fn census(&self) -> Stats {
        self.stats()
    }
}

impl Subject for Narrow {
    const IN_PLACE: bool = true;
    fn table(&self) -> &impl Table {
        &self.table
    }
    fn put(&self, key: usize, number: usize) -> Option<usize> {
        self.insert(key, number as u32)
            .unwrap()
            .map(|old| old as usize)
    }
    fn take(&self, key: usize) -> Option<usize> {
        self.remove(&key).map(|old| old as usize)
    }
    fn take_if(&self, key: usize, wanted: impl Fn(usize) -> bool) -> Option<usize> {
        let old = self.remove_if(&key, |_, number| wanted(*number as usize));
        old.map(|old| old as usize)
    }
    fn find(&self, key: usize) -> Option<usize> {
        self.get(&key).map(|value| value as usize)
    }
    fn count(&self) -> usize {
        self.len()
    }
    fn census(&self) -> Stats {
        self.stats()
    }
}

impl Subject for Guarded {
    fn table(&self) -> &impl Table {
        &self.map.table
    }
    fn put(&self, key: usize, number: usize) -> Option<usize> {
        self.made.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let token = Token {
            content: number,
            drops: self.drops.clone(),
        };
        let Ok(old) = self.map.insert(key, token) else {
            panic!("full");
        };
        old.map(|old| old.content)
    }
    fn take(&self, key: usize) -> Option<usize> {
        self.map.remove(&key).map(|old| old.content)
    }
    fn take_if(&self, key: usize, wanted: impl Fn(usize) -> bool) -> Option<usize> {
        let old = self.map.remove_if(&key, |_, value| wanted(value.content));
        old.map(|old| old.content)
    }
    fn find(&self, key: usize) -> Option<usize> {
        self.map.get(&key).map(|value| value.content)
    }
    fn count(&self) -> usize {
        self.map.len()
    }
    fn census(&self) -> Stats {
        let stats = self.map.stats();
        let made = self.made.load(std::sync::atomic::Ordering::Relaxed);
        let drops = self.drops.load(Ordering::Relaxed);
        assert_eq!(drops, made - stats.live, "each dropped exactly once");
        stats
    }
}

/// A chain of these keys in this order, each with ten times itself as its number, behind so many full seats.
pub(super) fn with_chain<M: Subject>(keys: &[usize], seated: usize) -> Arc<M> {
    let map = M::default();
    for &key in (SEATED..SEATED + SEATS)
        .collect::<Vec<_>>()
        .iter()
        .chain(keys.iter().rev())
    {
        assert_eq!(map.put(key, 10 * key), None);
    }
    for key in SEATED + seated..SEATED + SEATS {
        assert_eq!(map.take(key), Some(10 * key));
    }
    assert_eq!(chain(map.table()).len(), keys.len());
    Arc::new(map)
}

/// The cells of bucket 0's chain.
fn chain<T: Table>(table: &T) -> Vec<usize> {
    let mut cells = vec![];
    let mut next = T::SHAPE
        .link
        .index(Word(table.bucket(0).load(Ordering::Acquire)));
    while let Some(index) = next {
        assert!(!cells.contains(&index), "a circle: {cells:?}");
        let own = Word(table.own(index).load(Ordering::Acquire));
        assert!(
            own.linkable() || own.is(State::Sealed),
            "{own:?} in the chain"
        );
        cells.push(index);
        next = T::OWN.index(own);
    }
    cells
}

/// What a removal of the chain's first does before it is suspended.
fn freeze_first<M: Subject>(map: &M) {
    fn freeze<T: Table>(table: &T) {
        let own = table.own(chain(table)[0]);
        let word = T::OWN.bump(Word(own.load(Ordering::Acquire)));
        own.store(word.with_state(State::Frozen).0, Ordering::Release);
    }
    freeze(map.table());
}

/// Everybody is done: these keys are in the map, with these numbers, and all other cells are free.
fn has<M: Subject>(map: &M, entries: &[(usize, usize)]) {
    // First: a look-up would look for ever for a cell that is linked and free.
    let chained = chain(map.table()).len();
    for key in (1..6).chain([THERE]) {
        let number = entries
            .iter()
            .find(|entry| entry.0 == key)
            .map(|entry| entry.1);
        assert_eq!(map.find(key), number, "{key}");
    }
    let stats = map.census();
    assert_eq!(map.count(), stats.live);
    // Another bucket may have a chain, too.
    assert!(stats.chained >= chained);
    assert_eq!((stats.removed, stats.free), (0, CELLS - stats.live), "lost");
    assert!(stats.live >= entries.len());
}

/// Makes a test of each model for each kind of map.
macro_rules! on_each {
    ($($name:ident)+) => {
        mod wide { $(#[test] fn $name() { super::$name::<super::Wide>() })+ }
        mod narrow { $(#[test] fn $name() { super::$name::<super::Narrow>() })+ }
        mod guarded { $(#[test] fn $name() { super::$name::<super::Guarded>() })+ }
    };
}

on_each! {
    a_removal_of_the_first_beside_a_look_up_of_the_second
    removals_of_the_first_and_of_the_second
    removals_of_the_second_and_of_the_third
    two_removals_of_the_first
    two_removals_of_the_second
    a_replacement_that_comes_home_beside_a_look_up
    a_replacement_that_comes_home_beside_an_insert
    a_replacement_that_comes_home_beside_a_removal
    a_replacement_that_comes_home_beside_one_behind_it
    two_replacements_of_the_first
    an_insert_in_front_beside_a_removal_of_the_first
    an_insert_in_front_beside_a_removal_behind
    a_freeze_beside_an_unlinking_behind
    a_second_freeze_beside_an_unlinking_behind
    a_replacement_behind_beside_a_removal_of_the_first
    two_inserts_in_front
    an_entry_in_front_that_is_counted_is_found
    a_cell_of_the_chain_is_reused_under_a_look_up
    a_cell_of_the_chain_is_reused_for_the_key_that_is_looked_up
    a_cell_of_the_chain_becomes_a_seat_elsewhere_under_a_look_up
    a_guest_beside_its_neighbours_inserts
    a_count_beside_a_replacement_that_comes_home
}

fn a_removal_of_the_first_beside_a_look_up_of_the_second<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2], 0);
        on!(map;
            |map: &M| assert_eq!(map.take(1), Some(10)),
            |map: &M| assert_eq!(map.find(2), Some(20), "in the map all the while"));
        has(&*map, &[(2, 20)]);
    });
}

fn removals_of_the_first_and_of_the_second<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2], 0);
        on!(map;
            |map: &M| assert_eq!(map.take(1), Some(10)),
            |map: &M| assert_eq!(map.take(2), Some(20)));
        has(&*map, &[]);
    });
}

fn removals_of_the_second_and_of_the_third<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2, 3], 0);
        on!(map;
            |map: &M| assert_eq!(map.take(2), Some(20)),
            |map: &M| assert_eq!(map.take(3), Some(30)));
        has(&*map, &[(1, 10)]);
    });
}

/// One comes to it when the other one has sealed it and not unlinked it yet: two preemptions.
fn two_removals_of_the_second<M: Subject>() {
    super::support::model(|| {
        let map = with_chain::<M>(&[1, 2], 0);
        let removed = on!(map; |map: &M| map.take(2), |map: &M| map.take(2));
        assert_eq!(removed.iter().flatten().count(), 1, "{removed:?}");
        has(&*map, &[(1, 10)]);
    });
}

fn two_removals_of_the_first<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2], 0);
        let took = on!(map;
            |map: &M| map.take(1),
            |map: &M| map.take(1));
        assert!(
            matches!(took[..], [Some(10), None] | [None, Some(10)]),
            "{took:?}"
        );
        has(&*map, &[(2, 20)]);
    });
}

fn a_replacement_that_comes_home_beside_a_look_up<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1], 0);
        on!(map;
        |map: &M| assert_eq!(map.put(1, 11), Some(10)),
        |map: &M| {
            let found = map.find(1);
            assert!(matches!(found, Some(10 | 11)), "never absent: {found:?}");
        });
        has(&*map, &[(1, 11)]);
        assert_eq!(map.census().chained, usize::from(M::IN_PLACE));
    });
}

fn a_replacement_that_comes_home_beside_an_insert<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1], SEATS - 1);
        on!(map;
            |map: &M| assert_eq!(map.put(1, 11), Some(10)),
            |map: &M| assert_eq!(map.put(2, 20), None));
        has(&*map, &[(1, 11), (2, 20)]);
    });
}

fn a_replacement_that_comes_home_beside_a_removal<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1], 0);
        let said = on!(map;
            |map: &M| map.put(1, 11),
            |map: &M| map.take(1));
        match said[..] {
            [Some(10), Some(11)] => has(&*map, &[]),
            [None, Some(10)] => has(&*map, &[(1, 11)]),
            _ => panic!("{said:?}"),
        }
    });
}

fn a_replacement_that_comes_home_beside_one_behind_it<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2], 0);
        on!(map;
            |map: &M| assert_eq!(map.put(1, 11), Some(10)),
            |map: &M| assert_eq!(map.take(2), Some(20)));
        has(&*map, &[(1, 11)]);
    });
}

fn two_replacements_of_the_first<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2], 0);
        let said = on!(map;
            |map: &M| map.put(1, 11),
            |map: &M| map.put(1, 12));
        match said[..] {
            [Some(10), Some(11)] => has(&*map, &[(1, 12), (2, 20)]),
            [Some(12), Some(10)] => has(&*map, &[(1, 11), (2, 20)]),
            _ => panic!("{said:?}"),
        }
    });
}

/// A new entry comes to the head: the first is behind it then, and was frozen in vain.
fn an_insert_in_front_beside_a_removal_of_the_first<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1], SEATS);
        on!(map;
            |map: &M| assert_eq!(map.put(2, 20), None),
            |map: &M| assert_eq!(map.take(1), Some(10)));
        has(&*map, &[(2, 20)]);
    });
}

fn an_insert_in_front_beside_a_removal_behind<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2], SEATS);
        on!(map;
            |map: &M| assert_eq!(map.put(3, 30), None),
            |map: &M| assert_eq!(map.take(2), Some(20)));
        has(&*map, &[(1, 10), (3, 30)]);
    });
}

/// What the first links to is taken out while the first is: the third must not be lost, nor the second come
/// back.
fn a_freeze_beside_an_unlinking_behind<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2, 3], 0);
        on!(map;
            |map: &M| assert_eq!(map.take(1), Some(10)),
            |map: &M| assert_eq!(map.take(2), Some(20)));
        has(&*map, &[(3, 30)]);
    });
}

/// First and second go, in either order, while the third is looked up. (Three threads take too long.)
fn a_look_up_beside_a_freeze_and_an_unlinking<M: Subject>(preemptions: usize) {
    for removed in [[1, 2], [2, 1]] {
        model_of(preemptions, move || {
            let map = with_chain::<M>(&[1, 2, 3], 0);
            on!(map;
            move |map: &M| {
                for key in removed {
                    assert_eq!(map.take(key), Some(10 * key));
                }
            },
            |map: &M| assert_eq!(map.find(3), Some(30), "in the map all the while"));
            has(&*map, &[(3, 30)]);
        });
    }
}

/// As [`a_freeze_beside_an_unlinking_behind`], and another removal of the first was suspended when it had
/// frozen its word.
fn a_second_freeze_beside_an_unlinking_behind<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2, 3], 0);
        freeze_first(&*map);
        on!(map;
            |map: &M| assert_eq!(map.take(1), Some(10)),
            |map: &M| assert_eq!(map.take(2), Some(20)));
        has(&*map, &[(3, 30)]);
    });
}

/// The first was frozen in vain: a new entry came in front of it. That one goes, so that it is the first
/// again, and is taken out while the one behind it is, by a removal that saw it behind another one.
#[test]
fn a_freeze_in_vain_beside_an_unlinking_behind() {
    // It needs two.
    model_of(2, || {
        let map = with_chain::<Wide>(&[1, 2], SEATS);
        freeze_first(&*map);
        assert_eq!(map.put(3, 30), None);
        freeze_first(&*map);
        let first = chain(map.table())[0];
        on!(map;
        move |map: &Wide| {
            let taken = try_take_first(map.table(), first);
            assert_eq!(map.take(1), Some(10));
            taken
        },
        |map: &Wide| map.take(2) == Some(20));
        chain(map.table());
        assert_eq!((map.find(1), map.find(2)), (None, None));
    });
}

fn a_replacement_behind_beside_a_removal_of_the_first<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2], 0);
        on!(map;
            |map: &M| assert_eq!(map.take(1), Some(10)),
            |map: &M| assert_eq!(map.put(2, 22), Some(20)));
        has(&*map, &[(2, 22)]);
    });
}

/// Whichever is behind is live, whoever gets on first.
fn two_inserts_in_front<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[], SEATS);
        on!(map;
            |map: &M| assert_eq!(map.put(1, 10), None),
            |map: &M| assert_eq!(map.put(2, 20), None));
        has(&*map, &[(1, 10), (2, 20)]);
        assert_eq!(map.census().chained, 2);
    });
}

/// Who is told of a live entry finds it.
fn an_entry_in_front_that_is_counted_is_found<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[], SEATS);
        on!(map;
            |map: &M| assert_eq!(map.put(1, 10), None),
            |map: &M| assert!(map.count() == SEATS || map.find(1) == Some(10)));
        has(&*map, &[(1, 10)]);
    });
}

/// The second goes, and its cell becomes the chain's first: a look-up that stands there has its key and
/// value of one entry, and finds what is behind it.
fn a_cell_of_the_chain_is_reused_under_a_look_up<M: Subject>() {
    reused_under(|map: &M| assert_eq!(map.find(3), Some(30), "in the map all the while"));
}

fn a_cell_of_the_chain_is_reused_for_the_key_that_is_looked_up<M: Subject>() {
    reused_under(|map: &M| assert!(matches!(map.find(4), None | Some(40))));
}

fn reused_under<M: Subject>(look: fn(&M)) {
    model(move || {
        let map = with_chain::<M>(&[1, 2, 3], SEATS);
        on!(map;
        |map: &M| {
            assert_eq!(map.take(2), Some(20));
            assert_eq!(map.put(4, 40), None);
        },
        look);
        has(&*map, &[(1, 10), (3, 30), (4, 40)]);
    });
}

/// What is in a seat is sealed, and links to nothing: no end of the chain.
fn a_cell_of_the_chain_becomes_a_seat_elsewhere_under_a_look_up<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2, 3], SEATS);
        on!(map;
        |map: &M| {
            assert_eq!(map.take(2), Some(20));
            assert_eq!(map.put(THERE, 0), None);
        },
        |map: &M| assert_eq!(map.find(3), Some(30), "in the map all the while"));
        has(&*map, &[(1, 10), (3, 30), (THERE, 0)]);
    });
}

/// Both want the cells of the second group: the first group's overflow, and the second group's own.
fn a_guest_beside_its_neighbours_inserts<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[], 2);
        on!(map;
        |map: &M| {
            assert_eq!(map.put(1, 10), None);
            assert_eq!(map.take(1), Some(10));
            assert_eq!(map.put(2, 20), None);
        },
        |map: &M| {
            assert_eq!(map.put(MIDDLE, 5), None);
            assert_eq!(map.find(MIDDLE), Some(5));
        });
        assert_eq!(map.find(MIDDLE), Some(5));
        has(&*map, &[(2, 20), (MIDDLE, 5)]);
        assert_eq!(map.census().chained, usize::from(NARROW));
    });
}

fn a_count_beside_a_replacement_that_comes_home<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1], 0);
        on!(map;
            |map: &M| assert_eq!(map.put(1, 11), Some(10)),
            |map: &M| assert_eq!(map.count(), 1));
        has(&*map, &[(1, 11)]);
    });
}

#[test]
fn wide_look_up_beside_a_freeze_and_an_unlinking() {
    a_look_up_beside_a_freeze_and_an_unlinking::<Wide>(1);
}

#[test]
fn guarded_look_up_beside_a_freeze_and_an_unlinking() {
    a_look_up_beside_a_freeze_and_an_unlinking::<Guarded>(2);
}

/// Whoever unlinks an entry for somebody else links to what comes next: here its replacement, of which yet
/// another context has told it.
#[test]
fn helping_passes_a_replacement_on() {
    model_of(1, || {
        let map = with_chain::<Wide>(&[1, 2], 0);
        on!(map;
            |map: &Wide| assert_eq!(map.put(2, 22), Some(20)),
            // It helps.
            |map: &Wide| assert_eq!(map.take(9), None),
            |map: &Wide| assert!(matches!(map.find(2), Some(20 | 22))));
        has(&*map, &[(1, 10), (2, 22)]);
    });
}

/// Takes the chain's first out as a removal does, and is suspended before it frees the cell, whose word goes
/// on to link to what was the second.
fn try_take_first<T: Table>(table: &T, first: usize) -> bool {
    let bucket = table.bucket(0);
    let next = T::OWN.index(Word(table.own(first).load(Ordering::Relaxed)));
    let from = Word(bucket.load(Ordering::Relaxed));
    let to = T::SHAPE.link.link(from, next);
    let taken = bucket.compare_exchange(from.0, to.0, Ordering::Release, Ordering::Relaxed);
    taken.is_ok()
}

/// A look-up stands at a first that has left and whose own word does not tell: the bucket's does.
#[test]
fn a_look_up_at_a_first_that_has_left() {
    model(|| {
        let map = with_chain::<Wide>(&[1, 2], SEATS);
        freeze_first(&*map);
        let cells = chain(map.table());
        let first = cells[0];
        on!(map;
        move |map: &Wide| {
            assert!(try_take_first(map.table(), first));
            assert_eq!(map.take(2), Some(20));
            // In the second one's cell, which is the nearest.
            assert_eq!(map.put(3, 30), None);
        },
        |map: &Wide| {
            let three = map.find(3);
            assert!(matches!(three, None | Some(30)), "{three:?}");
        });
        assert_eq!(chain(map.table()), cells[1..]);
    });
}

/// A chain of three, and no cell is free.
fn full_with_chain() -> Arc<Wide> {
    let map = with_chain::<Wide>(&[1, 2, 3], SEATS);
    assert_eq!(map.put(THERE, 10 * THERE), None);
    assert_eq!(map.census().free, 0);
    map
}

/// What goes on beside another operation: the first leaves, its cell comes back behind the second, which leaves
/// then. So the same cell is the first again.
fn the_first_comes_back(map: &Wide) {
    assert_eq!(map.take(1), Some(10));
    assert_eq!(map.put(3, 31), Some(30));
    assert_eq!(map.take(2), Some(20));
}

#[test]
fn a_look_up_beside_a_first_that_comes_back() {
    model(|| {
        let map = full_with_chain();
        let found = on!(map;
        |map: &Wide| map.find(3),
        |map: &Wide| {
            the_first_comes_back(map);
            None
        });
        assert!(matches!(found[0], Some(30 | 31)), "{found:?}");
    });
}

/// The value is frozen, then the cell is another entry's of the same key: that one stays.
#[test]
fn a_removal_beside_an_insert_into_its_cell() {
    model(|| {
        let map = with_chain::<Narrow>(&[1, 2, 3], SEATS);
        assert_eq!(map.put(THERE, 0), None);
        let done = on!(map;
            |map: &Narrow| Ok(map.take(2)),
            |map: &Narrow| map.insert(2, 22).map(|old| old.map(|old| old as usize)));
        let now = match done[..] {
            [Ok(Some(20)), Ok(None)] => Some(22),
            // Refused while the removed entry's cell was not free yet.
            [Ok(Some(20)), Err(_)] | [Ok(Some(22)), Ok(Some(20))] => None,
            _ => panic!("{done:?}"),
        };
        assert_eq!(map.find(2), now);
    });
}

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
