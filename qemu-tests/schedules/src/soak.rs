//! Rounds of recorded operations on real threads, more of them than cores, with faults between and within
//! operations. While one round runs, the history of the one before is checked.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering, fence};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use history::show::timeline;
use history::verdict::shows_nothing;
use history::{Answer, History, Op, check, overlapping};

use crate::cached::Kept;
use crate::program::{Call, history_of, perform};
use crate::subject::{Held, Narrow, Subject, Wide};

/// Keys of a round for each thread: few, so that the threads meet, and more for more threads, so that few
/// operations on one key overlap at once.
const KEYS: u16 = 4;
/// Room for all keys of 64 threads, for the replaced entry of each and for those that guards hold.
const N: usize = 512;
/// Soon full.
const FEW: usize = 8;
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
    pub overlapping: AtomicU64,
    pub refusals: AtomicU64,
}

impl Totals {
    /// Why right histories show nothing, if they do.
    pub fn shows_nothing(&self) -> Option<String> {
        let [operations, checked, overlapping] =
            [&self.operations, &self.checked, &self.overlapping]
                .map(|count| count.load(Ordering::Relaxed));
        shows_nothing(checked, operations, overlapping)
    }
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
    match round % 8 {
        0 => Box::new(Narrow::<N>::new()),
        1 => Box::new(Wide::<N>::new()),
        2 => Box::new(Held::<N>::new()),
        3 => Box::new(Narrow::<FEW>::new()),
        4 => Box::new(Wide::<FEW>::new()),
        5 => Box::new(Held::<FEW>::new()),
        6 => Box::new(Kept::<N>::new()),
        _ => Box::new(Kept::<FEW>::new()),
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
        totals
            .overlapping
            .fetch_add(overlapping(&history), Ordering::Relaxed);
        let refused = |op: &&Op| op.answer == Some(Answer::Full);
        let refusals = history.ops.iter().filter(refused).count() as u64;
        totals.refusals.fetch_add(refusals, Ordering::Relaxed);
    }
    None
}

/// One round on a fresh map.
fn run_round(plan: Plan, round: u64, totals: &Totals, subject: &dyn Subject) -> History {
    let keys = KEYS * plan.threads;
    let zero = Instant::now();
    let ops: Vec<Vec<Op>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..usize::from(plan.threads))
            .map(|context| {
                let seed = plan.seed ^ round << 16 ^ context as u64;
                let mut random = fastrand::Rng::with_seed(seed);
                let draw = move |token| Call::random(&mut random, keys, token, subject.kinds());
                scope.spawn(move || run_thread(subject, context, seed, zero, draw, totals))
            })
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .map(|ops| ops.expect("an assertion about the map failed"))
            .collect()
    });
    history_of(subject, ops.concat(), keys)
}

fn run_thread(
    subject: &dyn Subject,
    context: usize,
    seed: u64,
    zero: Instant,
    mut draw: impl FnMut(u64) -> Call,
    totals: &Totals,
) -> Vec<Op> {
    let mut faults = Faults {
        random: fastrand::Rng::with_seed(!seed),
        injected: 0,
    };
    let mut ops = Vec::with_capacity(2 * OPERATIONS as usize);
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
        let call = draw(token);
        let pause = &mut || faults.maybe();
        perform(subject, context, call, clock, pause, &mut ops);
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
        // A round on each subject.
        operations: Some(320_000),
    };

    #[test]
    fn the_maps_pass_and_all_of_it_is_checked() {
        let totals = Totals::default();
        let failure = soak(PLAN, &totals, &AtomicBool::new(false), subject);
        assert!(failure.is_none(), "{failure:?}");
        let operations = totals.operations.load(Ordering::Relaxed);
        assert!(operations >= 320_000);
        // And what caches have evicted.
        assert!(totals.checked.load(Ordering::Relaxed) > operations);
        assert!(totals.faults.load(Ordering::Relaxed) > 0);
        assert!(totals.overlapping.load(Ordering::Relaxed) > 0);
        assert!(totals.refusals.load(Ordering::Relaxed) > 0);
        assert!(totals.shows_nothing().is_none());
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
