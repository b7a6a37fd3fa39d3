//! Cores that all start at once.

pub use crate::riscv::cores::{MAX, available, current, pause, run, sleep_until, stop, wake};
