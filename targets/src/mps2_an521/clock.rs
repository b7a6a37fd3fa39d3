//! The board's dual timer: 20 MHz, of which every 256th tick counts.

const LOAD: *mut u32 = core::ptr::without_provenance_mut(0x5000_2000);
const VALUE: *const u32 = core::ptr::without_provenance(0x5000_2004);
const CONTROL: *mut u32 = core::ptr::without_provenance_mut(0x5000_2008);

/// On, every 256th tick, 32 bits, starts over at the greatest value.
const FREE_RUNNING: u32 = 1 << 7 | 2 << 2 | 1 << 1;
const TICK_NS: u64 = 256 * 50;

/// Starts the timer.
pub fn set_up() {
    // SAFETY: the timer's own registers; its interrupt is off.
    unsafe {
        LOAD.write_volatile(u32::MAX);
        CONTROL.write_volatile(FREE_RUNNING);
    }
}

/// See [`crate::clock::now_ns`]. Starts over after fifteen hours.
pub fn now_ns() -> u64 {
    // SAFETY: reading changes nothing.
    let left = unsafe { VALUE.read_volatile() };
    u64::from(u32::MAX - left) * TICK_NS
}
