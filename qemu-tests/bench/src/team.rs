//! The threads of a cell: started once, kept over all rounds, set off together by a barrier.

use std::hint;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::drive::Tally;

/// How often a thread looks for the others before it lets other programs run: some 50 microseconds.
const PATIENCE: u32 = 1000;

/// What a thread is told to do: it gets its number and the place where all start together.
pub type Order = Arc<dyn Fn(usize, &Start) -> Report + Send + Sync>;

/// Where the threads wait for one another.
pub struct Start {
    barrier: Barrier,
    threads: usize,
    arrived: AtomicUsize,
}

/// When a thread began, and what it had been through by then.
pub struct Begun {
    at: Instant,
    busy: Duration,
    switches: i64,
}

/// What a thread did in a round.
pub struct Report {
    /// When it began and ended.
    pub span: (Instant, Instant),
    /// How long it had a core in between.
    pub busy: Duration,
    /// How often the kernel took the core from it.
    pub switches: i64,
    /// What it saw.
    pub tally: Tally,
    /// How long its operations took, where that was asked for.
    pub times: Option<Histogram<u64>>,
}

impl Start {
    /// For so many threads.
    pub fn new(threads: usize) -> Self {
        Self {
            barrier: Barrier::new(threads),
            threads,
            arrived: AtomicUsize::new(0),
        }
    }

    /// Waits for the other threads.
    pub fn wait(&self) -> Begun {
        if self.barrier.wait().is_leader() {
            self.arrived.store(0, Relaxed);
        }
        self.barrier.wait();
        // From here on a thread that loses its core has a disturbed round: the others start alone.
        let switches = switches();
        self.arrived.fetch_add(1, Relaxed);
        // The barrier wakes one after the other: once awake, all wait for the last with open eyes.
        for spins in 0.. {
            if self.arrived.load(Relaxed) == self.threads {
                break;
            }
            if spins < PATIENCE {
                hint::spin_loop();
            } else {
                thread::yield_now();
            }
        }
        Begun {
            switches,
            busy: busy(),
            at: Instant::now(),
        }
    }
}

impl Begun {
    /// The report of a thread that ends now.
    pub fn end(self, tally: Tally, times: Option<Histogram<u64>>) -> Report {
        Report {
            span: (self.at, Instant::now()),
            busy: busy() - self.busy,
            switches: switches() - self.switches,
            tally,
            times,
        }
    }
}

/// Threads that wait for orders until the team is dropped.
pub struct Team {
    orders: Vec<Sender<Order>>,
    reports: Receiver<(usize, Report)>,
}

impl Team {
    /// So many threads.
    pub fn new(threads: usize) -> Self {
        let start = Arc::new(Start::new(threads));
        let (report, reports) = mpsc::channel();
        let orders = (0..threads)
            .map(|thread| {
                let (order, orders) = mpsc::channel::<Order>();
                let (start, report) = (start.clone(), report.clone());
                thread::spawn(move || {
                    for order in orders {
                        let done = order(thread, &start);
                        // Nobody listens any more when the program ends.
                        let _ = report.send((thread, done));
                    }
                });
                order
            })
            .collect();
        Self { orders, reports }
    }

    /// Has every thread do this; `meanwhile` runs here.
    pub fn run(&self, order: &Order, meanwhile: impl FnOnce()) -> Vec<Report> {
        for thread in &self.orders {
            thread.send(order.clone()).expect("a thread of the team");
        }
        meanwhile();
        let mut reports: Vec<_> = self.orders.iter().map(|_| None).collect();
        for _ in &self.orders {
            let (thread, report) = self.reports.recv().expect("a thread of the team");
            reports[thread] = Some(report);
        }
        reports.into_iter().flatten().collect()
    }
}

/// From the first thread's beginning to the last one's end.
pub fn wall(reports: &[Report]) -> Duration {
    let begun = reports.iter().map(|report| report.span.0).min();
    let ended = reports.iter().map(|report| report.span.1).max();
    match (begun, ended) {
        (Some(begun), Some(ended)) => ended - begun,
        _ => Duration::ZERO,
    }
}

/// How often the kernel has taken the core from this thread to give it to another.
#[cfg(target_os = "linux")]
fn switches() -> i64 {
    use nix::sys::resource::{UsageWho, getrusage};
    getrusage(UsageWho::RUSAGE_THREAD).map_or(0, |usage| usage.involuntary_context_switches())
}

/// How long this thread has had a core.
fn busy() -> Duration {
    use nix::time::{ClockId, clock_gettime};
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

/// Unknown here: rounds are then told apart by their time alone.
#[cfg(not(target_os = "linux"))]
fn switches() -> i64 {
    0
}
