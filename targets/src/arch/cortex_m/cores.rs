//! The second core, and letting both sleep and wake each other.
//!
//! A core sleeps in `wfi`, and an interrupt of the message unit wakes it. Interrupts stay masked, so
//! a waking one is only taken back, and one that comes before the `wfi` is not lost.

use core::cell::UnsafeCell;

/// The message unit's interrupt.
const WAKE: u32 = 1 << 6;
const ENABLE: *mut u32 = register(0xe000_e100);
const DISABLE: *mut u32 = register(0xe000_e180);
const CLEAR_PENDING: *mut u32 = register(0xe000_e280);

/// Each core reads its own number here.
const IDENTITY: *const u32 = register(0x5001_f000);
/// Where core 1 finds its vector table, and what keeps it from starting.
const VECTORS_1: *mut u32 = register(0x5002_1114);
const WAIT: *mut u32 = register(0x5002_1118);

/// The second core's stack.
const STACK_SIZE: usize = 0x1_0000;
/// The processor's own exceptions, with the stack pointer in front.
const VECTORS: usize = 16;

const fn register(address: usize) -> *mut u32 {
    core::ptr::without_provenance_mut(address)
}

#[repr(C, align(512))]
struct Second {
    vectors: UnsafeCell<[usize; VECTORS]>,
    stack: UnsafeCell<[u8; STACK_SIZE]>,
}

// SAFETY: core 0 writes the vectors before core 1 starts; only core 1 uses the stack.
unsafe impl Sync for Second {}

static SECOND: Second = Second {
    vectors: UnsafeCell::new([0; VECTORS]),
    stack: UnsafeCell::new([0; STACK_SIZE]),
};

/// See [`crate::cores::current`].
pub fn current() -> usize {
    // SAFETY: reading changes nothing.
    unsafe { IDENTITY.read_volatile() as usize }
}

/// Starts the second core, which begins there on its own stack.
pub fn start_second(start: extern "C" fn() -> !) {
    unsafe extern "C" {
        /// In `cortex-m-rt`.
        static __vector_table: [usize; VECTORS];
    }
    // SAFETY: the second core does not run yet; the table of the first one is constant.
    unsafe {
        let vectors = &mut *SECOND.vectors.get();
        *vectors = __vector_table;
        vectors[0] = SECOND.stack.get() as usize + STACK_SIZE;
        vectors[1] = start as usize;
        VECTORS_1.write_volatile(SECOND.vectors.get() as u32);
        cortex_m::asm::dsb();
        WAIT.write_volatile(0);
    }
}

/// Lets this core's sleep end by a call of the other one.
pub fn listen() {
    // SAFETY: this core's own register; interrupts are masked.
    unsafe { ENABLE.write_volatile(WAKE) };
}

/// No call of the other core interrupts this one.
pub fn ignore() {
    // SAFETY: this core's own register.
    unsafe { DISABLE.write_volatile(WAKE) };
    cortex_m::asm::dsb();
    cortex_m::asm::isb();
}

/// The message unit's register for a core: 4 sets its interrupt, 8 takes it back.
fn message(core: usize, action: usize) -> *mut u32 {
    register(0x5000_3000 + 0x10 * core + action)
}

/// Wakes a core, now or when it next sleeps.
pub fn wake(core: usize) {
    // What this core has written is visible before.
    cortex_m::asm::dsb();
    // SAFETY: the interrupt only ends the other core's sleep.
    unsafe { message(core, 4).write_volatile(1) };
}

/// Sleeps until the condition holds; whoever makes it true wakes this core afterwards.
pub fn sleep_until(mut condition: impl FnMut() -> bool) {
    while !condition() {
        cortex_m::asm::dsb();
        cortex_m::asm::wfi();
        // SAFETY: takes back the interrupt that has woken this core.
        unsafe {
            message(current(), 8).write_volatile(1);
            CLEAR_PENDING.write_volatile(WAKE);
        }
        cortex_m::asm::dsb();
    }
}

/// Stops this core for ever.
pub fn stop() -> ! {
    cortex_m::interrupt::disable();
    loop {
        cortex_m::asm::wfi();
    }
}
