//! The counter that all cores share.

pub use crate::riscv::clock::now_ns;
