//! Maps whose capacity is part of their type: one of each family for every size that is measured.

use super::driver;
use crate::drive::Bench;
use crate::subject::Subject;

/// The capacities that the suite measures.
pub const SIZES: [usize; 3] = [1 << 10, 1 << 16, 1 << 20];

/// A map type for each capacity.
pub trait Family: 'static {
    /// The type with room for `N` entries.
    type Of<const N: usize>: Subject;
}

/// The family's member with this capacity.
pub fn of<F: Family>(size: usize) -> Option<Box<dyn Bench>> {
    match size {
        0x10_0000 => driver::<F::Of<0x10_0000>>(size),
        _ => small::<F>(size),
    }
}

/// The same for a family whose members hold 2^16 entries at most.
pub fn small<F: Family>(size: usize) -> Option<Box<dyn Bench>> {
    match size {
        0x400 => driver::<F::Of<0x400>>(size),
        0x1_0000 => driver::<F::Of<0x1_0000>>(size),
        _ => None,
    }
}

/// A map on the heap. Made on a thread with a stack that takes it before it moves.
pub fn zeroed<T: Default + Send + 'static>() -> Box<T> {
    let stack = size_of::<T>() * 4 + (1 << 20);
    let made = std::thread::Builder::new()
        .stack_size(stack)
        .spawn(|| Box::new(T::default()))
        .expect("a thread with a large stack")
        .join();
    match made {
        Ok(made) => made,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// One for the rest of the program.
pub fn leaked<T: Default + Send + 'static>() -> &'static T {
    Box::leak(zeroed())
}
