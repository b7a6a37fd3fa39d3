//! The most that an operation takes: at the end of a chain, in a full map, and interrupted.

use arenamap::DefaultHashBuilder;

use crate::cases::Case;
use crate::chains::{OneBucket, Small};
use crate::interrupted::Interruptible;
use crate::lines::{self, Place};
use crate::measure::{Count, NOTHING};
use crate::store::{CAPACITY, Chained, Copies, Guarded, Store, Update, Word};

/// So many entries are in the chain; but never more than fit.
const CHAINS: [usize; 4] = [0, 1, 4, 16];
/// How often each thing is measured. The first time is not left out.
const REPEATS: u32 = 8;

/// Counts everything.
pub fn run() {
    in_chains::<Copies<Small, OneBucket>>("copy_map");
    in_chains::<Guarded<Small, OneBucket>>("map");
    when_full::<Copies<Small, DefaultHashBuilder>>("copy_map");
    when_full::<Guarded<Small, DefaultHashBuilder>>("map");
}

const fn place(map: &'static str) -> Place {
    Place {
        table: "worst",
        key: Small::NAME,
        map,
    }
}

/// The one that took the most, as if it had been the only one.
fn most(units: impl Iterator<Item = u64>) -> Count {
    let mut count = Count::default();
    units.for_each(|units| count.add(units));
    let mut most = Count::default();
    most.add(count.in_instructions(NOTHING).most);
    most
}

/// All keys in one bucket, whose seats are taken; the operation is on the entry at the end of its chain, or
/// on a key that is absent.
#[inline(never)]
fn in_chains<S>(map: &'static str)
where
    S: Update<Small> + Chained + Interruptible<Small>,
{
    for length in CHAINS {
        let cases = [
            (Case::get_hit("get_hit"), true),
            (Case::get_miss("get_miss"), false),
            (Case::insert_only("insert"), false),
            (Case::replace("replace"), true),
            (Case::update("update"), true),
            (Case::update_interrupted("update_interrupted"), true),
            (Case::remove_only("remove"), true),
            (Case::len(), true),
            (Case::iterate(), true),
        ];
        for (case, present) in cases {
            let units = (0..REPEATS).map(|round| {
                let (store, last, absent) = chain::<S>(length);
                let key = if present { last } else { absent };
                case.once(&store, key, round)
            });
            let name = format_args!("{}_{length}", case.name);
            lines::count(place(map), name, most(units));
        }
    }
}

/// A map whose only bucket has full seats and a chain of this length; its last entry's key, and one that is
/// absent.
fn chain<S: Store<Small> + Chained>(length: usize) -> (S, Small, Small) {
    let store = S::new();
    let mut next = 1;
    // The chain's first entry comes when the seats are full; others come in front of it.
    while store.chained() == 0 {
        store.insert(next, next);
        next += 1;
    }
    let last = next - 1;
    if length == 0 {
        store.remove(last);
        return (store, last - 1, last);
    }
    while store.chained() < length && store.len() < CAPACITY {
        store.insert(next, next);
        next += 1;
    }
    (store, last, next)
}

/// A full map of keys that spread: the most of all keys.
#[inline(never)]
fn when_full<S: Update<Small>>(map: &'static str) {
    let full = CAPACITY as u32;
    let cases = [
        (Case::get_hit("get_hit"), 0..full),
        (Case::get_miss("get_miss"), full..2 * full),
        (Case::insert_only("refused"), full..2 * full),
        (Case::replace("replace"), 0..full),
        (Case::update("update"), 0..full),
        (Case::remove_present("remove"), 0..full),
        (Case::insert("insert_last"), full..2 * full),
        (Case::len(), 0..1),
        (Case::iterate(), 0..1),
    ];
    for (case, keys) in cases {
        let store = S::new();
        for key in (0..full).map(Small::nth) {
            store.insert(key, key);
        }
        if case.name == "insert_last" {
            store.remove(Small::nth(0));
        }
        let rounds = (0..REPEATS).flat_map(|round| keys.clone().map(move |key| (round, key)));
        let units = rounds.map(|(round, key)| case.once(&store, Small::nth(key), round));
        lines::count(place(map), format_args!("{}_full", case.name), most(units));
    }
}
