//! Two RTIC tasks of different priorities share a map, and no task calls `lock`.
//!
//! The map is a plain `static`, not a shared resource: RTIC has nothing to mask for it,
//! so its ceiling delays no task of a higher priority. `sample` may interrupt `add_up`
//! in the middle of a `remove`; neither waits, and no sample is lost.
//!
//! ```console
//! $ cargo qemu run rtic_tasks
//! $ cd examples/rtic_tasks && cargo run --release         # the same
//! ```
//!
//! # What it prints
//!
//! ```text
//! channel 0: 250 samples, sum 124500
//! channel 1: 250 samples, sum 124750
//! channel 2: 250 samples, sum 125000
//! channel 3: 250 samples, sum 125250
//! ```
#![no_std]
#![no_main]

use arenamap::CopyMap;
use cortex_m::peripheral::syst::SystClkSource;
use semihosting::{println, process};

const CHANNELS: usize = 4;
const LAST: u32 = 1_000;

/// Number and sum of the samples that each channel has had since `add_up` last looked.
static SAMPLES: CopyMap<usize, [u32; 2], 8> = CopyMap::new();

#[rtic::app(device = lm3s6965, dispatchers = [UART0])]
mod app {
    use super::*;

    #[shared]
    struct Shared {}

    #[local]
    struct Local {}

    #[init]
    fn init(cx: init::Context) -> (Shared, Local) {
        let mut timer = cx.core.SYST;
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(1_000);
        timer.clear_current();
        timer.enable_interrupt();
        timer.enable_counter();
        (Shared {}, Local {})
    }

    /// The timer's interrupt.
    #[task(binds = SysTick, priority = 2, local = [number: u32 = 0])]
    fn sample(cx: sample::Context) {
        let number = *cx.local.number;
        if number < LAST {
            let channel = number as usize % CHANNELS;
            let added = SAMPLES.upsert(
                channel,
                || [1, number],
                |[count, sum]| [count + 1, sum + number],
            );
            added.expect("there is room for four channels");
            *cx.local.number = number + 1;
        }
        // An error: it is to run already, or it is running and may have passed this channel. Then
        // the next tick spawns it again. Where samples do not keep coming, await a `Watched` map.
        let _ = add_up::spawn();
    }

    #[task(priority = 1, local = [totals: [[u32; 2]; CHANNELS] = [[0; 2]; CHANNELS]])]
    async fn add_up(cx: add_up::Context) {
        let totals = cx.local.totals;
        for (channel, total) in totals.iter_mut().enumerate() {
            let [count, sum] = SAMPLES.remove(&channel).unwrap_or_default();
            *total = [total[0] + count, total[1] + sum];
        }
        if totals.iter().map(|[count, _]| count).sum::<u32>() == LAST {
            for (channel, [count, sum]) in totals.iter().enumerate() {
                println!("channel {channel}: {count} samples, sum {sum}");
            }
            process::exit(0);
        }
    }
}
