//! An interrupt handler and the main loop change one map.
//!
//! The handler counts the pulses of four pins in a `static` map; the main loop takes the
//! counts out again. It masks no interrupt: whatever it is in the middle of, the handler's
//! count is not lost. Try that with a map behind a lock, and the handler waits for ever.
//!
//! ```console
//! $ cargo qemu run isr_shared                   # --board host: a thread in place of the interrupt
//! ```
//!
//! # What it prints
//!
//! ```text
//! pin 0: 50 pulses
//! pin 1: 50 pulses
//! pin 2: 50 pulses
//! pin 3: 50 pulses
//! 200 interrupts, 200 pulses taken out, 0 left in the map
//! ```
#![cfg_attr(target_os = "none", no_std, no_main)]

use core::sync::atomic::{AtomicUsize, Ordering};

use arenamap::CopyMap;
use targets::interrupt;

const PINS: usize = 4;
const LAST: usize = 200;

/// How many pulses each pin has had since the main loop last looked. Room for six: two cells are for
/// the operation that the handler may interrupt.
static PULSES: CopyMap<u8, u32, 8> = CopyMap::new();

/// How many interrupts there were. Only the handler writes it, and it hands over nothing else: `Relaxed`.
static INTERRUPTS: AtomicUsize = AtomicUsize::new(0);

/// The interrupt handler: a pin has had a pulse. They come in bursts of ten.
fn on_pulse() {
    let number = INTERRUPTS.load(Ordering::Relaxed);
    if number < LAST {
        let pin = (number / 10 % PINS) as u8;
        let counted = PULSES.upsert(pin, || 1, |count| count + 1);
        counted.expect("there is room for four pins");
        INTERRUPTS.store(number + 1, Ordering::Relaxed);
    }
}

targets::entry!(main);

fn main() {
    let mut taken = [0; PINS];
    interrupt::every(300, &on_pulse, &mut || {
        while INTERRUPTS.load(Ordering::Relaxed) < LAST {
            for (pin, taken) in (0..).zip(&mut taken) {
                *taken += PULSES.remove(&pin).unwrap_or(0);
            }
        }
    });
    for (pin, taken) in (0..).zip(&mut taken) {
        *taken += PULSES.remove(&pin).unwrap_or(0);
        targets::println!("pin {pin}: {taken} pulses");
    }
    let (all, left) = (taken.iter().sum::<u32>(), PULSES.len());
    targets::println!("{LAST} interrupts, {all} pulses taken out, {left} left in the map");
}
