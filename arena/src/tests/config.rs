//! How much is tried, and values that count their drops.

use crate::cell::Own;
use crate::cells::{Cells, Claim};
use crate::word::Word;
use core::cell::Cell;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use std::rc::Rc;

/// `normal`, or `miri` under Miri, which is some thousand times slower.
pub(super) const fn scaled(normal: u32, miri: u32) -> u32 {
    if cfg!(miri) { miri } else { normal }
}

/// Calls `check` with `cases` values of `strategy` and reports the smallest that fails.
pub(super) fn for_all<T: Strategy>(cases: u32, strategy: &T, check: impl Fn(T::Value)) {
    let config = Config {
        cases,
        // No file is written, and Miri's isolation stays on.
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(strategy, |value| {
        check(value);
        Ok::<(), TestCaseError>(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

/// Gives a claimed cell back.
pub(super) fn free<H, const N: usize, const EXTRA: usize>(
    cells: &Cells<H, N, EXTRA>,
    claim: Claim,
) {
    // SAFETY: the tests free what they claimed, once.
    unsafe { cells.free(claim) };
}

/// Makes an own word `to`, whatever it is: where a test writes out what became of the cell.
pub(super) fn set(own: &Own, to: Word) {
    // SAFETY: the tests that do so have no payload in the cell, or leave its state.
    assert!(unsafe { own.link().relink(own.peek(), to) });
}

/// How many [`Counted`] values are alive. One thread only.
#[derive(Clone, Debug, Default)]
pub(super) struct Census(Rc<Cell<usize>>);

impl Census {
    /// A new value.
    pub(super) fn counted(&self, number: u32) -> Counted {
        self.0.set(self.0.get() + 1);
        Counted {
            number,
            dropped: false,
            census: self.clone(),
        }
    }

    /// How many have not been dropped.
    pub(super) fn alive(&self) -> usize {
        self.0.get()
    }
}

/// A value that is counted while it is alive.
#[derive(Debug)]
pub(super) struct Counted {
    pub(super) number: u32,
    dropped: bool,
    census: Census,
}

impl Drop for Counted {
    fn drop(&mut self) {
        assert!(!self.dropped, "dropped twice");
        self.dropped = true;
        self.census.0.set(self.census.0.get() - 1);
    }
}
