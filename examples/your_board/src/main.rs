//! A whole firmware to copy: its manifest, its memory.x, its build script, and this.
//!
//! The map is one line: a `static`, which lies in `.bss`, needs no heap and no set-up. The interrupt
//! handler of the system timer changes it, and so does `main`, with no mask and no lock. What must
//! be another for your board: memory.x, the target in .cargo/config.toml, and how it prints.
//!
//! ```console
//! $ cargo qemu run your_board
//! $ cd examples/your_board && cargo run --release         # the same, as in your own project
//! ```
//!
//! In your own project, once: `rustup target add thumbv7em-none-eabi`; to run it here, `qemu-system-arm`.
//!
//! # What it prints
//!
//! ```text
//! 100 interrupts, 100 counted
//! ```
#![no_std]
#![no_main]

use arenamap::CopyMap;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::{entry, exception};
use semihosting::{println, process};

/// How often each of eight events has happened. 10: two cells more, for the operation of `main` that
/// the handler may interrupt.
static EVENTS: CopyMap<u32, u32, 10> = CopyMap::new();

#[exception]
fn SysTick() {
    static mut NUMBER: u32 = 0;
    if *NUMBER < 100 {
        let event = *NUMBER % 8;
        let counted = EVENTS.upsert(event, || 1, |count| count + 1);
        counted.expect("there is room for eight events");
        *NUMBER += 1;
    }
}

#[entry]
fn main() -> ! {
    let core = cortex_m::Peripherals::take().expect("nobody else has taken them");
    let mut timer = core.SYST;
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(10_000);
    timer.clear_current();
    timer.enable_interrupt();
    timer.enable_counter();

    let mut counted = 0;
    while counted < 100 {
        for event in 0..8 {
            counted += EVENTS.remove(&event).unwrap_or(0);
        }
    }
    println!("100 interrupts, {counted} counted");
    process::exit(0)
}
