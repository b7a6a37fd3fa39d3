//! A function of the program in a timer interrupt.
//!
//! The invariant *armed*: `HANDLER` holds a function only while `ARMED`, and then core 0 is in
//! [`during`], which waits for the end of its call; only core 0 and interrupts of core 0 access both.
//! The interrupt takes the function out before it calls it: so the function may arm another one.
//! [`every`] arms it again when the function has returned, and not before: so such interrupts do not nest.

use core::cell::UnsafeCell;

use portable_atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};

use super::cores;
use crate::arch::timer;

/// See [`crate::interrupt::AVAILABLE`].
pub const AVAILABLE: bool = true;

/// See [`crate::interrupt::NESTS`]. On Cortex-M no SysTick interrupts a SysTick: boards with tasks run
/// the handler as one of them, the board with two cores within the exception.
pub const NESTS: bool = !cfg!(board = "mps2_an521");

type Function = dyn Fn() + Sync;

struct Handler(UnsafeCell<Option<*const Function>>);

// SAFETY: invariant *armed*: one core only. The function itself is `Sync`.
unsafe impl Sync for Handler {}

static HANDLER: Handler = Handler(UnsafeCell::new(None));

/// Whether `HANDLER` is to be called. Interrupts of one core see its stores in program order, so
/// (1, 2) need no more than the compiler's order: Release and Acquire.
static ARMED: AtomicBool = AtomicBool::new(false);

/// After how many ticks the interrupt is to come again ([`every`]); 0: it is not
/// ([`during`]). Only core 0 and its interrupts access it, so `Relaxed` is enough.
static PERIOD: AtomicU32 = AtomicU32::new(0);

/// See [`place`].
static PLACE: AtomicUsize = AtomicUsize::new(0);

/// See [`crate::interrupt::during`].
pub fn during(delay: u32, handler: &(dyn Fn() + Sync), work: &mut dyn FnMut()) -> bool {
    assert_eq!(cores::current(), 0, "`during` must be called on core 0");
    assert!(
        !ARMED.load(Ordering::Relaxed),
        "`during` must not be called within its own work"
    );
    #[cfg(one_core)]
    assert!(
        !cores::are_running(),
        "`during` must not be called within `cores::run`: the timer is the tasks'"
    );
    // SAFETY: only the lifetime changes; the function does not return before the last use.
    let handler =
        unsafe { core::mem::transmute::<*const (dyn Fn() + Sync + '_), *const Function>(handler) };
    // SAFETY: invariant *armed*: not armed, so no interrupt reads it.
    unsafe { *HANDLER.0.get() = Some(handler) };
    // (1) Release: pairs with the Acquire (2).
    ARMED.store(true, Ordering::Release);
    timer::arm(delay);
    work();
    timer::disarm();
    // An interrupt of this core has either ended or does not come any more.
    !ARMED.swap(false, Ordering::Acquire)
}

/// See [`crate::interrupt::every`].
pub fn every(period: u32, handler: &(dyn Fn() + Sync), work: &mut dyn FnMut()) {
    PERIOD.store(period, Ordering::Relaxed);
    during(period, handler, &mut || {
        work();
        // An interrupt that comes from here on is the last one.
        PERIOD.store(0, Ordering::Relaxed);
    });
}

/// To be called when the handler has returned and the interrupted code is about to go on, with which
/// interrupts come in again: arms the timer once more for [`every`].
pub fn go_on() {
    let period = PERIOD.load(Ordering::Relaxed);
    if period != 0 {
        // The function is there still: invariant *armed*. Pairs as (1) does.
        ARMED.store(true, Ordering::Release);
        timer::arm_again(period);
    }
}

/// See [`crate::interrupt::place`].
pub fn place() -> usize {
    PLACE.load(Ordering::Relaxed)
}

/// Whether [`every`] is at work, whose interrupts come again and again.
#[cfg(one_core)]
pub fn comes_again() -> bool {
    PERIOD.load(Ordering::Relaxed) != 0
}

/// Whether an interrupt of the timer is one for [`during`].
pub fn is_due() -> bool {
    // (2) Acquire: pairs with the Release (1).
    cores::current() == 0 && ARMED.load(Ordering::Acquire)
}

/// The timer interrupt comes here, with the address of the instruction that it came before: whether it
/// was for [`during`], whose function has run.
pub fn on_tick(place: usize) -> bool {
    if !is_due() {
        return false;
    }
    timer::disarm();
    PLACE.store(place, Ordering::Relaxed);
    // SAFETY: invariant *armed*.
    let handler = unsafe { *HANDLER.0.get() };
    // Once only; and from here on the function may arm another one.
    ARMED.store(false, Ordering::Release);
    if let Some(handler) = handler {
        // SAFETY: `during` has not returned: this interrupt is within it.
        unsafe { (*handler)() };
    }
    true
}
