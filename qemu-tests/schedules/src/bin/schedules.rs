//! The layer `schedules`: random programs under schedules that shuttle chooses.

use std::process::ExitCode;

#[cfg(not(tagged_arena_shuttle))]
fn main() -> ExitCode {
    eprintln!("error: build this with RUSTFLAGS=\"--cfg tagged_arena_shuttle\"");
    ExitCode::FAILURE
}

#[cfg(tagged_arena_shuttle)]
fn main() -> ExitCode {
    layer::main()
}

#[cfg(tagged_arena_shuttle)]
mod layer {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::path::{Path, PathBuf};
    use std::process::ExitCode;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{Duration, Instant};
    use std::{env, fs, process};

    use anyhow::{Context, Result};
    use history::check;
    use history::show::timeline;
    use schedules::{
        CheckThenAct, Held, Kept, Narrow, Program, Subject, Wide, history_of, perform,
    };
    use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
    use shuttle::{Config, FailurePersistence, MaxSteps, Runner};
    use verify::{Effort, Report};

    /// Programs of a quick run: about five seconds.
    const QUICK: u64 = 400;
    /// How long a full run takes.
    const FULL: Duration = Duration::from_secs(300);
    /// Programs in which a planted fault has to be found.
    const PLANTED: u64 = 50;
    /// Schedules of a program by each of the two schedulers.
    const SCHEDULES: usize = 40;
    /// Preemptions that the second scheduler places.
    const DEPTH: usize = 4;
    /// What is said of a history that is not linearizable.
    const NO_ORDER: &str = "no order of the operations explains the answers";
    /// More accesses than any program takes.
    const STEPS: usize = 1_000_000;

    /// A clock that shuttle does not see: no thread is ever preempted at it, and it orders nothing.
    static CLOCK: AtomicU64 = AtomicU64::new(0);

    /// What a program runs on: a map with room for all keys, or one that is soon full.
    #[derive(Clone, Copy)]
    struct Case {
        make: fn() -> Box<dyn Subject>,
        keys: u16,
    }

    impl Case {
        const fn new(keys: u16, make: fn() -> Box<dyn Subject>) -> Self {
            Self { make, keys }
        }

        /// The program of a seed.
        fn program(&self, seed: u64) -> Program {
            Program::random(seed, self.keys, (self.make)().kinds())
        }
    }

    const CASES: [Case; 8] = [
        Case::new(3, || Box::new(Narrow::<16>::new())),
        Case::new(3, || Box::new(Wide::<16>::new())),
        Case::new(3, || Box::new(Held::<16>::new())),
        Case::new(4, || Box::new(Narrow::<2>::new())),
        Case::new(4, || Box::new(Wide::<2>::new())),
        Case::new(4, || Box::new(Held::<2>::new())),
        Case::new(4, || Box::new(Kept::<2>::new())),
        Case::new(4, || Box::new(Kept::<3>::new())),
    ];

    /// Faults that have to be found.
    const FAULTS: [(&str, Case); 2] = [
        (
            "try_insert that looks first and then inserts",
            Case::new(3, || Box::new(CheckThenAct(Narrow::<16>::new()))),
        ),
        (
            "a cache that does not say what it has evicted",
            Case::new(4, || Box::new(Kept::<2>::silent())),
        ),
    ];

    pub fn main() -> ExitCode {
        verify::main_with(|effort, only, report| match (only, effort) {
            (Some(what), _) => replay(what, None),
            (None, Effort::Quick) => layer(report, 0, Some(QUICK)),
            (None, Effort::Full) => layer(report, fastrand::u64(..u64::MAX / 2), None),
            (None, Effort::SelfTest) => self_test(report),
        })
    }

    fn layer(report: &mut Report<'_>, first: u64, programs: Option<u64>) -> Result<()> {
        let start = Instant::now();
        let mut count = Count::default();
        for program in 0.. {
            let (done, total) = match programs {
                Some(programs) => (program, programs),
                None => (start.elapsed().as_secs(), FULL.as_secs()),
            };
            if done >= total {
                break;
            }
            report.progress(done, total, format!("{program} programs"));
            let seed = first + program;
            let case = CASES[(seed % CASES.len() as u64) as usize];
            if let Err(failure) = explore(case, seed, &mut count) {
                report.failure(failure);
                break;
            }
        }
        count.report(report);
        Ok(())
    }

    fn self_test(report: &mut Report<'_>) -> Result<()> {
        let mut count = Count::default();
        // Each by itself: the second would not be asked about what the first has found.
        let schedulers: [(&str, Explore); 2] =
            [("random", explore_randomly), ("PCT", explore_with_pct)];
        for (name, explore) in schedulers {
            for fault in FAULTS {
                planted(report, fault, name, explore, &mut count)?;
            }
        }
        count.report(report);
        Ok(())
    }

    /// The planted fault must be found by a scheduler.
    fn planted(
        report: &mut Report<'_>,
        (fault, case): (&str, Case),
        name: &str,
        explore: Explore,
        count: &mut Count,
    ) -> Result<()> {
        let found = (0..PLANTED).find_map(|seed| {
            let program = case.program(seed);
            count.programs += 1;
            explore(case, seed, &program, count).err()
        });
        match found {
            Some(text) if text.contains(NO_ORDER) => {
                let by = text.lines().next().unwrap_or_default();
                let by = format!("schedules, {name}: {by}");
                report.found(fault, by);
                let again = text.rsplit_once("-- ").context("no schedule")?.1;
                if catch_unwind(|| replay(again, Some(case))).is_ok() {
                    report.failure(format!("the schedule does not repeat the failure: {again}"));
                }
            }
            Some(text) => report.failure(format!("{name}: not {fault}, but {text}")),
            None => report.failure(format!("{name}: {fault}: not found")),
        }
        Ok(())
    }

    #[derive(Default)]
    struct Count {
        programs: u64,
        schedules: u64,
        operations: u64,
    }

    impl Count {
        fn report(&self, report: &mut Report<'_>) {
            report.tried("programs", self.programs);
            report.tried("schedules", self.schedules);
            report.tried("operations", self.operations);
        }
    }

    /// Runs a program under schedules of both kinds.
    fn explore(case: Case, seed: u64, count: &mut Count) -> Result<(), String> {
        let program = case.program(seed);
        count.programs += 1;
        explore_randomly(case, seed, &program, count)?;
        explore_with_pct(case, seed, &program, count)
    }

    /// Runs a program under schedules of one kind.
    type Explore = fn(Case, u64, &Program, &mut Count) -> Result<(), String>;

    fn explore_randomly(
        case: Case,
        seed: u64,
        program: &Program,
        count: &mut Count,
    ) -> Result<(), String> {
        let random = RandomScheduler::new_from_seed(seed, SCHEDULES);
        under(random, case, seed, program, count)
    }

    fn explore_with_pct(
        case: Case,
        seed: u64,
        program: &Program,
        count: &mut Count,
    ) -> Result<(), String> {
        let pct = PctScheduler::new_from_seed(seed, DEPTH, SCHEDULES);
        under(pct, case, seed, program, count)
    }

    fn under(
        scheduler: impl Scheduler + 'static,
        case: Case,
        seed: u64,
        program: &Program,
        count: &mut Count,
    ) -> Result<(), String> {
        let folder = env::temp_dir().join(format!("schedules-{}", process::id()));
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let runs = Arc::new(AtomicU64::new(0));
        let (counted, shared) = (runs.clone(), Arc::new(program.clone()));
        let run = AssertUnwindSafe(|| {
            Runner::new(scheduler, config(&folder)).run(move || {
                counted.fetch_add(1, Ordering::Relaxed);
                once(case, &shared);
            })
        });
        let result = catch_unwind(run);
        let runs = runs.load(Ordering::Relaxed);
        count.schedules += runs;
        let calls: usize = program.threads.iter().map(Vec::len).sum();
        count.operations += runs * calls as u64;
        let failure = result.err().map(|panic| {
            let text = panic.downcast_ref::<String>().cloned().unwrap_or_default();
            format!(
                "program {seed}: {text}\nto repeat it: RUSTFLAGS=\"--cfg tagged_arena_shuttle\" \
                 cargo run --release -p schedules --bin schedules -- {seed}:{}",
                schedule(&folder)
            )
        });
        // Left behind, it is only a small folder among temporary files.
        let _ = fs::remove_dir_all(&folder);
        failure.map_or(Ok(()), Err)
    }

    fn config(folder: &Path) -> Config {
        let mut config = Config::new();
        config.failure_persistence = FailurePersistence::File(Some(PathBuf::from(folder)));
        config.max_steps = MaxSteps::FailAfter(STEPS);
        config
    }

    /// The schedule that shuttle wrote when it failed.
    fn schedule(folder: &Path) -> String {
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        let texts = files.filter_map(|file| fs::read_to_string(file.path()).ok());
        texts.collect::<String>().trim().to_owned()
    }

    /// Repeats a failure: `SEED:SCHEDULE`.
    fn replay(what: &str, case: Option<Case>) -> Result<()> {
        let (seed, schedule) = what.split_once(':').context("not SEED:SCHEDULE")?;
        let seed = seed.parse()?;
        let case = case.unwrap_or(CASES[(seed % CASES.len() as u64) as usize]);
        let program = case.program(seed);
        shuttle::replay(move || once(case, &program), schedule);
        Ok(())
    }

    /// One run of a program: its history has to be linearizable.
    fn once(case: Case, program: &Program) {
        let subject: Arc<dyn Subject> = Arc::from((case.make)());
        let threads = program
            .threads
            .iter()
            .cloned()
            .enumerate()
            .map(|(context, calls)| {
                let subject = subject.clone();
                shuttle::thread::spawn(move || {
                    let clock = || CLOCK.fetch_add(1, Ordering::Relaxed);
                    let mut ops = Vec::with_capacity(2 * calls.len());
                    let pause = &mut shuttle::thread::yield_now;
                    for call in calls {
                        perform(&*subject, context, call, clock, pause, &mut ops);
                    }
                    ops
                })
            });
        let threads: Vec<_> = threads.collect();
        let ops = threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("no panic"));
        let history = history_of(&*subject, ops.collect(), case.keys);
        if let Err(violation) = check(&history) {
            panic!("{}", timeline(&violation));
        }
    }
}
