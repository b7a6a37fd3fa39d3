//! The ready tasks of a kernel: every core and an interrupt handler make them, every core takes them.
//!
//! A core runs a task that it has made itself, or else steals one. Whoever `remove`s a
//! task from the table has it: nobody runs one twice, and none is lost. No run queue is
//! locked, so an interrupt handler may make a task whatever its core is doing; where the
//! table is full, the task comes back and its maker runs it at once.
//!
//! ```console
//! $ cargo qemu run smp_kernel --cores 4         # --board host: a thread in place of the interrupt
//! ```
//!
//! # What it prints
//!
//! ```text
//! … cores ran 8188 tasks, each once
//! … were stolen; … found the table full and ran at once
//! ```
#![cfg_attr(target_os = "none", no_std, no_main)]

use core::sync::atomic::{AtomicU32, Ordering};

use arenamap::{CopyMap, Full};
use targets::{cores, interrupt, println};

/// How many tasks the interrupt handler makes, and how often each splits in two.
const INTERRUPTS: u32 = 4;
const SPLITS: u32 = 10;
/// So many tasks that comes to.
const ALL: u32 = INTERRUPTS * ((2 << SPLITS) - 1);

/// Its number, and the core that has made it.
type Task = [u32; 2];

/// The tasks that wait for a core, and how often each is to split.
static READY: CopyMap<Task, u32, 64> = CopyMap::new();

/// Counters, which hand over nothing else: `Relaxed`.
static MADE: AtomicU32 = AtomicU32::new(0);
static RUN: AtomicU32 = AtomicU32::new(0);
static SUM: AtomicU32 = AtomicU32::new(0);
static STOLEN: AtomicU32 = AtomicU32::new(0);
static REFUSED: AtomicU32 = AtomicU32::new(0);

/// Takes a task: one that this core has made, or else any. `None`: there is none, or
/// another core was quicker.
fn take(core: u32) -> Option<(Task, u32)> {
    let mine = READY.keys().find(|[_, maker]| *maker == core);
    let task = mine.or_else(|| READY.keys().next())?;
    let splits = READY.remove(&task)?;
    STOLEN.fetch_add(u32::from(task[1] != core), Ordering::Relaxed);
    Some((task, splits))
}

/// Runs a task on a core: makes two others ready, and those two each, and so on.
fn run(core: u32, ([number, _], splits): (Task, u32)) {
    for _ in 0..2 * splits.min(1) {
        let task = [MADE.fetch_add(1, Ordering::Relaxed), core];
        if let Err(Full(task)) = READY.insert(task, splits - 1) {
            REFUSED.fetch_add(1, Ordering::Relaxed);
            run(core, task);
        }
    }
    SUM.fetch_add(number, Ordering::Relaxed);
    RUN.fetch_add(1, Ordering::Relaxed);
}

targets::entry!(main);

fn main() {
    // A device of core 0 has work; where the table is full, its next interrupt tries again.
    let left = AtomicU32::new(INTERRUPTS);
    let on_interrupt = || {
        let now = left.load(Ordering::Relaxed);
        if now > 0 && READY.insert([ALL - now, 0], SPLITS).is_ok() {
            left.store(now - 1, Ordering::Relaxed);
        }
    };
    cores::run(&|core| {
        let mut work = || {
            while RUN.load(Ordering::Relaxed) < ALL {
                match take(core as u32) {
                    Some(task) => run(core as u32, task),
                    None => cores::pause(),
                }
            }
        };
        match core {
            0 => interrupt::every(5_000, &on_interrupt, &mut work),
            _ => work(),
        }
    });
    let [run, sum, stolen, refused] =
        [&RUN, &SUM, &STOLEN, &REFUSED].map(|counter| counter.load(Ordering::Relaxed));
    assert_eq!(
        (run, sum),
        (ALL, ALL * (ALL - 1) / 2),
        "one was lost, or ran twice"
    );
    println!("{} cores ran {run} tasks, each once", cores::available());
    println!("{stolen} were stolen; {refused} found the table full and ran at once");
}
