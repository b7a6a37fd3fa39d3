//! What a cache keeps of each cell, beside the map: flags and a deadline.

use tagged_arena::sync::{AtomicU8, AtomicU32, Init, Ordering, fence_after_rmw};
use tagged_arena::{impl_init, init};

/// One of something for each of the `N + EXTRA` cells.
///
/// INVARIANT `P-ARRAY`: both arrays have the same element type and follow each other without a gap
/// (`repr(C)`), so together they are one array of `N + EXTRA` elements.
#[derive(Debug)]
#[repr(C)]
pub(super) struct PerCell<T, const N: usize, const EXTRA: usize> {
    main: [T; N],
    extra: [T; EXTRA],
}

impl_init!([T: Init, const N: usize, const EXTRA: usize] PerCell<T, N, EXTRA> = PerCell {
    main: init!([T; N]),
    extra: init!([T; EXTRA]),
});

impl<T, const N: usize, const EXTRA: usize> PerCell<T, N, EXTRA> {
    #[inline(always)]
    fn of(&self, index: usize) -> &T {
        assert!(index < N + EXTRA);
        // Not by array: which of the two it is cannot be predicted.
        let first = core::ptr::from_ref(self).cast::<T>();
        // SAFETY: P-ARRAY; the pointer is made from the whole of `self`, and the index is one of both arrays.
        unsafe { &*first.add(index) }
    }
}

/// Its entry was used since the hand came by.
pub(super) const USED: u8 = 1;
/// And once more.
pub(super) const USED_AGAIN: u8 = 1 << 1;
/// Its entry is on probation: the ring names it, the hand passes it by.
pub(super) const PROBATION: u8 = 1 << 2;
/// The hand has passed it by once.
pub(super) const PASSED: u8 = 1 << 6;
/// Somebody may be about to evict its entry.
const CONDEMNED: u8 = 1 << 3;
/// The user has pinned its entry.
pub(super) const PINNED: u8 = 1 << 4;
/// Its entry has a deadline.
pub(super) const TIMED: u8 = 1 << 5;

/// The bits of both uses.
pub(super) const USES: u8 = USED | USED_AGAIN;

/// Why an entry may be evicted.
#[derive(Clone, Copy)]
pub(super) enum Why {
    /// It has not been used.
    Unused,
    /// It has not been used while it was on probation; it has this label.
    Unproved(u16),
    /// Its time is over.
    Over(u32),
    /// Something must go.
    Any,
}

/// Flags and deadline of each cell's entry. Whoever puts an entry in sets them first; whoever holds one
/// finds its own there. The hand changes flags without a hold: what it then takes from another entry is a
/// use.
///
/// # What is held or pinned is not evicted
///
/// An entry is taken out by a compare-and-swap from a word that was read before: its *place* (`M-TOUCH`).
/// These are the steps of an eviction, in their order, and it is given up where one fails:
///
/// 1. read its place (what is in a chain must be held for that);
/// 2. nobody else holds it;
/// 3. it is not pinned: set `CONDEMNED` (23);
/// 4. fence (14), and nobody else holds it;
/// 5. take it out, from the place as it was read in 1.
///
/// Whoever looks an entry up holds it, fences (12), and then reads the flags. If it is condemned it
/// *touches* the place, then clears the flag, and only then hands the guard out; if it cannot, the entry
/// is not there any more. Let a guard be handed out and the eviction succeed all the same:
///
/// * The flag was read as not set yet. Then the guard's fence is before that of step 4, which has seen the
///   hold.
/// * It was read as set. The place was touched after step 1: then step 5 has failed. Or before: then step
///   2 has seen the hold, for the place that was read shows what came before the touch.
/// * It was read as cleared, after step 3, by somebody else, who had touched the place before. That touch
///   was after step 1: step 5 has failed. Or before: step 2 has seen that one's hold, or seen that it had
///   ended, and what came before its end; but the flag was cleared only after step 3.
///
/// (So nothing but a touch allows to clear the flag: not even an eviction that is given up, for another
/// one may count on it.) A *pin* sets its flag and touches the place always, before it says so: an
/// eviction that has read the place after that sees the flag. So does a replacement, which takes the flag
/// along; and with a new deadline it is the same.
#[derive(Debug)]
pub(super) struct Flags<const N: usize, const EXTRA: usize> {
    flags: PerCell<AtomicU8, N, EXTRA>,
    deadlines: PerCell<AtomicU32, N, EXTRA>,
}

impl_init!([const N: usize, const EXTRA: usize] Flags<N, EXTRA> = Flags {
    flags: init!(PerCell<AtomicU8, N, EXTRA>),
    deadlines: init!(PerCell<AtomicU32, N, EXTRA>),
});

impl<const N: usize, const EXTRA: usize> Flags<N, EXTRA> {
    /// The flags of a cell.
    #[inline(always)]
    pub(super) fn get(&self, index: usize) -> u8 {
        // (24) Acquire: pairs with (30), and with (23).
        self.flags.of(index).load(Ordering::Acquire)
    }

    /// The flags and the deadline of the entry that its owner is about to put in.
    #[inline]
    pub(super) fn set(&self, index: usize, flags: u8, deadline: Option<u32>) {
        if let Some(deadline) = deadline {
            // Relaxed: the entry's publication (2) comes after it.
            self.deadlines.of(index).store(deadline, Ordering::Relaxed);
        }
        let timed = if deadline.is_some() { TIMED } else { 0 };
        // Relaxed: as above.
        self.flags.of(index).store(flags | timed, Ordering::Relaxed);
    }

    /// Sets flags of an entry that is held. Returns what they were.
    #[inline(always)]
    pub(super) fn raise(&self, index: usize, flags: u8) -> u8 {
        // (24) Acquire: as in `get`. What is raised is published by a touch, or is a hint.
        // kept: whether a touch came before step 1 is told by the place, not by the flag.
        self.flags.of(index).fetch_or(flags, Ordering::Acquire)
    }

    /// Clears flags.
    pub(super) fn lower(&self, index: usize, flags: u8) {
        // Relaxed: they are hints, or a touch publishes them.
        self.flags.of(index).fetch_and(!flags, Ordering::Relaxed);
    }

    /// Clears that a held entry is condemned, once its place has been touched.
    pub(super) fn spare(&self, index: usize) {
        // Relaxed: the end of the caller's hold (15) publishes it to step 2.
        self.flags
            .of(index)
            .fetch_and(!CONDEMNED, Ordering::Relaxed);
    }

    #[inline(always)]
    pub(super) fn condemned(flags: u8) -> bool {
        flags & CONDEMNED != 0
    }

    /// Condemns an entry, if the reason still holds: step 3, and the fence of step 4.
    #[inline(always)]
    pub(super) fn condemn(&self, index: usize, why: Why) -> bool {
        let at = self.flags.of(index);
        let mut flags = at.load(Ordering::Relaxed);
        loop {
            if !self.allow(index, flags, why) {
                return false;
            }
            // (23) Release: pairs with (24). It is a write even if the flag is set: for the fence, and so
            // that all looks at the flag are before it or after it.
            // kept: whether a touch came before step 1 is told by the place, not by the flag.
            let condemned = at.compare_exchange_weak(
                flags,
                flags | CONDEMNED,
                Ordering::Release,
                Ordering::Relaxed,
            );
            match condemned {
                Ok(_) => break,
                Err(now) => flags = now,
            }
        }
        // (14) Store→load: the flag, then slots and count; its partner is (12) and the flag behind it.
        fence_after_rmw();
        true
    }

    /// Whether these flags allow to evict the entry, for this reason.
    #[inline(always)]
    fn allow(&self, index: usize, flags: u8, why: Why) -> bool {
        let reason = match why {
            Why::Unused => flags & (USES | PROBATION) == 0,
            Why::Unproved(_) => flags & (USES | PROBATION) == PROBATION,
            Why::Over(now) => self.is_over(index, flags, now),
            Why::Any => true,
        };
        reason && flags & PINNED == 0
    }

    /// Whether the entry may be evicted as far as its flags say.
    pub(super) fn may_go(&self, index: usize, why: Why) -> bool {
        self.allow(index, self.get(index), why)
    }

    /// Whether the entry's time is over. Its flags are known.
    #[inline(always)]
    pub(super) fn is_over(&self, index: usize, flags: u8, now: u32) -> bool {
        flags & TIMED != 0 && now.wrapping_sub(self.deadline(index)) as i32 >= 0
    }

    #[inline(always)]
    pub(super) fn deadline(&self, index: usize) -> u32 {
        // Relaxed: published with the entry (2), by the flag (30), or by a touch.
        self.deadlines.of(index).load(Ordering::Relaxed)
    }

    /// Whether a held entry would expire sooner with this deadline than as it is. As seen from `now`: its own
    /// may have come long ago, or be 2^31 ticks ahead (of a context that is as far ahead as may be).
    pub(super) fn is_earlier(&self, index: usize, deadline: u32, now: u32) -> bool {
        let left = |deadline: u32| deadline.wrapping_sub(now).wrapping_sub(1) as i32;
        self.get(index) & TIMED == 0 || left(deadline) < left(self.deadline(index))
    }

    /// Gives a held entry a deadline, or another one, to be followed by a touch.
    pub(super) fn renew(&self, index: usize, deadline: u32) {
        self.deadlines.of(index).store(deadline, Ordering::Relaxed);
        // (30) Release: pairs with (24): who sees the entry timed sees a deadline of its own, although it
        // looks before the touch. (24) Acquire: as in `get`.
        // kept: of the Acquire alone: as in `raise`.
        self.flags.of(index).fetch_or(TIMED, Ordering::AcqRel);
    }
}
