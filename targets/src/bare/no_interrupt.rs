//! For boards whose interrupts only wake sleeping cores.

/// See [`crate::interrupt::AVAILABLE`].
pub const AVAILABLE: bool = false;

/// Never called.
pub fn during(_: u32, _: &(dyn Fn() + Sync), work: &mut dyn FnMut()) -> bool {
    work();
    false
}
