//! Tasks of one core: their stacks, and how one begins.

use core::cell::UnsafeCell;

use super::clint;
use crate::board::BOARD;

/// The size of a task's stack, but for task 0's.
const SIZE: usize = 0x8000;
/// What boot.s leaves on the stack of a task that does not run: mepc in the place of x0, then x1 to
/// x31.
type Registers = [usize; 32];
const A0: usize = 10;

#[repr(C, align(16))]
struct Stack(UnsafeCell<[u8; SIZE]>);

// SAFETY: only the task whose stack it is uses it, and `prepare` while there is no such task.
unsafe impl Sync for Stack {}

static STACKS: [Stack; BOARD.cores.contexts() - 1] =
    [const { Stack(UnsafeCell::new([0; SIZE])) }; BOARD.cores.contexts() - 1];

/// Makes the registers with which a task begins in `start`; says where they are.
pub fn prepare(task: usize, start: extern "C" fn(usize) -> !) -> usize {
    let mut registers: Registers = [0; 32];
    registers[0] = start as *const () as usize;
    registers[A0] = task;
    let place = STACKS[task - 1].0.get() as usize + SIZE - size_of::<Registers>();
    let pointer: *mut Registers = core::ptr::with_exposed_provenance_mut(place);
    // SAFETY: the highest bytes of a stack that no task uses now, aligned as the stack is.
    unsafe { pointer.write(registers) };
    place
}

/// Whether another task's turn comes: not within an interrupt or a fault, nor while interrupts are masked.
pub fn can_give_way() -> bool {
    super::timer::is_on()
}

/// Ends this task's turn.
pub fn give_way() {
    clint::call(0, true);
}
