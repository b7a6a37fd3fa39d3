//! Tasks of one Cortex-M core: their stacks, and how one goes on where it was interrupted.
//!
//! Every task, also the program itself, uses the process stack; interrupts use the main stack.

use core::cell::UnsafeCell;
use core::mem::size_of;

use cortex_m::peripheral::SCB;
use cortex_m::peripheral::scb::VectActive;
use cortex_m::register::primask;

use crate::board::{BOARD, MAIN_STACK, TASK_STACK};

/// Never overwritten unless a stack has overflowed.
const CANARY: u32 = 0x5afe_57ac;

#[repr(C, align(8))]
struct Stack<const SIZE: usize>(UnsafeCell<[u8; SIZE]>);

// SAFETY: only the task whose stack it is uses it, and `prepare` while there is no such task.
unsafe impl<const SIZE: usize> Sync for Stack<SIZE> {}

static MAIN: Stack<MAIN_STACK> = Stack(UnsafeCell::new([0; MAIN_STACK]));
static TASKS: [Stack<TASK_STACK>; BOARD.cores.contexts() - 1] =
    [const { Stack(UnsafeCell::new([0; TASK_STACK])) }; BOARD.cores.contexts() - 1];

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

/// Makes the registers with which a task begins in `start`; says where they are.
pub fn prepare(task: usize, start: extern "C" fn(usize) -> !) -> usize {
    check();
    let stack = TASKS[task - 1].0.get();
    mark(stack.cast());
    let pc = start as *const () as u32;
    // SAFETY: no task uses the stack now, which is aligned.
    unsafe { put(stack as usize + TASK_STACK, pc, [task as u32, 0]) }
}

/// Makes the registers with which `handler(interrupted, pc)` begins; says where they are. The interrupted
/// code has left its own at the address `interrupted`.
///
/// It runs as a task would, on the stack of one that does not run meanwhile: within the SysTick's
/// own handler there would be no other SysTick. One that interrupts it lies below it.
pub fn prepare_handler(interrupted: usize, handler: extern "C" fn(usize, usize) -> !) -> usize {
    let stack = TASKS[0].0.get() as usize;
    let end = match interrupted {
        nested if (stack..stack + TASK_STACK).contains(&nested) => nested,
        _ => stack + TASK_STACK,
    };
    let registers: *const Registers = core::ptr::with_exposed_provenance(interrupted);
    // SAFETY: `switch.s` and the CPU have put them there.
    let place = unsafe { (*registers).pc };
    let pc = handler as *const () as u32;
    // SAFETY: no task uses the stack now; or the place is below the stack pointer of a handler, which does
    // not run meanwhile.
    unsafe { put(end, pc, [interrupted as u32, place]) }
}

/// Puts registers with which a function that does not return begins, with two arguments, below this
/// address; says where they are.
///
/// # Safety
/// The address ends a part of a stack that nobody uses, and is a multiple of eight.
unsafe fn put(end: usize, pc: u32, [r0, r1]: [u32; 2]) -> usize {
    let place = end - size_of::<Registers>();
    let pointer: *mut Registers = core::ptr::with_exposed_provenance_mut(place);
    let registers = Registers {
        r4_to_r11: [0; 8],
        r0,
        r1_to_r3: [r1, 0, 0],
        r12: 0,
        lr: 0,
        pc,
        xpsr: THUMB,
    };
    // SAFETY: as the caller promises.
    unsafe { pointer.write(registers) };
    place
}

/// Ends this task's turn.
pub fn give_way() {
    SCB::set_pendst();
    cortex_m::asm::isb();
}

/// Whether another task's turn comes: not within an interrupt or a fault, nor while interrupts are masked.
pub fn can_give_way() -> bool {
    SCB::vect_active() == VectActive::ThreadMode && primask::read().is_active()
}

fn mark(lowest: *mut u32) {
    // SAFETY: the lowest word of a stack that is not in use there.
    unsafe { lowest.write_volatile(CANARY) };
}

/// Panics if a stack has overflowed since it was last marked.
pub fn check() {
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
