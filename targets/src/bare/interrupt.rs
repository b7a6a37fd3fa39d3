//! A function of the program in a timer interrupt.
//!
//! The invariant *armed*: `HANDLER` holds a function only while core 0 is in [`during`], which waits
//! for the end of its last call; only core 0 and interrupts of core 0 access it.

use core::cell::UnsafeCell;

use portable_atomic::{AtomicBool, Ordering};

use crate::{backend, cores};

/// See [`crate::interrupt::AVAILABLE`].
pub const AVAILABLE: bool = true;

type Function = dyn Fn() + Sync;

struct Handler(UnsafeCell<Option<*const Function>>);

// SAFETY: invariant *armed*: one core only. The function itself is `Sync`.
unsafe impl Sync for Handler {}

static HANDLER: Handler = Handler(UnsafeCell::new(None));

/// Whether `HANDLER` is to be called. Interrupts of one core see its stores in program order, so
/// (1, 2) need no more than the compiler's order: Release and Acquire.
static ARMED: AtomicBool = AtomicBool::new(false);

/// See [`crate::interrupt::during`].
pub fn during(delay: u32, handler: &(dyn Fn() + Sync), work: &mut dyn FnMut()) -> bool {
    assert_eq!(cores::current(), 0, "`during` must be called on core 0");
    assert!(
        !ARMED.load(Ordering::Relaxed),
        "`during` must not be called within its own functions"
    );
    // SAFETY: only the lifetime changes; the function does not return before the last use.
    let handler =
        unsafe { core::mem::transmute::<*const (dyn Fn() + Sync + '_), *const Function>(handler) };
    // SAFETY: invariant *armed*: not armed, so no interrupt reads it.
    unsafe { *HANDLER.0.get() = Some(handler) };
    // (1) Release: pairs with the Acquire (2).
    ARMED.store(true, Ordering::Release);
    backend::timer::arm(delay);
    work();
    backend::timer::disarm();
    // An interrupt of this core has either ended or does not come any more.
    !ARMED.swap(false, Ordering::Acquire)
}

/// The timer interrupt comes here: whether it was for [`during`], whose function has run.
pub fn on_tick() -> bool {
    // (2) Acquire: pairs with the Release (1).
    if cores::current() != 0 || !ARMED.load(Ordering::Acquire) {
        return false;
    }
    backend::timer::disarm();
    // SAFETY: invariant *armed*.
    let handler = unsafe { *HANDLER.0.get() };
    if let Some(handler) = handler {
        // SAFETY: `during` has not returned: this interrupt is within it.
        unsafe { (*handler)() };
    }
    // Once only.
    ARMED.store(false, Ordering::Release);
    true
}
