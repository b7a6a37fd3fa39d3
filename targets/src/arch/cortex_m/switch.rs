//! SysTick of a core with tasks: the next task's turn, or the handler of [`interrupt::during`].

use portable_atomic::{AtomicUsize, Ordering};

use super::{tasks, timer};
use crate::bare::interrupt;
use crate::bare::tasks::switch;

core::arch::global_asm!(include_str!("switch.s"));

/// Where the interrupted code has left its registers, once the handler has ended and before it goes
/// on there; 0 else.
static INTERRUPTED: AtomicUsize = AtomicUsize::new(0);

/// switch.s comes here: the interrupted task has left its registers at this address. Says whose
/// registers to go on with.
#[unsafe(no_mangle)]
extern "C" fn targets_tick(stack_pointer: usize) -> usize {
    // Here, too: what lies below a stack may be what `run` waits for.
    tasks::check();
    match INTERRUPTED.load(Ordering::Relaxed) {
        // The interrupted code goes on when the handler has ended; nothing else runs before.
        0 if interrupt::is_due() => {
            timer::disarm();
            tasks::prepare_handler(stack_pointer, handle)
        }
        0 => switch(stack_pointer),
        outer => {
            INTERRUPTED.store(0, Ordering::Relaxed);
            interrupt::go_on();
            outer
        }
    }
}

/// Runs the handler, and goes on with the code that was interrupted.
extern "C" fn handle(interrupted: usize, pc: usize) -> ! {
    interrupt::on_tick(pc);
    INTERRUPTED.store(interrupted, Ordering::Relaxed);
    loop {
        tasks::give_way();
    }
}
