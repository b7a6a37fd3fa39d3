//! A timer interrupt that calls a function in the middle of another one: once at a chosen instruction, or
//! again and again.

use crate::backend;

/// Whether this target has such an interrupt: boards do, the host does not.
pub const AVAILABLE: bool = backend::interrupt::AVAILABLE;

/// Whether [`during`] can be called within its own handler: the board's timer interrupts that too.
pub const NESTS: bool = backend::interrupt::NESTS;

/// Calls `work`, and meanwhile `handler` once: in a timer interrupt of this core, `delay` ticks of
/// the board's timer after the start. If `work` takes less time than that, `handler` is not called.
/// Says whether it was; where there is no such interrupt ([`AVAILABLE`]) it never is.
///
/// When QEMU counts instructions (`--icount`) the interrupt comes at the same instruction of `work`
/// in every run, and one tick is about one instruction (`protocol::Board::icount_shift`): with
/// growing delays it comes at every one.
///
/// `handler` must not print. It may call this function where interrupts nest ([`NESTS`]); `work` must
/// not before the interrupt has come. `delay` must be at least 1 and below 2^24. Only for core 0,
/// outside [`cores::run`](crate::cores::run).
///
/// # Panics
/// If one of these is not so.
pub fn during(delay: u32, handler: &(dyn Fn() + Sync), work: &mut dyn FnMut()) -> bool {
    assert!((1..1 << 24).contains(&delay), "a delay of {delay} ticks");
    backend::interrupt::during(delay, handler, work)
}

/// Calls `work`, and meanwhile `handler` again and again, in timer interrupts of this core: the first one
/// comes `period` ticks of the board's timer after the start, each further one `period` ticks after the
/// handler before has returned. On the host, where there is no such interrupt, a thread calls `handler`.
///
/// `handler` must not print, nor call this function or [`during`]; nor must `work`. `period` must be at
/// least 1 and below 2^24. Only for core 0. Within [`cores::run`](crate::cores::run), and with that within
/// `work`, only on boards with several cores: where tasks stand in for them, the timer is theirs.
///
/// ```
/// use core::sync::atomic::{AtomicBool, Ordering};
/// use targets::{cores, interrupt};
///
/// let come = AtomicBool::new(false);
/// interrupt::every(1_000, &|| come.store(true, Ordering::Relaxed), &mut || {
///     while !come.load(Ordering::Relaxed) {
///         cores::pause();
///     }
/// });
/// ```
///
/// # Panics
/// If it is called where it must not, or with another `period`.
pub fn every(period: u32, handler: &(dyn Fn() + Sync), work: &mut dyn FnMut()) {
    assert!((1..1 << 24).contains(&period), "a period of {period} ticks");
    backend::interrupt::every(period, handler, work);
}

/// Where the last interrupt of [`during`] came: the address of the instruction before which it did.
/// 0 if none has come, or where the board does not tell.
pub fn place() -> usize {
    backend::interrupt::place()
}
