//! Units of the counter per operation, in an almost empty map and in a half-full one.

use arenamap::DefaultHashBuilder;
use targets::{counter, exit::Status};

use crate::cases::Case;
use crate::interrupted::Interruptible;
use crate::lines::{self, Place};
use crate::locked::{Bare, Fnv, Locked, Masked, SameHash};
use crate::store::{CAPACITY, Chained, Copies, Guarded, Store, Update, Word};
use crate::{caches, chains, keys, masked, worst};

type Copied<W> = Copies<W, DefaultHashBuilder>;
type Held<W> = Guarded<W, DefaultHashBuilder>;

/// Counts everything, on this core; others sleep.
pub fn run() -> Status {
    counter::start();
    lines::about();
    words::<u32>();
    words::<u64>();
    chains::run();
    worst::run();
    masked::run();
    caches::run();
    Status::SUCCESS
}

/// All maps of this type of key.
fn words<W: Word>() {
    ours::<Copied<W>, W>("copy_map");
    ours::<Held<W>, W>("map");
    theirs::<Locked<Bare<Fnv<W>>, Fnv<W>>, W>("bare_fnv");
    theirs::<Locked<Bare<SameHash<W>>, SameHash<W>>, W>("bare");
    theirs::<Locked<Masked<Fnv<W>>, Fnv<W>>, W>("masked_fnv");
    theirs::<Locked<Masked<SameHash<W>>, SameHash<W>>, W>("masked");
    #[cfg(target_has_atomic = "ptr")]
    {
        theirs::<Locked<spin::Mutex<Fnv<W>>, Fnv<W>>, W>("spin_fnv");
        theirs::<Locked<spin::Mutex<SameHash<W>>, SameHash<W>>, W>("spin");
    }
}

/// A map with chains: the cases of every map, and those of longer chains.
#[inline(never)]
fn ours<S: Update<W> + Interruptible<W> + Chained, W: Word>(map: &'static str) {
    let [first, second, third] = keys::of_one_bucket::<S, W, 3>();
    let behind = [
        (&[first][..], Case::get_miss("get_miss_behind_1"), second),
        (&[first], Case::insert("insert_behind_1"), second),
        (&[first], Case::remove("remove_behind_1"), second),
        (&[first, second], Case::get_hit("get_hit_2"), second),
        (&[first, second, third], Case::get_hit("get_hit_3"), third),
    ];
    few::<S, W>(map, first);
    let interrupted = Case::update_interrupted("update_interrupted");
    in_few::<S, W>(map, &[first], &interrupted, first);
    for (present, case, key) in behind {
        in_few::<S, W>(map, present, &case, key);
    }
    half_full::<S, W>(map);
}

/// A map without chains.
#[inline(never)]
fn theirs<S: Update<W>, W: Word>(map: &'static str) {
    few::<S, W>(map, W::nth(0));
    half_full::<S, W>(map);
}

/// At most one entry in the map.
fn few<S: Update<W>, W: Word>(map: &'static str, key: W) {
    for case in [
        Case::get_miss("get_miss"),
        Case::insert("insert"),
        Case::remove("remove"),
    ] {
        in_few::<S, W>(map, &[], &case, key);
    }
    for case in [
        Case::get_hit("get_hit_1"),
        Case::replace("replace"),
        Case::update("update"),
    ] {
        in_few::<S, W>(map, &[key], &case, key);
    }
}

fn in_few<S: Store<W>, W: Word>(map: &'static str, present: &[W], case: &Case<S, W>, key: W) {
    let store = S::new();
    for &key in present {
        store.insert(key, key);
    }
    let place = Place {
        table: "few",
        key: W::NAME,
        map,
    };
    let count = case.count(&store, core::iter::once(key));
    lines::count(place, case.name, count);
}

/// The mean of as many keys as are in the map, or as many that are not; and what goes through all of them.
fn half_full<S: Update<W>, W: Word>(map: &'static str) {
    const HALF: u32 = CAPACITY as u32 / 2;

    let place = Place {
        table: "half_full",
        key: W::NAME,
        map,
    };
    let (present, absent) = ((0..HALF).map(W::nth), (HALF..2 * HALF).map(W::nth));
    let store = S::new();
    for key in present.clone() {
        store.insert(key, key);
    }
    for case in [
        Case::get_hit("get_hit"),
        Case::replace("replace"),
        Case::update("update"),
    ] {
        lines::count(place, case.name, case.count(&store, present.clone()));
    }
    for case in [Case::len(), Case::iterate()] {
        let once = core::iter::once(W::nth(0));
        lines::count(place, case.name, case.count(&store, once));
    }
    for case in [Case::get_miss("get_miss"), Case::insert("insert")] {
        lines::count(place, case.name, case.count(&store, absent.clone()));
    }
    let case = Case::remove_present("remove");
    lines::count(place, case.name, case.count(&store, present));
}
