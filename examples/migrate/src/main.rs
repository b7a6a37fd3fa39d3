//! From a `heapless` map that masks interrupts to a map that does not: what it does to an interrupt.
//!
//! [`before`] and [`after`] are the same three functions on either map. Of the rest of a
//! program only the capacity changes, if it is tight: two more for each handler that may
//! interrupt. The program lets a timer interrupt come after every number of ticks while the
//! main loop puts, gets and takes, and sees how late its handler starts. The mask adds to
//! that as long as an operation takes; without a mask it is always the same.
//!
//! ```console
//! $ cargo qemu run migrate
//! ```
//!
//! # What it prints
//!
//! ```text
//! masked heapless map: an interrupt starts up to … instructions later than at best
//! arenamap: an interrupt starts up to … instructions later than at best
//! at least ten times sooner: yes
//! ```
#![cfg_attr(target_os = "none", no_std, no_main)]

mod after;
mod before;

use core::hint::black_box;
use core::sync::atomic::{AtomicU32, Ordering};

// Brings the masking for `critical-section`.
#[cfg(target_os = "none")]
use cortex_m as _;
use targets::{clock, exit::Status, interrupt, println};

/// Either module's functions.
struct Table {
    put: fn(u32, u32) -> Option<u32>,
    get: fn(u32) -> Option<u32>,
    take: fn(u32) -> Option<u32>,
}

impl Table {
    /// A pass of the main loop: half of the table is filled and emptied.
    fn pass(&self) {
        for key in 0..32 {
            (self.put)(black_box(key), key);
        }
        for key in 0..32 {
            assert_eq!((self.get)(black_box(key)), Some(key));
        }
        for key in 0..32 {
            assert_eq!((self.take)(black_box(key)), Some(key));
        }
    }

    /// The difference between the latest and the earliest start of a handler, in ticks of the clock. The
    /// timer's ticks are as long on this board, and so are the steps to when it is due.
    fn delay(&self) -> u32 {
        let (mut best, mut worst) = (u32::MAX, 0);
        for due in (500..).step_by(STEP) {
            let started = AtomicU32::new(0);
            let armed = clock::ticks();
            let handler = || {
                started.store(
                    clock::ticks_between(armed, clock::ticks()) as u32,
                    Ordering::Relaxed,
                )
            };
            if !interrupt::during(due, &handler, &mut || self.pass()) {
                break;
            }
            let late = started.into_inner() - due;
            (best, worst) = (late.min(best), late.max(worst));
        }
        worst - best
    }
}

/// Ticks from one try to the next: an odd number, so that they come everywhere in the loop.
const STEP: usize = 7;

/// The clock of the board has 25 MHz, and QEMU takes 64 ns for an instruction.
fn instructions(ticks: u32) -> u32 {
    ticks * 40 / 64
}

targets::entry!(main);

fn main() -> Status {
    let [before, after] = [
        Table {
            put: before::put,
            get: before::get,
            take: before::take,
        },
        Table {
            put: after::put,
            get: after::get,
            take: after::take,
        },
    ]
    .map(|table| instructions(table.delay()));
    println!(
        "masked heapless map: an interrupt starts up to {before} instructions later than at best"
    );
    println!("arenamap: an interrupt starts up to {after} instructions later than at best");
    let sooner = 10 * after <= before;
    println!(
        "at least ten times sooner: {}",
        if sooner { "yes" } else { "no" }
    );
    if sooner {
        Status::SUCCESS
    } else {
        Status::failure(1)
    }
}
