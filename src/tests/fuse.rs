//! A fuse: user code that panics at the chosen one of its calls.

use core::cell::Cell;

std::thread_local! {
    /// Panics at the call that takes it from one to zero; zero is disarmed.
    static FUSE: Cell<usize> = const { Cell::new(0) };
}

/// Panics at the call of this number from now on, counted from one; never, if that is zero.
pub(super) fn arm(call: usize) {
    FUSE.set(call);
}

/// Never panics from now on; returns how many calls were left until it would have.
pub(super) fn disarm() -> usize {
    FUSE.take()
}

/// One call of user code.
pub(super) fn burn() {
    let left = FUSE.get();
    FUSE.set(left.saturating_sub(1));
    assert!(left != 1, "the fuse");
}
