//! Rounds of recorded operations on real threads, more of them than cores, with faults between and within
//! operations. While one round runs, the history of the one before is checked.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use history::show::timeline;
use history::{History, Op, check};

use crate::program::{Call, history_of, perform};
use crate::subject::{Held, Narrow, Subject, Wide};

/// Keys of a round: so many that few operations of one key overlap.
const KEYS: u16 = 256;
/// Room for all keys, for the replaced entry of each thread and for those that guards hold.
const N: usize = 512;
/// Operations of a thread in a round.
const OPERATIONS: u64 = 10_000;
/// Of so many chances for a thread to give its core away, one is taken.
const YIELD: u32 = 512;
/// Of so many chances for a thread to sleep, one is taken.
const SLEEP: u32 = 8192;
/// How long it sleeps.
const NAP: Duration = Duration::from_micros(200);

/// What was done so far.
#[derive(Debug, Default)]
#[allow(missing_docs)]
pub struct Totals {
    pub operations: AtomicU64,
    pub faults: AtomicU64,
    pub histories: AtomicU64,
    pub checked: AtomicU64,
}

/// What to do.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Plan {
    pub seed: u64,
    pub threads: u16,
    pub time: Option<Duration>,
    pub operations: Option<u64>,
}

/// A history that no order explains.
#[derive(Debug)]
#[allow(missing_docs)]
pub struct Failure {
    pub why: String,
    pub round: u64,
    pub history: History,
}

/// The subjects, in turn.
pub fn subject(round: u64) -> Box<dyn Subject> {
    match round % 3 {
        0 => Box::new(Narrow::<N>::new()),
        1 => Box::new(Wide::<N>::new()),
        _ => Box::new(Held::<N>::new()),
    }
}

/// Runs rounds until the plan is done, `stop` is set or a history is wrong.
pub fn soak(
    plan: Plan,
    totals: &Totals,
    stop: &AtomicBool,
    make: impl Fn(u64) -> Box<dyn Subject>,
) -> Option<Failure> {
    let start = Instant::now();
    let failed = AtomicBool::new(false);
    let (sender, receiver) = sync_channel(1);
    thread::scope(|scope| {
        let checker = scope.spawn(|| check_all(receiver, totals, &failed));
        for round in 0.. {
            let done = totals.operations.load(Ordering::Relaxed);
            // Before the first round nothing has been shown, however little time there is.
            let enough = plan.time.is_some_and(|time| start.elapsed() >= time)
                || plan.operations.is_some_and(|operations| done >= operations);
            let over = done > 0 && enough
                || stop.load(Ordering::Relaxed)
                || failed.load(Ordering::Relaxed);
            if over
                || sender
                    .send((round, run_round(plan, round, totals, &*make(round))))
                    .is_err()
            {
                break;
            }
        }
        drop(sender);
        checker.join().expect("the checker does not panic")
    })
}

fn check_all(
    rounds: Receiver<(u64, History)>,
    totals: &Totals,
    failed: &AtomicBool,
) -> Option<Failure> {
    for (round, history) in rounds {
        if let Err(violation) = check(&history) {
            failed.store(true, Ordering::Relaxed);
            return Some(Failure {
                why: timeline(&violation),
                round,
                history,
            });
        }
        totals.histories.fetch_add(1, Ordering::Relaxed);
        let checked = history.ops.len() as u64;
        totals.checked.fetch_add(checked, Ordering::Relaxed);
    }
    None
}

/// One round on a fresh map.
fn run_round(plan: Plan, round: u64, totals: &Totals, subject: &dyn Subject) -> History {
    let adds = subject.name() == "copy_map::narrow";
    let zero = Instant::now();
    let ops: Vec<Vec<Op>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..usize::from(plan.threads))
            .map(|context| {
                let seed = plan.seed ^ round << 16 ^ context as u64;
                scope.spawn(move || run_thread(subject, context, seed, zero, adds, totals))
            })
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .map(|ops| ops.expect("an assertion about the map failed"))
            .collect()
    });
    history_of(subject, ops.concat())
}

fn run_thread(
    subject: &dyn Subject,
    context: usize,
    seed: u64,
    zero: Instant,
    adds: bool,
    totals: &Totals,
) -> Vec<Op> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut faults = Faults {
        random: random.fork(),
        injected: 0,
    };
    let mut ops = Vec::with_capacity(OPERATIONS as usize);
    // One clock for all cores that nobody writes to; the fences keep the operation between its readings.
    let clock = || {
        fence(Ordering::SeqCst);
        let now = zero.elapsed().as_nanos() as u64;
        fence(Ordering::SeqCst);
        now
    };
    for at in 0..OPERATIONS {
        faults.maybe();
        let token = ((context as u64) << 20) | (at + 1);
        let call = Call::random(&mut random, KEYS, token, adds);
        ops.push(perform(subject, context, call, clock, &mut || {
            faults.maybe()
        }));
    }
    totals.operations.fetch_add(OPERATIONS, Ordering::Relaxed);
    totals.faults.fetch_add(faults.injected, Ordering::Relaxed);
    ops
}

/// Moments at which a thread stands still: between operations, in closures, with a guard in its hands.
struct Faults {
    random: fastrand::Rng,
    injected: u64,
}

impl Faults {
    fn maybe(&mut self) {
        if self.random.u32(..YIELD) == 0 {
            self.injected += 1;
            thread::yield_now();
        } else if self.random.u32(..SLEEP) == 0 {
            self.injected += 1;
            thread::sleep(NAP);
        }
    }
}

#[cfg(all(test, not(tagged_arena_shuttle)))]
mod tests {
    use super::*;
    use crate::subject::CheckThenAct;

    const PLAN: Plan = Plan {
        seed: 1,
        threads: 4,
        time: None,
        operations: Some(200_000),
    };

    #[test]
    fn the_maps_pass_and_all_of_it_is_checked() {
        let totals = Totals::default();
        let failure = soak(PLAN, &totals, &AtomicBool::new(false), subject);
        assert!(failure.is_none(), "{failure:?}");
        let operations = totals.operations.load(Ordering::Relaxed);
        assert!(operations >= 200_000);
        assert_eq!(totals.checked.load(Ordering::Relaxed), operations);
        assert!(totals.faults.load(Ordering::Relaxed) > 0);
    }

    #[test]
    fn the_shortest_time_is_one_round() {
        let plan = Plan {
            operations: None,
            time: Some(Duration::from_nanos(1)),
            ..PLAN
        };
        let totals = Totals::default();
        assert!(soak(plan, &totals, &AtomicBool::new(false), subject).is_none());
        assert_eq!(totals.histories.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_planted_race_is_found() {
        let plan = Plan {
            operations: Some(20_000_000),
            ..PLAN
        };
        let race = |_| Box::new(CheckThenAct(Narrow::<N>::new())) as Box<dyn Subject>;
        let failure = soak(plan, &Totals::default(), &AtomicBool::new(false), race);
        let failure = failure.expect("the race shows in the history");
        assert!(check(&failure.history).is_err(), "{}", failure.why);
    }
}
