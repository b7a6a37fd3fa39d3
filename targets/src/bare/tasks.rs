//! One core in place of several: tasks, between which a timer interrupt switches.
//!
//! Task 0 is the program itself. [`run`] makes the others, each with a stack of its own, and lets
//! the timer switch between all in turn, after times that differ, until each has run the function.
//! A task is interrupted at any instruction and goes on there later, as a thread of an operating
//! system does: what cores do at the same time, tasks do in pieces that are mixed.
//!
//! The invariant *job*: `function` is written only by task 0, and only while no other task runs.

use core::cell::UnsafeCell;

use portable_atomic::{AtomicBool, AtomicUsize, Ordering};

use super::{exit, interrupt};
use crate::arch::tasks::{can_give_way, give_way, prepare};
use crate::arch::timer;
use crate::board::BOARD;

/// See [`crate::cores::MAX`].
pub const MAX: usize = BOARD.cores.contexts();

type Function = dyn Fn(usize) + Sync;

struct Job {
    function: UnsafeCell<Option<*const Function>>,
}

// SAFETY: invariant *job*; all tasks run on one core. The function itself is `Sync`.
unsafe impl Sync for Job {}

static JOB: Job = Job {
    function: UnsafeCell::new(None),
};

// All that follows is accessed by one core only, whose interrupts and tasks see its stores in
// program order: Relaxed, but where the compiler must not move the function's accesses past them.

/// The task that runs.
static CURRENT: AtomicUsize = AtomicUsize::new(0);
/// Bit `n` is set while task `n` has something to do.
static READY: AtomicUsize = AtomicUsize::new(1);
/// Where the tasks that do not run have left their registers.
static STACK_POINTERS: [AtomicUsize; MAX] = [const { AtomicUsize::new(0) }; MAX];
/// Whether task 0 is in [`run`].
static RUNNING: AtomicBool = AtomicBool::new(false);

/// See [`crate::cores::available`].
pub fn available() -> usize {
    MAX
}

/// See [`crate::cores::current`].
pub fn current() -> usize {
    CURRENT.load(Ordering::Relaxed)
}

/// See [`crate::cores::run`].
pub fn run(f: &(dyn Fn(usize) + Sync)) {
    assert_eq!(current(), 0, "`cores::run` must be called on core 0");
    assert!(
        !RUNNING.swap(true, Ordering::Relaxed),
        "`cores::run` must not be called within its own function"
    );
    // A handler of this core runs on the stack of a task.
    assert!(
        !interrupt::is_due() && !interrupt::comes_again(),
        "`cores::run` must not be called within the work of `interrupt::during` or `every`: the timer is \
         theirs"
    );
    // SAFETY: only the lifetime changes, and this function waits for the last use of the pointer.
    let function =
        unsafe { core::mem::transmute::<*const (dyn Fn(usize) + Sync + '_), *const Function>(f) };
    // SAFETY: invariant *job*: no other task runs.
    unsafe { *JOB.function.get() = Some(function) };
    for (task, place) in STACK_POINTERS.iter().enumerate().skip(1) {
        place.store(prepare(task, start), Ordering::Relaxed);
    }
    // (1) Release: pairs with the Acquire (2): tasks find the function and their registers.
    READY.store((1 << MAX) - 1, Ordering::Release);
    timer::arm(next_period());

    f(0);

    // (4) Acquire: pairs with the Release (3): all that the tasks did is visible.
    while READY.load(Ordering::Acquire) != 1 {
        pause();
    }
    timer::disarm();
    RUNNING.store(false, Ordering::Relaxed);
}

/// Whether tasks run, and use the timer.
pub fn are_running() -> bool {
    RUNNING.load(Ordering::Relaxed)
}

/// See [`crate::cores::pause`]. Where there are no tasks, nobody waits for a turn.
pub fn pause() {
    if are_running() {
        give_way();
    } else {
        core::hint::spin_loop();
    }
}

/// Stops this task for ever: it has ended, or another one ends the program. Within a fault that other
/// one would never go on: then the program ends now, without the other's last words.
pub fn stop() -> ! {
    if !can_give_way() {
        exit::fail_at_once();
    }
    loop {
        give_way();
    }
}

/// Where a task begins.
extern "C" fn start(task: usize) -> ! {
    // SAFETY: invariant *job*: task 0 waits for this one.
    let function = unsafe { *JOB.function.get() };
    if let Some(function) = function {
        // SAFETY: `run` does not return, and so does not end the borrow, before this task is done.
        unsafe { (*function)(task) };
    }
    // (3) Release: pairs with the Acquire (4).
    READY.fetch_and(!(1 << task), Ordering::Release);
    // Never chosen again.
    stop()
}

/// The timer interrupt: the task that was interrupted has left its registers at this address; says
/// whose registers to go on with.
pub fn switch(stack_pointer: usize) -> usize {
    // (2) Acquire: pairs with the Release (1).
    let ready = READY.load(Ordering::Acquire);
    let current = current();
    if !RUNNING.load(Ordering::Relaxed) {
        return stack_pointer;
    }
    STACK_POINTERS[current].store(stack_pointer, Ordering::Relaxed);
    let after = (1..=MAX).map(|step| (current + step) % MAX);
    // Task 0 is always ready.
    let next = after.into_iter().find(|task| ready >> task & 1 == 1);
    let next = next.unwrap_or(0);
    CURRENT.store(next, Ordering::Relaxed);
    timer::arm_again(next_period());
    STACK_POINTERS[next].load(Ordering::Relaxed)
}

/// After how many ticks of the timer the next task's turn comes: another number each time, so that
/// tasks are interrupted at all their instructions.
fn next_period() -> u32 {
    /// The shortest turn is a few operations of the map, the longest some dozens.
    const SHORTEST: usize = 300;
    const LONGEST: usize = 6_000;

    /// Marsaglia's xorshift with 32 bits. Only the task that runs, or an interrupt of it that comes
    /// after it, changes the word.
    static WORD: AtomicUsize = AtomicUsize::new(0x2545_f491);
    let mut word = WORD.load(Ordering::Relaxed) as u32;
    word ^= word << 13;
    word ^= word >> 17;
    word ^= word << 5;
    WORD.store(word as usize, Ordering::Relaxed);
    (SHORTEST + word as usize % LONGEST) as u32
}
