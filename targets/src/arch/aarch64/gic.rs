//! The interrupt controller, a GICv2: what wakes a core, and its timer's interrupt.

/// The software-generated interrupt that wakes a core.
pub const WAKE: u32 = 0;
/// The interrupt of a core's virtual timer.
pub const TIMER: u32 = 27;
/// The interrupt number that means that none is pending.
pub const NONE: u32 = 1023;

const fn register(offset: usize) -> *mut u32 {
    core::ptr::without_provenance_mut(0x0800_0000 + offset)
}

const DISTRIBUTOR_CONTROL: *mut u32 = register(0);
/// For the first 32 interrupts each core has a register of its own at this address.
const SET_ENABLE: *mut u32 = register(0x100);
const SOFTWARE_INTERRUPT: *mut u32 = register(0xf00);
const INTERFACE_CONTROL: *mut u32 = register(0x1_0000);
const PRIORITY_MASK: *mut u32 = register(0x1_0004);
const ACKNOWLEDGE: *mut u32 = register(0x1_000c);
const END: *mut u32 = register(0x1_0010);

/// Lets this core be woken. Every core calls it once.
pub fn set_up() {
    // SAFETY: the GIC's registers, mapped as device memory by boot.s. Interrupts are masked in
    // this core, so no code runs in between.
    unsafe {
        DISTRIBUTOR_CONTROL.write_volatile(1);
        SET_ENABLE.write_volatile(1 << WAKE);
        PRIORITY_MASK.write_volatile(0xff);
        INTERFACE_CONTROL.write_volatile(1);
    }
}

/// Lets this core's timer interrupt it, once interrupts are no longer masked.
pub fn enable_timer() {
    // SAFETY: the GIC's register, as above.
    unsafe { SET_ENABLE.write_volatile(1 << TIMER) };
}

/// Makes [`WAKE`] pending in a core.
pub fn wake(core: usize) {
    // SAFETY: raises an interrupt that only ends the other core's `wfi`.
    unsafe { SOFTWARE_INTERRUPT.write_volatile(1 << (16 + core) | WAKE) };
}

/// Takes the pending interrupt: a word for [`end`] that holds its number in the bits of [`NONE`].
pub fn acknowledge() -> u32 {
    // SAFETY: the GIC's register, as above.
    unsafe { ACKNOWLEDGE.read_volatile() }
}

/// Ends what [`acknowledge`] began.
pub fn end(acknowledged: u32) {
    // SAFETY: the GIC's register, as above.
    unsafe { END.write_volatile(acknowledged) };
}
