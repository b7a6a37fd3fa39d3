//! The interrupt controller of the cores: time, its interrupts, and those between cores.

const BASE: usize = 0x0200_0000;
const TIME: usize = BASE + 0xbff8;

/// Nanoseconds of a tick.
pub const TICK_NS: u64 = 100;

fn word(address: usize) -> *mut u32 {
    core::ptr::with_exposed_provenance_mut(address)
}

/// The ticks since the start.
pub fn time() -> u64 {
    loop {
        // SAFETY: reading the counter changes nothing. Halves, as a 32-bit processor has to.
        let (high, low, again) = unsafe {
            (
                word(TIME + 4).read_volatile(),
                word(TIME).read_volatile(),
                word(TIME + 4).read_volatile(),
            )
        };
        if high == again {
            return u64::from(high) << 32 | u64::from(low);
        }
    }
}

/// Lets the timer interrupt of a core be pending from this time on.
pub fn set_alarm(core: usize, time: u64) {
    let low = word(BASE + 0x4000 + 8 * core);
    let high = word(BASE + 0x4004 + 8 * core);
    // SAFETY: the core's own registers; what the interrupt does is up to who enables it. In this
    // order no time in between is earlier than both.
    unsafe {
        high.write_volatile(u32::MAX);
        low.write_volatile(time as u32);
        high.write_volatile((time >> 32) as u32);
    }
}

/// Makes the software interrupt of a core pending, or not.
pub fn call(core: usize, pending: bool) {
    // SAFETY: the interrupt only ends a sleep or a turn.
    unsafe { word(BASE + 4 * core).write_volatile(pending.into()) };
}
