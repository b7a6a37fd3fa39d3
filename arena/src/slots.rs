//! Hazard slots: where a guard says which cell it holds.
//!
//! A small array of words shared by all contexts. A guard takes an empty slot by one compare-and-swap
//! (so nobody registers), writes its cell's index there, and empties it with one store. When all are
//! taken, the guard counts itself in the cell's `pins` instead: slower where cores share the cell,
//! but never refused. (Michael, *Hazard Pointers*, IEEE TPDS 2004; the shape "a few quick slots,
//! then a count" is `arc-swap`'s.)

use crate::sync::{
    AtomicU16, AtomicUsize, NARROW, Ordering, Padded, context_hint, fence, fence_after_rmw,
};
use crate::{impl_init, init};

/// How many slots an arena has: two for loom (the state space), sixteen where cores share memory,
/// eight on 32-bit parts.
pub const SLOTS: usize = if cfg!(tagged_arena_loom) {
    2
} else if usize::BITS == 64 {
    16
} else {
    8
};

/// One slot: zero, or index + 1 of the cell that is held.
pub type Slot = Padded<AtomicUsize>;

/// Whether it is remembered which slots were ever taken, so that the others need not be looked at: where
/// each lies on a cache line of its own.
const REMEMBER: bool = !NARROW;

/// The slots of one arena.
#[derive(Debug)]
#[repr(C)]
pub struct Slots {
    slots: [Slot; SLOTS],
    /// A bit for each slot that was ever taken. Seldom written: as a rule a context keeps its slot.
    used: Padded<AtomicUsize>,
}

impl_init!([] Slots = Slots {
    slots: init!([Slot; SLOTS]),
    used: init!(Padded<AtomicUsize>),
});

/// What keeps a cell from being reclaimed: a slot, one count in the cell's `pins`, or that nobody else may
/// reclaim it.
#[derive(Debug)]
pub enum Pin<'a> {
    /// The entry is its holder's alone: it was taken out of the structure, and the cell is not retired.
    Owner,
    /// This slot names the cell.
    Slot(&'a AtomicUsize),
    /// The cell's count includes this guard.
    Count(&'a AtomicU16),
}

/// A count that has reached this is never counted down again: its cell is never reclaimed. Leaking
/// so many guards of one cell costs that cell, nothing else.
const STUCK: u16 = u16::MAX;

impl Slots {
    /// Holds cell `index`, whose count is `pins`. Never fails, never waits.
    ///
    /// The hold is only good if afterwards the cell's own word, read with Acquire, is still live:
    /// see [`Slots::holds`].
    #[cfg_attr(target_pointer_width = "64", inline(always))]
    #[cfg_attr(target_pointer_width = "32", inline(never))]
    pub fn pin<'a>(&'a self, index: usize, pins: &'a AtomicU16) -> Pin<'a> {
        let start = context_hint();
        let place = start % SLOTS;
        let slot = &self.slots[place].0;
        // (11) Relaxed: a read-modify-write goes on with the release sequence of the slot's last guard
        // (15), for (13); what we read afterwards comes behind the fence (12).
        let pin = if slot
            .compare_exchange(0, index + 1, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
        {
            self.remember(place);
            Pin::Slot(slot)
        } else {
            self.pin_elsewhere(start, index, pins)
        };
        // (12) Store→load: slot or count, then the cell's own word. The reclaimer leaves the live
        // state, fences (14), then reads slots and count. If our fence comes first, it sees the
        // hold. If its fence comes first, we see that the cell is not live.
        fence_after_rmw();
        pin
    }

    /// Before the fence (12): a reclaimer whose fence (14) comes after that one sees the bit, whether
    /// it was set here or seen to be set.
    #[inline(always)]
    fn remember(&self, place: usize) {
        if REMEMBER && self.used.0.load(Ordering::Relaxed) & 1 << place == 0 {
            self.remember_now(place);
        }
    }

    #[cold]
    #[inline(never)]
    fn remember_now(&self, place: usize) {
        self.used.0.fetch_or(1 << place, Ordering::Relaxed);
    }

    #[cold]
    fn pin_elsewhere<'a>(&'a self, start: usize, index: usize, pins: &'a AtomicU16) -> Pin<'a> {
        for step in 1..SLOTS {
            let place = start.wrapping_add(step) % SLOTS;
            let slot = &self.slots[place].0;
            // (11) Relaxed, as in `pin`.
            if slot.load(Ordering::Relaxed) == 0
                && slot
                    .compare_exchange(0, index + 1, Ordering::Relaxed, Ordering::Relaxed)
                    .is_ok()
            {
                self.remember(place);
                return Pin::Slot(slot);
            }
        }
        Self::pin_by_count(pins)
    }

    /// Holds a cell by its count. For a cell that the caller holds already this needs no look at the
    /// own word: [`Slots::holds`] reads the count after the slots, so whoever sees the first hold
    /// ended (15) sees this one. (A second hold by slot would be wrong: the pass over the slots may be past
    /// it already.)
    pub fn pin_by_count(pins: &AtomicU16) -> Pin<'_> {
        let mut count = pins.load(Ordering::Relaxed);
        while count != STUCK {
            // (11) Relaxed, as in `pin`.
            match pins.compare_exchange_weak(count, count + 1, Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return Pin::Count(pins),
                Err(now) => count = now,
            }
        }
        // Stuck: held for ever anyway.
        Pin::Count(pins)
    }

    /// Whether any guard holds cell `index`.
    ///
    /// Called after the cell left the live state and a fence (14): from then on `false` is final for
    /// this incarnation of the cell, since a hold that comes later finds the cell not live.
    pub fn holds(&self, index: usize, pins: &AtomicU16) -> bool {
        self.holds_but(None, 0, index, pins)
    }

    /// Whether any guard but the one with the pin `own` holds cell `index`.
    ///
    /// Called behind a fence (14) after a word was changed that every other guard reads behind its own fence
    /// (12): from then on `false` means that whoever holds the cell later has seen that change.
    pub fn holds_besides(&self, own: &Pin<'_>, index: usize, pins: &AtomicU16) -> bool {
        match own {
            Pin::Owner => self.holds(index, pins),
            Pin::Slot(slot) => self.holds_but(Some(*slot), 0, index, pins),
            Pin::Count(_) => self.holds_but(None, 1, index, pins),
        }
    }

    /// Whether a slot but `own`, or more than `counted` guards by count, hold the cell.
    #[inline(always)]
    fn holds_but(
        &self,
        own: Option<&AtomicUsize>,
        counted: u16,
        index: usize,
        pins: &AtomicU16,
    ) -> bool {
        let mut used = if REMEMBER {
            self.used.0.load(Ordering::Relaxed)
        } else {
            (1 << SLOTS) - 1
        };
        while used != 0 {
            let slot = &self.slots[used.trailing_zeros() as usize % SLOTS].0;
            // Relaxed: a hold that is found is left alone, and what is not found is behind the fence (13).
            let names = slot.load(Ordering::Relaxed) == index + 1;
            if names && own.is_none_or(|own| !core::ptr::eq(own, slot)) {
                return true;
            }
            used &= used - 1;
        }
        // (13) Acquire: pairs with the Release that ends a hold (15): its reads come before what we do to the
        // payload, and a hold by count that was made of one by slot before that one ended is counted below.
        fence(Ordering::Acquire);
        // (13) Acquire: as above, of a hold by count. A count that is stuck is more than one.
        pins.load(Ordering::Acquire) > counted
    }

    /// Ends all holds by slot, when nobody is left who holds anything.
    pub(crate) fn forget(&mut self) {
        for slot in &self.slots {
            // (15) Relaxed: nobody else is there.
            slot.0.store(0, Ordering::Relaxed);
        }
        self.used.0.store(0, Ordering::Relaxed);
    }

    /// Which of the slots this is.
    #[inline(always)]
    pub(crate) fn number_of(&self, slot: &AtomicUsize) -> usize {
        let first = core::ptr::from_ref(&self.slots).addr();
        (core::ptr::from_ref(slot).addr() - first) / size_of::<Slot>()
    }

    /// How many slots are taken just now.
    pub fn taken(&self) -> usize {
        let taken = |slot: &&Slot| slot.0.load(Ordering::Relaxed) != 0;
        self.slots.iter().filter(taken).count()
    }
}

impl Pin<'_> {
    /// Ends the hold.
    ///
    /// # Safety
    /// It is ended once, and nothing is read under it any more (`I-LIVE`).
    #[inline(always)]
    pub unsafe fn release(&self) {
        match self {
            Pin::Owner => {}
            // (15) Release: pairs with (13).
            Pin::Slot(slot) => slot.store(0, Ordering::Release),
            Pin::Count(pins) => release_count(pins),
        }
    }
}

#[cold]
fn release_count(pins: &AtomicU16) {
    let mut count = pins.load(Ordering::Relaxed);
    while count != STUCK {
        // (15) Release: pairs with (13).
        match pins.compare_exchange_weak(count, count - 1, Ordering::Release, Ordering::Relaxed) {
            Ok(_) => return,
            Err(now) => count = now,
        }
    }
}
