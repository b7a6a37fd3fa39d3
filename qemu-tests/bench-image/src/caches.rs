//! Full caches: each insert of a new key evicts.

use arenamap::Cache;

use crate::cases::Case;
use crate::lines::{self, Place};
use crate::measure::{Count, NOTHING};
use crate::store::{CAPACITY, Store, Word, mix};

/// Counts all.
pub fn run() {
    words::<u32>();
    words::<u64>();
}

fn words<W: Word>() {
    full::<Cached<W, 8>, W>("cache");
    full::<Cached<W, CAPACITY>, W>("cache_extra_n");
}

type Cached<W, const EXTRA: usize> = Cache<W, W, CAPACITY, EXTRA>;

impl<W: Word, const EXTRA: usize> Store<W> for Cached<W, EXTRA> {
    fn new() -> Self {
        Self::new()
    }

    #[inline(always)]
    fn get(&self, key: W) -> Option<W> {
        Cache::get(self, &key).map(|entry| *entry)
    }

    #[inline(always)]
    fn insert(&self, key: W, value: W) -> Option<W> {
        let inserted = Cache::insert(self, key, value).ok()?;
        inserted.replaced.map(|entry| *entry)
    }

    #[inline(always)]
    fn remove(&self, key: W) -> Option<W> {
        Cache::remove(self, &key).map(|entry| *entry)
    }

    #[inline(always)]
    fn len(&self) -> usize {
        Cache::len(self)
    }

    #[inline(always)]
    fn mixed(&self) -> Option<W> {
        mix(self.iter().map(|entry| *entry))
    }
}

/// The mean of all keys that are there, or of as many that are not.
#[inline(never)]
fn full<S: Store<W>, W: Word>(map: &'static str) {
    const SIZE: u32 = CAPACITY as u32;
    /// So many keys come and go before: then it is as full caches are.
    const BEFORE: u32 = 8 * SIZE;

    let place = Place {
        table: "full_cache",
        key: W::NAME,
        map,
    };
    let store = S::new();
    for key in (0..BEFORE).map(W::nth) {
        store.insert(key, key);
    }
    assert_eq!(store.len(), CAPACITY, "it is full");
    // Nothing is evicted until keys come that are new.
    let present = (0..BEFORE).map(W::nth);
    let present = present.filter(|&key| store.get(key).is_some());
    for case in [
        Case::get_hit("get_hit"),
        Case::replace("replace"),
        Case::remove_present("remove"),
    ] {
        lines::count(place, case.name, case.count(&store, present.clone()));
    }
    let absent = (BEFORE..BEFORE + SIZE).map(W::nth);
    let case = Case::get_miss("get_miss");
    lines::count(place, case.name, case.count(&store, absent));
    let case = Case::insert_only("insert_that_evicts");
    let mut count = Count::default();
    for number in BEFORE..2 * BEFORE {
        count.add(case.once(&store, W::nth(number), number));
    }
    assert_eq!(store.len(), CAPACITY, "each insert has evicted");
    lines::count(place, case.name, count.in_instructions(NOTHING));
}
