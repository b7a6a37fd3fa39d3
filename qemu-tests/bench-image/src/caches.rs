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
    full::<W, CAPACITY>("cache");
    full::<W, 8>("cache_extra_8");
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
        let Ok(inserted) = Cache::insert(self, key, value) else {
            panic!("a cache of which nothing is held or pinned refuses an insert");
        };
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

/// The mean of all keys that are there, of as many that are not, and of new ones.
#[inline(never)]
fn full<W: Word, const EXTRA: usize>(map: &'static str) {
    const SIZE: u32 = CAPACITY as u32;
    /// So many keys come and go before, and as many are counted.
    const MANY: u32 = 8 * SIZE;

    let place = Place {
        table: "full_cache",
        key: W::NAME,
        map,
    };
    let store = Cached::<W, EXTRA>::new();
    // Every other one is used once when it is there: so some are evicted that never were used, and some by
    // the hand.
    let use_some = |number: u32| {
        if number % 2 == 0 {
            assert!(store.get(&W::nth(number)).is_some(), "it was just inserted");
        }
    };
    for number in 0..MANY {
        Store::insert(&store, W::nth(number), W::nth(number));
        use_some(number);
    }
    let evicted = store.stats().evictions;
    let case = Case::insert_only("insert_that_evicts");
    let mut count = Count::default();
    for number in MANY..2 * MANY {
        count.add(case.once(&store, W::nth(number), number));
        use_some(number);
    }
    let evicted = store.stats().evictions - evicted;
    assert_eq!(evicted, MANY as usize, "each insert has evicted one");
    lines::count(place, case.name, count.in_instructions(NOTHING));

    // Nothing is evicted from here on.
    let present = (0..2 * MANY).map(W::nth);
    let present = present.filter(|key| store.contains_key(key));
    let absent = (2 * MANY..2 * MANY + SIZE).map(W::nth);
    let miss = Case::get_miss("get_miss");
    lines::count(place, miss.name, miss.count(&store, absent));
    for case in [
        Case::get_hit("get_hit"),
        Case::replace("replace"),
        Case::remove_present("remove"),
    ] {
        lines::count(place, case.name, case.count(&store, present.clone()));
    }
    assert_eq!(store.len(), CAPACITY, "it is as full as it was");
}
