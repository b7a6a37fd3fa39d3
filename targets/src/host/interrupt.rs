//! A process has no interrupts.

/// See [`crate::interrupt::AVAILABLE`].
pub const AVAILABLE: bool = false;

/// See [`crate::interrupt::NESTS`].
pub const NESTS: bool = false;

/// See [`crate::interrupt::place`].
pub fn place() -> usize {
    0
}

/// Never called.
pub fn during(_: u32, _: &(dyn Fn() + Sync), work: &mut dyn FnMut()) -> bool {
    work();
    false
}
