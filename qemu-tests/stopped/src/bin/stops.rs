//! The layer `stops`: see the crate's text.

use std::process::ExitCode;

#[cfg(not(tagged_arena_hooks))]
fn main() -> ExitCode {
    verify::main(|_, _| anyhow::bail!("build it with RUSTFLAGS=\"--cfg tagged_arena_hooks\""))
}

#[cfg(tagged_arena_hooks)]
fn main() -> ExitCode {
    verify::main_with(hooked::layer)
}

#[cfg(tagged_arena_hooks)]
mod hooked {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::{Sender, channel};
    use std::thread;

    use anyhow::{Context, Result, anyhow, ensure};
    use arenamap::DefaultHashBuilder;
    use stopped::cached::{self, Hand, interrupted, suspended, sweep};
    use stopped::call::{Call, Kind};
    use stopped::hashes::{Hashes, OneChain};
    use stopped::prepare::{ABSENT, OTHER, PRESENT, Prepared, Shape, calls};
    use stopped::stop::Tally;
    use stopped::subject::{Named, Subject, subjects_of_one_process};
    use stopped::{interrupt, planted, stop, weak};
    use verify::{Effort, Line, Report};

    /// What the others do beside one suspended operation.
    const QUICK_OPERATIONS: u64 = 150;
    const FULL_OPERATIONS: u64 = 100_000;
    /// Of how many accesses one is interrupted, of how many pairs one is nested.
    const QUICK_STRIDE: usize = 7;
    const FULL_NESTED: usize = 1;
    const QUICK_NESTED: usize = 13;

    /// All subjects, or those that have `only` in their names.
    pub fn layer(effort: Effort, only: Option<&str>, report: &mut Report<'_>) -> Result<()> {
        match effort {
            Effort::SelfTest => self_test(report),
            Effort::Quick | Effort::Full => all(effort == Effort::Full, only, report),
        }
    }

    /// What one thread does at a time.
    #[derive(Clone, Copy)]
    enum Job {
        /// A subject in a shape.
        Subject(&'static Named, Shape),
        /// A cache with so many entries.
        Cache(fn(usize, bool, &Sender<Said>), usize),
    }

    /// What caches are called when some subjects are asked for.
    const CACHE: &str = "Cache";

    /// What a job says.
    enum Said {
        Line(Line),
        Tally(Tally),
        Cache(sweep::Tally),
        Done,
    }

    fn all(full: bool, only: Option<&str>, report: &mut Report<'_>) -> Result<()> {
        let shapes = |subject| Shape::ALL.map(|shape| Job::Subject(subject, shape));
        let caches = [cache::<DefaultHashBuilder>, cache::<OneChain>];
        let caches = caches
            .into_iter()
            .flat_map(|cache| sweep::SHAPES.map(|entries| Job::Cache(cache, entries)))
            .filter(|_| only.is_none_or(|only| CACHE.contains(only)));
        let subjects = subjects_of_one_process(only).flat_map(shapes);
        let jobs: Vec<Job> = subjects.chain(caches).collect();
        let next = AtomicUsize::new(0);
        let (mut tally, mut cache) = (Tally::default(), sweep::Tally::default());
        thread::scope(|scope| {
            let (sender, receiver) = channel();
            for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
                let (sender, jobs, next) = (sender.clone(), &jobs, &next);
                scope.spawn(move || {
                    while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                        match *job {
                            Job::Subject(subject, shape) => one(subject, shape, full, &sender),
                            Job::Cache(run, entries) => run(entries, full, &sender),
                        }
                        let _ = sender.send(Said::Done);
                    }
                });
            }
            drop(sender);
            let mut done = 0;
            for said in receiver {
                match said {
                    Said::Line(line) => report.line(line),
                    Said::Tally(one) => tally.add(one),
                    Said::Cache(one) => cache.add(one),
                    Said::Done => {
                        done += 1;
                        report.progress(done, jobs.len() as u64, "states of maps, pool and caches");
                    }
                }
            }
        });
        let asked = |caches| {
            let mut jobs = jobs.iter();
            jobs.any(|job| matches!(job, Job::Cache(..)) == caches)
        };
        ensure!(!jobs.is_empty(), "nothing is called so");
        if asked(false) {
            report.note(format!(
                "suspended: {}; an operation beside it took at most {} accesses",
                tally.lost, tally.longest
            ));
            ensure!(tally.accesses > 0, "nothing was suspended");
        }
        if asked(true) {
            report.note(format!(
                "suspended in a `Cache`: at most {} cells lost (allowed: {}); an operation beside it took at \
                 most {} accesses",
                cache.lost,
                cached::LOST_CELLS,
                cache.longest
            ));
            ensure!(cache.accesses > 0, "nothing was suspended in a cache");
        }
        Ok(())
    }

    fn one(subject: &Named, shape: Shape, full: bool, sender: &Sender<Said>) {
        let new = subject.new;
        let operations = if full {
            FULL_OPERATIONS
        } else {
            QUICK_OPERATIONS
        };
        let tried = |what, count| tried(sender, what, count);
        let place = format!("{}, {:?}", subject.name, shape);
        let failed = |result| failed(sender, &place, result);
        let (mut pairs, mut interrupts) = (0, 0);
        for call in calls(&*new()) {
            let stopped = stop::every_access(new, shape, call, operations);
            failed(stopped.map(|tally| {
                tried("accesses suspended before", tally.accesses);
                tried("operations of the others", tally.operations);
                tried("repairs", tally.repairs);
                let _ = sender.send(Said::Tally(tally));
            }));
            let weak = weak::every_weak(new, shape, call);
            failed(weak.map(|count| tried("failed weak compare-and-swaps", count)));
            for handler in interrupt::handlers(&*new(), call) {
                pairs += 1;
                let stride = if full { 1 } else { QUICK_STRIDE };
                let run =
                    |nested| interrupt::every_access(new, shape, call, handler, nested, stride);
                failed(run(None).map(|count| {
                    interrupts += count;
                    tried("interrupts", count);
                }));
                if pairs % if full { FULL_NESTED } else { QUICK_NESTED } == 0 {
                    let nested = nested(&*new(), pairs);
                    failed(run(Some(nested)).map(|count| tried("nested interrupts", count)));
                }
            }
        }
        if interrupts == 0 && Prepared::new(new(), shape).is_some() {
            failed(Err(anyhow!("nothing was interrupted")));
        }
    }

    /// What others do beside an operation of a cache, and within one.
    const CACHE_OPERATIONS: u64 = 3_000;
    const CACHE_INTERRUPT: u64 = 8;

    fn cache<S: Hashes>(entries: usize, full: bool, sender: &Sender<Said>) {
        let operations = if full {
            CACHE_OPERATIONS
        } else {
            QUICK_OPERATIONS
        };
        let tried = |what, count| tried(sender, what, count);
        let failed = |result| failed(sender, CACHE, result);
        for op in sweep::outer() {
            let hand = Hand::<S>::RIGHT;
            let stopped = suspended::every_access(entries, op, hand, operations);
            failed(stopped.map(|tally| {
                tried("accesses of a cache suspended before", tally.accesses);
                tried("operations of the others", tally.operations);
                tried("repairs", 2 * tally.accesses);
                let _ = sender.send(Said::Cache(tally));
            }));
            let run = interrupted::every_access(entries, op, hand, CACHE_INTERRUPT);
            failed(run.map(|tally| tried("interrupts of a cache's operation", tally.accesses)));
        }
    }

    /// Says what was tried, and how often.
    fn tried(sender: &Sender<Said>, what: &str, count: u64) {
        let what = what.into();
        let _ = sender.send(Said::Line(Line::Tried { what, count }));
    }

    /// Says what is wrong, and where.
    fn failed(sender: &Sender<Said>, place: &str, result: Result<()>) {
        if let Err(error) = result.with_context(|| place.to_owned()) {
            let _ = sender.send(Said::Line(Line::Failure(format!("{error:#}"))));
        }
    }

    /// What interrupts the handler, and where: another one each time.
    fn nested(subject: &dyn Subject, number: usize) -> (Call, u64) {
        let kinds = [Kind::Remove, Kind::TryInsert, Kind::Update, Kind::Insert];
        let kinds: Vec<_> = kinds
            .into_iter()
            .filter(|kind| subject.has(*kind))
            .collect();
        let kind = kinds[number % kinds.len()];
        // A pool's table of keys does not stand two inserts of one key.
        let key = match kind {
            Kind::TryInsert if !subject.has(Kind::Insert) => ABSENT + 2,
            _ => [PRESENT, ABSENT, OTHER][number / kinds.len() % 3],
        };
        // Every other one before the handler's first access: the two run one after the other.
        let at = if number / (3 * kinds.len()) % 2 == 0 {
            1
        } else {
            2 + number as u64 % 40
        };
        (Call::new(kind, key, 9000 + key), at)
    }

    fn self_test(report: &mut Report<'_>) -> Result<()> {
        let shape = Shape::Few;
        let insert = Call::new(Kind::Insert, ABSENT, 7);
        let replace = Call::new(Kind::Insert, PRESENT, 7);
        let get = Call::new(Kind::Get, PRESENT, 0);
        let stopped =
            |new, call, operations| stop::every_access(new, shape, call, operations).map(drop);
        let update = |value| Call::new(Kind::Update, PRESENT, value);
        let (outer, inner) = (update(7), update(8));
        let put = Call::new(Kind::TryInsert, ABSENT, 7);
        let interrupted =
            interrupt::every_access(planted::FORGETFUL.new, shape, outer, inner, None, 1);
        let cases = [
            (
                "a lock held by the suspended context",
                "no progress",
                stopped(planted::LOCKED.new, insert, 10),
            ),
            (
                "three cells lost",
                "cells are lost",
                stopped(planted::COSTLY.new, insert, 0),
            ),
            (
                "spare cells lost",
                "cells are lost",
                stopped(planted::LEAKY.new, replace, 0),
            ),
            (
                "a repair that does nothing",
                "lost after the repair",
                stopped(planted::UNREPAIRED.new, insert, 0),
            ),
            (
                "a key gone for a moment",
                "wrong answer",
                stopped(planted::GAPPED.new, replace, 60),
            ),
            (
                "a read that writes",
                "is a read that writes",
                stopped(planted::WRITING.new, get, 0),
            ),
            (
                "an update lost to an interrupt",
                "no order explains",
                interrupted.map(drop),
            ),
            (
                "a failed weak compare-and-swap taken for a success",
                "wrong answer",
                weak::every_weak(planted::HASTY.new, shape, put).map(drop),
            ),
        ];
        let caches = cached::planted::ALL.iter();
        let caches = caches.map(|fault| (fault.name, fault.by, fault.look()));
        for (fault, by, result) in cases.into_iter().chain(caches) {
            let text = result.map_or_else(|error| format!("{error:#}"), |()| String::new());
            if text.contains(by) {
                report.found(fault, text);
            } else {
                report.failure(format!("{fault}: not found by '{by}', but: '{text}'"));
            }
        }
        Ok(())
    }
}
