//! Values that know whether they were dropped exactly once.

use core::cell::{Cell, RefCell};
use std::rc::Rc;
use std::vec::Vec;

/// A book of how often each value was dropped. One thread only.
#[derive(Clone, Debug, Default)]
pub(super) struct Ledger(Rc<Book>);

#[derive(Debug, Default)]
struct Book {
    drops: RefCell<Vec<u32>>,
    alive: Cell<usize>,
}

impl Ledger {
    /// A new value in the book.
    pub(super) fn counted(&self, number: u32) -> Counted {
        let mut drops = self.0.drops.borrow_mut();
        drops.push(0);
        self.0.alive.set(self.0.alive.get() + 1);
        Counted {
            number,
            line: drops.len() - 1,
            ledger: self.clone(),
        }
    }

    /// How many values have not been dropped.
    pub(super) fn alive(&self) -> usize {
        self.0.alive.get()
    }

    /// Asserts that each value was dropped exactly once.
    pub(super) fn assert_closed(&self) {
        for (line, &drops) in self.0.drops.borrow().iter().enumerate() {
            assert_eq!(drops, 1, "value {line} was dropped {drops} times");
        }
    }
}

/// A value in a [`Ledger`]. A clone is a new value with the same number.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) number: u32,
    line: usize,
    ledger: Ledger,
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.ledger.counted(self.number)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let Book { drops, alive } = &*self.ledger.0;
        drops.borrow_mut()[self.line] += 1;
        alive.set(alive.get().wrapping_sub(1));
    }
}

/// What the differential tests put in a map: with drop glue, or without.
pub(super) trait Payload: Clone + core::fmt::Debug + 'static {
    /// Whether the ledger counts it.
    const COUNTED: bool;
    /// A value that carries `number`.
    fn new(ledger: &Ledger, number: u32) -> Self;
    /// The number.
    fn number(&self) -> u32;
}

impl Payload for Counted {
    const COUNTED: bool = true;

    fn new(ledger: &Ledger, number: u32) -> Self {
        ledger.counted(number)
    }

    fn number(&self) -> u32 {
        self.number
    }
}

/// Larger than what a copying map copies with the key, and of an odd size.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wide([u32; 11]);

impl Payload for Wide {
    const COUNTED: bool = false;

    fn new(_: &Ledger, number: u32) -> Self {
        Self([number; 11])
    }

    fn number(&self) -> u32 {
        assert_eq!(self.0, [self.0[0]; 11], "torn");
        self.0[0]
    }
}
