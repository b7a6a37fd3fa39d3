//! Kernel objects that a device names by a number, and never the wrong one.
//!
//! A DMA transfer is an entry of a `Map`; the device gets its `EntryId` as a cookie of 64 bits and hands
//! it back in its interrupt. The main loop puts new transfers in the place of some: when the device has
//! done the old one all the same, its cookie names nothing, although its channel has a transfer.
//!
//! ```console
//! $ cargo qemu run handle_table                 # --board host: a thread in place of the interrupt
//! ```
//!
//! # What it prints
//!
//! ```text
//! 100 transfers: … completed, … cancelled
//! completions of cancelled ones, which named nothing: all …
//! ```
#![cfg_attr(target_os = "none", no_std, no_main)]

use core::sync::atomic::{AtomicU32, Ordering};

use arenamap::{CopyMap, EntryId, Map, WithId};
use targets::{cores, interrupt, println};

const ALL: u32 = 100;

/// What the kernel knows of a transfer. It owns no buffer: to replace its entry does not stop the device, so
/// what that still writes to must live until its interrupt has come.
struct Transfer {
    number: u32,
}

/// The transfers by channel.
static TRANSFERS: Map<u32, WithId<Transfer>, 8> = Map::new();
/// In place of a DMA controller: the cookies that it was given, in the order of these numbers.
static DEVICE: CopyMap<u32, u64, 8> = CopyMap::new();

/// Only the handler writes them, and they hand over nothing else: `Relaxed`.
static COMPLETED: AtomicU32 = AtomicU32::new(0);
static LATE: AtomicU32 = AtomicU32::new(0);

fn add_one(counter: &AtomicU32) {
    counter.store(counter.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
}

/// How many of the device's interrupts there were.
fn interrupts() -> u32 {
    COMPLETED.load(Ordering::Relaxed) + LATE.load(Ordering::Relaxed)
}

fn await_interrupts(number: u32) {
    while interrupts() < number {
        cores::pause();
    }
}

/// The interrupt: the device has done a transfer.
fn on_done() {
    let number = interrupts();
    if let Some(cookie) = DEVICE.remove(&number) {
        let id = EntryId::from_bits(cookie).expect("we have sent no zero");
        match TRANSFERS.remove_by_id(id) {
            Some(transfer) => {
                assert_eq!(transfer.number, number, "the wrong one");
                add_one(&COMPLETED);
            }
            None => add_one(&LATE),
        }
    }
}

targets::entry!(main);

fn main() {
    let mut cancelled = 0;
    interrupt::every(2_000, &on_done, &mut || {
        for number in 0..ALL {
            // Three channels; the fourth transfer of a round takes that of the third, which it cancels if the
            // device has not done it yet.
            if number % 4 == 0 {
                await_interrupts(number);
            }
            let (id, before) = TRANSFERS
                .insert_with_id((number % 4).min(2), Transfer { number })
                .expect("there is room for three channels");
            cancelled += u32::from(before.is_some());
            DEVICE.insert(number, id.to_bits()).expect("there is room");
        }
        await_interrupts(ALL);
    });
    let [completed, late] = [&COMPLETED, &LATE].map(|counter| counter.load(Ordering::Relaxed));
    assert!(completed + cancelled == ALL && late == cancelled);
    println!("{ALL} transfers: {completed} completed, {cancelled} cancelled");
    println!("completions of cancelled ones, which named nothing: all {late}");
}
