//! `defmt::Format` where it needs bounds of its own, or where a derived one would show raw words.
//!
//! Plain types derive it where they stand. What is shown is what `Debug` shows, but for the low-level
//! types' control words, which say nothing in a log. Formatting loads atomics with `Relaxed`: numbers
//! for people, which guard nothing.

use crate::arena::{Arena, Node};
use crate::cell::{Cell, LinkWord, Own};
use crate::cells::Cells;
use crate::guard::Guard;
use crate::owned::{Filled, Owned, Promised, Sealed};
use crate::plain::{AtomicPlain, Known, Packed, Plain, Raw, Tagged};
use crate::pool::{Full, Pool, PoolGuard};
use crate::slots::{Pin, Slots};
use crate::sync::Ordering;
use crate::word::Word;
use defmt::{Format, Formatter, write};

impl Format for Word {
    fn format(&self, f: Formatter<'_>) {
        let rest = self.with_state(crate::word::State::Free).0;
        write!(f, "{}+{=usize:#x}", self.state(), rest);
    }
}

impl<T> Format for Full<T> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Full(..)");
    }
}

impl<T, const N: usize> Format for Pool<T, N> {
    fn format(&self, f: Formatter<'_>) {
        write!(
            f,
            "Pool {{ capacity: {=usize}, len: {=usize} }}",
            N,
            self.len()
        );
    }
}

impl<T: Format> Format for PoolGuard<'_, T> {
    fn format(&self, f: Formatter<'_>) {
        T::format(self, f);
    }
}

impl<H: Format, T, const N: usize, const EXTRA: usize> Format for Arena<H, T, N, EXTRA> {
    fn format(&self, f: Formatter<'_>) {
        write!(
            f,
            "Arena {{ cells: {}, slots: {} }}",
            self.cells(),
            self.slots()
        );
    }
}

impl<H: Format, const N: usize, const EXTRA: usize> Format for Cells<H, N, EXTRA> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "[");
        for index in 0..Self::COUNT {
            if index > 0 {
                write!(f, ", ");
            }
            self.cell(index).format(f);
        }
        write!(f, "]");
    }
}

impl Format for LinkWord {
    fn format(&self, f: Formatter<'_>) {
        self.peek().format(f);
    }
}

impl Format for Own {
    fn format(&self, f: Formatter<'_>) {
        self.peek().format(f);
    }
}

impl<H: Format> Format for Cell<H> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Cell {{ own: {}, header: {} }}", self.own, self.header);
    }
}

impl<H: Format, T> Format for Node<H, T> {
    fn format(&self, f: Formatter<'_>) {
        write!(
            f,
            "Node {{ header: {}, pins: {=u16}, label: {=u16:#x} }}",
            self.header,
            self.pins.load(Ordering::Relaxed),
            self.label.load(Ordering::Relaxed)
        );
    }
}

impl Format for crate::sync::Numbers {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Numbers");
    }
}

impl Format for Slots {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Slots {{ taken: {=usize} }}", self.taken());
    }
}

impl Format for Pin<'_> {
    fn format(&self, f: Formatter<'_>) {
        match self {
            Self::Owner => write!(f, "Owner"),
            Self::Slot(slot) => write!(f, "Slot({=usize})", slot.load(Ordering::Relaxed)),
            Self::Count(pins) => write!(f, "Count({=u16})", pins.load(Ordering::Relaxed)),
        }
    }
}

impl<H, T> Format for Guard<'_, H, T> {
    fn format(&self, f: Formatter<'_>) {
        let own = &self.cell().own;
        write!(f, "Guard {{ index: {=usize}, own: {} }}", self.index(), own);
    }
}

impl<H, T, const N: usize, const EXTRA: usize> Format for Owned<'_, H, T, N, EXTRA> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Owned {{ claim: {} }}", self.claim());
    }
}

impl<H, T, const N: usize, const EXTRA: usize> Format for Filled<'_, H, T, N, EXTRA> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Filled {{ claim: {} }}", self.claim());
    }
}

impl<H, T, const N: usize, const EXTRA: usize> Format for Promised<'_, H, T, N, EXTRA> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Promised {{ claim: {} }}", self.claim());
    }
}

impl<H, T, const N: usize, const EXTRA: usize> Format for Sealed<'_, H, T, N, EXTRA> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Sealed {{ claim: {} }}", self.claim());
    }
}

impl<T: Plain> Format for AtomicPlain<T> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "AtomicPlain");
    }
}

impl<A: Copy + Format, B: Copy + Format> Format for Packed<A, B> {
    fn format(&self, f: Formatter<'_>) {
        // Not borrowed: they may be unaligned.
        let Packed(first, second) = *self;
        write!(f, "Packed({}, {})", first, second);
    }
}

impl<T: Known> Format for Raw<T> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Raw({=[u8]})", bytemuck::bytes_of(self));
    }
}

impl<T: Plain> Format for Tagged<T> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Tagged({=usize:#x})", self.0);
    }
}

#[cfg(not(tagged_arena_loom))]
impl<T: ?Sized> Format for crate::sync::UnsafeCell<T> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "UnsafeCell {{ .. }}");
    }
}
