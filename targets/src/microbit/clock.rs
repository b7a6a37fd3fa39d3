//! The first timer of the nRF51: 32 bits count microseconds.

const START: *mut u32 = register(0x000);
/// Copies the counter to `CAPTURED`.
const CAPTURE: *mut u32 = register(0x040);
const BITS: *mut u32 = register(0x508);
const PRESCALER: *mut u32 = register(0x510);
const CAPTURED: *const u32 = register(0x540);

const ALL_BITS: u32 = 3;
/// 16 MHz, halved four times.
const MICROSECONDS: u32 = 4;

const fn register(offset: usize) -> *mut u32 {
    core::ptr::without_provenance_mut(0x4000_8000 + offset)
}

/// Starts the timer.
pub fn set_up() {
    // SAFETY: the timer's own registers; its interrupt is off.
    unsafe {
        BITS.write_volatile(ALL_BITS);
        PRESCALER.write_volatile(MICROSECONDS);
        START.write_volatile(1);
    }
}

/// See [`crate::clock::now_ns`]. Starts over after 71 minutes.
pub fn now_ns() -> u64 {
    // SAFETY: the timer's own registers. A task that comes in between captures a later time, never
    // an earlier one.
    let microseconds = unsafe {
        CAPTURE.write_volatile(1);
        CAPTURED.read_volatile()
    };
    u64::from(microseconds) * 1000
}

/// See [`crate::clock::TICK_BITS`].
pub const TICK_BITS: u32 = 32;

/// See [`crate::clock::ticks`]: microseconds.
pub fn ticks() -> u64 {
    now_ns() / 1000
}
