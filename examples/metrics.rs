//! Counters with labels, from all cores and from an interrupt handler.
//!
//! A metric is an atomic counter in a `Map`, which is made where it is counted first:
//! nobody lists the labels beforehand. Counting is a look-up and an addition in place.
//! The export walks the map while the others could go on.
//!
//! ```console
//! $ cargo qemu run metrics                      # --board host: a thread in place of the interrupt
//! ```
//!
//! # What it prints
//!
//! ```text
//! frames{core="0"} 900
//! frames{core="1"} 900
//! frames{core="2"} 900
//! frames{core="3"} 900
//! frames_dropped{core="0"} 100
//! frames_dropped{core="1"} 100
//! frames_dropped{core="2"} 100
//! frames_dropped{core="3"} 100
//! timer_interrupts{core="0"} 50
//! ```
#![cfg_attr(target_os = "none", no_std, no_main)]

use core::sync::atomic::{AtomicU32, Ordering};

use arenamap::Map;
use heapless::Vec;
use targets::{cores, interrupt};

/// Two labels for each core and one for the interrupt, and two cells for each context that may be counting.
const LABELS: usize = 2 * cores::MAX + 1 + 2 * cores::MAX;

/// A metric's name and its core.
type Label = (&'static str, usize);

static METRICS: Map<Label, AtomicU32, LABELS> = Map::new();

/// Adds one to a metric. `Relaxed`: a counter hands over nothing else.
fn count(name: &'static str, core: usize) -> u32 {
    let metric = METRICS.get_or_insert_with((name, core), AtomicU32::default);
    let metric = metric.expect("there are fewer labels");
    metric.fetch_add(1, Ordering::Relaxed) + 1
}

targets::entry!(main);

fn main() {
    cores::run(&|core| {
        let work = || {
            for frame in 1..=1_000 {
                let name = if frame % 10 == 0 {
                    "frames_dropped"
                } else {
                    "frames"
                };
                count(name, core);
            }
        };
        if core > 0 {
            return work();
        }
        let ended = AtomicU32::new(0);
        let tick = || {
            if ended.load(Ordering::Relaxed) == 0 {
                ended.store(
                    u32::from(count("timer_interrupts", core) == 50),
                    Ordering::Relaxed,
                );
            }
        };
        interrupt::every(2_000, &tick, &mut || {
            work();
            while ended.load(Ordering::Relaxed) == 0 {
                cores::pause();
            }
        });
    });
    let mut lines: Vec<(Label, u32), LABELS> = METRICS
        .iter()
        .map(|metric| (*metric.key(), metric.load(Ordering::Relaxed)))
        .collect();
    lines.sort_unstable();
    for ((name, core), value) in lines {
        targets::println!("{name}{{core=\"{core}\"}} {value}");
    }
}
