//! Embassy tasks that wait for what an interrupt handler puts into a map, and sleep meanwhile.
//!
//! Two workers wait for jobs, which the timer's interrupt makes; `main` waits until all are done. Nobody
//! polls and nobody masks an interrupt: the insert in the handler wakes the executor, which sleeps in
//! `wfe`. When the table of jobs is full, the handler tries again at its next tick.
//!
//! ```console
//! $ cargo qemu run embassy_tasks
//! $ cd examples/embassy_tasks && cargo run --release         # the same
//! ```
//!
//! # What it prints
//!
//! ```text
//! 100 jobs done by 2 workers, sum 328350
//! ```
#![no_std]
#![no_main]

use arenamap::{CopyMap, Watched};
use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::exception;
use embassy_executor::Spawner;
use semihosting::{println, process};

const LAST: u32 = 100;
const WORKERS: usize = 2;

/// What is to be done. Each worker watches it.
static JOBS: Watched<CopyMap<u32, u32, 4>, WORKERS> = Watched::new(CopyMap::new());
/// Number and sum of the jobs that each worker has done. `main` watches it.
static DONE: Watched<CopyMap<usize, [u32; 2], 4>, 1> = Watched::new(CopyMap::new());

/// The timer's interrupt: makes the next job.
#[exception]
fn SysTick() {
    static mut NEXT: u32 = 0;
    if *NEXT < LAST && JOBS.insert(*NEXT, *NEXT * *NEXT).is_ok() {
        *NEXT += 1;
    }
}

#[embassy_executor::task(pool_size = WORKERS)]
async fn worker(worker: usize) {
    let mut watcher = JOBS.watcher().expect("one place for each worker");
    loop {
        // Whichever there is; of two workers that see a job, one removes it.
        let job = watcher
            .wait_until(|jobs| jobs.keys().find_map(|key| jobs.remove(&key)))
            .await;
        let counted = DONE.upsert(worker, || [1, job], |[count, sum]| [count + 1, sum + job]);
        counted.expect("there is room for each worker");
    }
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    for number in 0..WORKERS {
        spawner.spawn(worker(number).expect("there are as many"));
    }
    let core = cortex_m::Peripherals::take().expect("nobody else has taken them");
    start(core.SYST);

    let mut watcher = DONE.watcher().expect("the only one");
    let sum = watcher
        .wait_until(|done| {
            let add = |[n, sum]: [u32; 2], [count, part]: [u32; 2]| [n + count, sum + part];
            let [count, sum] = done.values().fold([0, 0], add);
            (count == LAST).then_some(sum)
        })
        .await;
    println!("{LAST} jobs done by {WORKERS} workers, sum {sum}");
    process::exit(0)
}

/// Lets the timer's interrupt come every 2,000 cycles.
fn start(mut timer: SYST) {
    timer.set_clock_source(SystClkSource::Core);
    timer.set_reload(2_000);
    timer.clear_current();
    timer.enable_interrupt();
    timer.enable_counter();
}
