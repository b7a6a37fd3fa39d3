//! Functions that break each rule on purpose: a check that does not find them proves nothing.
//!
//! A program of its own, so that the maps' image has none of it.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[cfg(target_os = "none")]
#[path = "../interrupts.rs"]
mod interrupts;
#[path = "../start.rs"]
mod start;

use core::hint::black_box;
use core::sync::atomic::Ordering;
use portable_atomic::{AtomicU64, AtomicUsize};

static WORD: AtomicUsize = AtomicUsize::new(0);
static WIDE: AtomicU64 = AtomicU64::new(0);
static TABLE: [u8; 3] = [3, 5, 7];

/// A read-modify-write: native, or in a critical section where there is none.
#[unsafe(export_name = "planted::read_modify_write")]
#[inline(never)]
fn read_modify_write() -> usize {
    WORD.swap(1, Ordering::AcqRel)
}

/// The same, one call further down.
#[unsafe(export_name = "planted::calls_read_modify_write")]
fn calls_read_modify_write() -> usize {
    read_modify_write().wrapping_add(1)
}

/// Masks interrupts.
#[unsafe(export_name = "planted::masks_interrupts")]
fn masks_interrupts() -> u32 {
    critical_section::with(|_| black_box(7))
}

/// A 64-bit atomic: on 32-bit targets a lock.
#[unsafe(export_name = "planted::wide_atomic")]
fn wide_atomic() -> u64 {
    WIDE.fetch_add(1, Ordering::AcqRel)
}

/// May panic.
#[unsafe(export_name = "planted::may_panic")]
fn may_panic(index: usize) -> u8 {
    TABLE[index]
}

fn keep() {
    black_box([
        read_modify_write as *const (),
        calls_read_modify_write as *const (),
        masks_interrupts as *const (),
        wide_atomic as *const (),
        may_panic as *const (),
    ]);
}

#[cfg(not(target_os = "none"))]
fn main() {
    keep();
    println!("never runs: `cargo qemu asm` and `cargo qemu size` look at its machine code");
}
