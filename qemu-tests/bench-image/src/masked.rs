//! For how long a critical section masks interrupts: what is counted within it.

use core::cell::Cell;

use targets::counter;

use crate::cases::Case;
use crate::lines::{self, Place};
use crate::locked::{Fnv, Lock, Locked, Masked, SameHash};
use crate::store::{CAPACITY, Store, Update, Word};

/// Counts them in a half-full map.
pub fn run() {
    words::<u32>();
    words::<u64>();
}

fn words<W: Word>() {
    half_full::<Fnv<W>, W>("masked_fnv");
    half_full::<SameHash<W>, W>("masked");
}

/// A critical section that counts what is done in it.
struct Clocked<T> {
    masked: Masked<T>,
    /// What the last section took.
    last: Cell<u64>,
}

impl<T> Lock<T> for Clocked<T> {
    fn new(inner: T) -> Self {
        Self {
            masked: Masked::new(inner),
            last: Cell::new(0),
        }
    }

    #[inline(always)]
    fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        self.masked.with(|inner| {
            let before = counter::read();
            let result = core::hint::black_box(f(inner));
            self.last.set(counter::since(before));
            result
        })
    }
}

#[inline(never)]
fn half_full<T, W: Word>(map: &'static str)
where
    Locked<Clocked<T>, T>: Update<W>,
{
    const HALF: u32 = CAPACITY as u32 / 2;

    let place = Place {
        table: "interrupts_masked",
        key: W::NAME,
        map,
    };
    let (present, absent) = ((0..HALF).map(W::nth), (HALF..2 * HALF).map(W::nth));
    let store = Locked::<Clocked<T>, T>::new();
    for key in present.clone() {
        store.insert(key, key);
    }
    let before = counter::read();
    let idle = counter::since(before);
    let report = |case: &Case<_, W>, keys: &mut dyn Iterator<Item = W>| {
        let mut count = crate::measure::Count::default();
        for key in keys {
            case.once(&store, key, 1);
            count.add(store.lock().last.get().saturating_sub(idle));
        }
        lines::count(place, case.name, count.in_instructions(0));
    };
    report(&Case::get_hit("get_hit"), &mut present.clone());
    report(&Case::get_miss("get_miss"), &mut absent.clone());
    report(&Case::insert_only("insert"), &mut absent.clone());
    report(&Case::remove_only("remove"), &mut absent.clone());
    report(&Case::replace("replace"), &mut present.clone());
    report(&Case::update("update"), &mut present.clone());
}
