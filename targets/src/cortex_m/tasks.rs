//! Tasks of one Cortex-M core: their stacks, and how one goes on where it was interrupted.
//!
//! Every task, also the program itself, uses the process stack; interrupts use the main stack.

use core::cell::UnsafeCell;
use core::mem::size_of;

use cortex_m::peripheral::SCB;
use portable_atomic::{AtomicUsize, Ordering};

use crate::backend::{MAIN_STACK, TASK_STACK};
use crate::bare::tasks::{MAX, start};
use crate::bare::{interrupt, tasks};
use crate::cortex_m::timer;

core::arch::global_asm!(include_str!("switch.s"));

/// Never overwritten unless a stack has overflowed.
const CANARY: u32 = 0x5afe_57ac;

#[repr(C, align(8))]
struct Stack<const SIZE: usize>(UnsafeCell<[u8; SIZE]>);

// SAFETY: only the task whose stack it is uses it, and `prepare` while there is no such task.
unsafe impl<const SIZE: usize> Sync for Stack<SIZE> {}

static MAIN: Stack<MAIN_STACK> = Stack(UnsafeCell::new([0; MAIN_STACK]));
static TASKS: [Stack<TASK_STACK>; MAX - 1] =
    [const { Stack(UnsafeCell::new([0; TASK_STACK])) }; MAX - 1];

/// In `xpsr`: the CPU executes Thumb instructions.
const THUMB: u32 = 1 << 24;

/// What switch.s and the CPU leave on the stack of a task that does not run.
#[repr(C)]
struct Registers {
    r4_to_r11: [u32; 8],
    r0: u32,
    r1_to_r3: [u32; 3],
    r12: u32,
    lr: u32,
    pc: u32,
    xpsr: u32,
}

/// Where the program's own stack ends.
pub fn main_stack_end() -> u32 {
    mark(MAIN.0.get().cast());
    MAIN.0.get() as u32 + MAIN_STACK as u32
}

/// Makes the registers that a task begins with; says where they are.
pub fn prepare(task: usize) -> usize {
    check();
    let stack = TASKS[task - 1].0.get();
    mark(stack.cast());
    let registers = Registers {
        r4_to_r11: [0; 8],
        r0: task as u32,
        r1_to_r3: [0; 3],
        r12: 0,
        // `start` does not return.
        lr: 0,
        pc: start as *const () as u32,
        xpsr: THUMB,
    };
    let place = stack as usize + TASK_STACK - size_of::<Registers>();
    let place: *mut Registers = core::ptr::with_exposed_provenance_mut(place);
    // SAFETY: the highest bytes of a stack that no task uses now, aligned as the stack is.
    unsafe { place.write(registers) };
    place as usize
}

/// Ends this task's turn.
pub fn give_way() {
    SCB::set_pendst();
    cortex_m::asm::isb();
}

fn mark(lowest: *mut u32) {
    // SAFETY: the lowest word of a stack that is not in use there.
    unsafe { lowest.write_volatile(CANARY) };
}

/// Panics if a stack has overflowed since it was last marked.
fn check() {
    let all = TASKS.iter().map(|stack| stack.0.get().cast::<u32>());
    for (number, lowest) in all.chain([MAIN.0.get().cast()]).enumerate() {
        // SAFETY: reads a word of a stack that its task leaves alone, or else has overflowed.
        let word = unsafe { lowest.read_volatile() };
        assert!(
            word == CANARY || word == 0,
            "stack {number} has overflowed: raise the board's MAIN_STACK or TASK_STACK"
        );
    }
}

/// switch.s comes here.
#[unsafe(no_mangle)]
extern "C" fn targets_tick(stack_pointer: usize) -> usize {
    // Here, too: what lies below a stack may be what `run` waits for.
    check();
    match INTERRUPTED.load(Ordering::Relaxed) {
        0 if interrupt::is_due() => {
            timer::disarm();
            enter_handler(stack_pointer)
        }
        0 => tasks::switch(stack_pointer),
        outer => {
            INTERRUPTED.store(0, Ordering::Relaxed);
            outer
        }
    }
}

/// Where the interrupted code has left its registers, once the handler has ended and before it goes
/// on there; 0 else.
static INTERRUPTED: AtomicUsize = AtomicUsize::new(0);

/// Makes the registers with which the handler of [`interrupt::during`] begins; says where they are.
///
/// It runs as a task would, on the stack of one that does not run meanwhile: within the SysTick's
/// own handler there would be no other SysTick. One that interrupts it lies below it. The interrupted
/// code goes on when the handler has ended; nothing else runs before.
fn enter_handler(stack_pointer: usize) -> usize {
    let stack = TASKS[0].0.get() as usize;
    let end = match stack_pointer {
        nested if (stack..stack + TASK_STACK).contains(&nested) => nested,
        _ => stack + TASK_STACK,
    };
    let place = end - size_of::<Registers>();
    let interrupted: *const Registers = core::ptr::with_exposed_provenance(stack_pointer);
    // SAFETY: `switch.s` and the CPU have put them there.
    let pc = unsafe { (*interrupted).pc };
    let registers = Registers {
        r4_to_r11: [0; 8],
        r0: stack_pointer as u32,
        r1_to_r3: [pc, 0, 0],
        r12: 0,
        // `handle` does not return.
        lr: 0,
        pc: handle as *const () as u32,
        xpsr: THUMB,
    };
    let pointer: *mut Registers = core::ptr::with_exposed_provenance_mut(place);
    // SAFETY: the highest bytes of a stack that no task uses now, or below the stack pointer of a
    // handler, which does not run meanwhile.
    unsafe { pointer.write(registers) };
    place
}

/// Runs the handler, and goes on with the code that was interrupted.
extern "C" fn handle(interrupted: usize, pc: usize) -> ! {
    interrupt::on_tick(pc);
    INTERRUPTED.store(interrupted, Ordering::Relaxed);
    loop {
        give_way();
    }
}
