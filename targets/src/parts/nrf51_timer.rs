//! A timer of the nRF51: 32 bits count microseconds.

const START: usize = 0x000;
/// Copies the counter to `CAPTURED`.
const CAPTURE: usize = 0x040;
const BITS: usize = 0x508;
const PRESCALER: usize = 0x510;
const CAPTURED: usize = 0x540;

const ALL_BITS: u32 = 3;
/// 16 MHz, halved four times.
const MICROSECONDS: u32 = 4;

/// The timer whose registers are at this address.
pub struct Nrf51Timer(pub usize);

impl Nrf51Timer {
    const fn register(&self, offset: usize) -> *mut u32 {
        core::ptr::without_provenance_mut(self.0 + offset)
    }

    /// Starts the timer.
    pub fn set_up(&self) {
        // SAFETY: the timer's own registers; its interrupt is off.
        unsafe {
            self.register(BITS).write_volatile(ALL_BITS);
            self.register(PRESCALER).write_volatile(MICROSECONDS);
            self.register(START).write_volatile(1);
        }
    }

    /// See [`crate::clock::now_ns`]. Starts over after 71 minutes.
    pub fn now_ns(&self) -> u64 {
        self.ticks() * 1000
    }

    /// See [`crate::clock::ticks`]: microseconds.
    pub fn ticks(&self) -> u64 {
        // SAFETY: the timer's own registers. A task that comes in between captures a later time, never
        // an earlier one.
        let microseconds = unsafe {
            self.register(CAPTURE).write_volatile(1);
            self.register(CAPTURED).read_volatile()
        };
        u64::from(microseconds)
    }
}
