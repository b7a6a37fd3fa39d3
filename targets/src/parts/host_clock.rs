//! The host's clock, by semihosting, for a board whose timers QEMU does not let one read.

/// The clock.
pub struct HostClock;

impl HostClock {
    /// Nothing to do.
    pub fn set_up(&self) {}

    /// See [`crate::clock::now_ns`].
    pub fn now_ns(&self) -> u64 {
        // Hundredths of a second.
        semihosting::sys::arm_compat::sys_clock().map_or(0, |ticks| ticks as u64 * 10_000_000)
    }

    /// See [`crate::clock::ticks`]: hundredths of a second.
    pub fn ticks(&self) -> u64 {
        self.now_ns() / 10_000_000
    }
}
