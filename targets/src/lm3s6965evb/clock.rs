//! The host's clock, by semihosting: the timers that QEMU emulates of this board cannot be read.

/// Nothing to do.
pub fn set_up() {}

/// See [`crate::clock::now_ns`].
pub fn now_ns() -> u64 {
    // Hundredths of a second.
    semihosting::sys::arm_compat::sys_clock().map_or(0, |ticks| ticks as u64 * 10_000_000)
}

/// See [`crate::clock::TICK_BITS`].
pub const TICK_BITS: u32 = 32;

/// See [`crate::clock::ticks`]: hundredths of a second.
pub fn ticks() -> u64 {
    now_ns() / 10_000_000
}
