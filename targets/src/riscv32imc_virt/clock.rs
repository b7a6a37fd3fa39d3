//! The counter that all cores share.

pub use crate::riscv::clock::{TICK_BITS, now_ns, ticks};
