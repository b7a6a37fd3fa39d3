//! The layer `histories`: threads work on the maps, and some order must explain every answer. With the name
//! of a file it checks the histories that are written there.

use std::fs::File;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::io::BufReader;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use arenamap::{CopyMap, DefaultHashBuilder, Map, Plain};
use history::cached::Cached;
use history::faulty::{FAULTS, Faulty, by_hand};
use history::record::{Workload, record, record_pool};
use history::subjects::{Copies, Guarded, Identified, Subject};
use history::verdict::{Verdict, shows_nothing};
use history::{History, check, cross, text};
use tagged_arena::Pool;
use verify::{Effort, Report};

fn main() -> ExitCode {
    verify::main_with(|effort, only, report| match effort {
        _ if only.is_some() => only.map_or(Ok(()), |file| read(report, Path::new(file))),
        Effort::SelfTest => self_test(report),
        Effort::Quick => all(report, 3, 20_000, 10_000),
        Effort::Full => all(report, 60, 20_000, 100_000),
    })
}

/// All keys in one chain, because only the highest bits of a hash choose it, but with different hashes: what
/// a walk promises of keys with equal ones is less.
#[derive(Default)]
struct Small(u64);

impl Hasher for Small {
    fn finish(&self) -> u64 {
        arenamap::placed(self.0)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0 << 8 | u64::from(*byte);
        }
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

type OneChain = BuildHasherDefault<Small>;

/// Threads of a run: more than the cores of a small machine, so that some are preempted within an operation.
const THREADS: usize = 4;

fn all(report: &mut Report<'_>, rounds: u64, steps: usize, compared: u64) -> Result<()> {
    report.progress(0, rounds + 1, "the checker beside a published one");
    match cross::compare(compared, 1) {
        Ok(compared) => {
            report.tried(
                "generated histories on which our checker of one key agrees with a published one \
                 (todc-utils)",
                compared.legal + compared.illegal,
            );
            report.tried("of them that both refuse", compared.illegal);
            report.tried("of them with operations that never end", compared.open);
            report.tried("of them with refusals", compared.refusals);
        }
        Err(difference) => report.failure(difference),
    }
    let (mut sums, mut in_pools) = (Vec::<(u64, u64)>::new(), 0);
    for round in 0..rounds {
        report.progress(round + 1, rounds + 1, "histories of threads");
        let load = |keys, values| Workload {
            threads: THREADS,
            steps,
            keys,
            values,
            seed: round,
        };
        let wide = load(6, u64::MAX);
        let narrow = load(6, 1 << 32);
        let pool = Box::new(Pool::<u64, 16>::new());
        let verdicts = [
            one(
                report,
                "copy_map::spread",
                &copies::<u64, DefaultHashBuilder, 16, 8>(),
                wide,
            ),
            one(
                report,
                "copy_map::one_chain",
                &copies::<u64, OneChain, 16, 8>(),
                wide,
            ),
            one(
                report,
                "copy_map::full",
                &copies::<u64, DefaultHashBuilder, 4, 8>(),
                wide,
            ),
            one(
                report,
                "copy_map::full_chain",
                &copies::<u64, OneChain, 4, 8>(),
                wide,
            ),
            one(
                report,
                "copy_map::in_place",
                &copies::<u32, DefaultHashBuilder, 16, 8>(),
                narrow,
            ),
            one(
                report,
                "copy_map::in_place_full",
                &copies::<u32, OneChain, 4, 8>(),
                narrow,
            ),
            one(
                report,
                "map::spread",
                &guarded::<DefaultHashBuilder, 32, 8>(),
                wide,
            ),
            one(
                report,
                "map::one_chain",
                &guarded::<OneChain, 32, 8>(),
                wide,
            ),
            one(
                report,
                "map::full",
                &guarded::<DefaultHashBuilder, 4, 8>(),
                wide,
            ),
            one(
                report,
                "map::by_id",
                &identified::<DefaultHashBuilder, 16, 8>(),
                wide,
            ),
            one(
                report,
                "map::by_id_full_chain",
                &identified::<OneChain, 4, 8>(),
                wide,
            ),
            one(
                report,
                "cache::spread",
                &cached::<DefaultHashBuilder, 12, 12>(false),
                load(20, u64::MAX),
            ),
            one(
                report,
                "cache::one_chain",
                &cached::<OneChain, 12, 8>(false),
                load(20, u64::MAX),
            ),
        ];
        // Hardly ever do two contexts know an identifier at the same time.
        in_pools += judge(report, &record_pool(&pool, wide)).operations();
        // Each by itself: what one subject shows says nothing of another.
        sums.resize(verdicts.len(), (0, 0));
        for ((operations, overlapping), verdict) in sums.iter_mut().zip(&verdicts) {
            *operations += verdict.operations();
            *overlapping += verdict.overlapping();
        }
    }
    let wanted = rounds * (THREADS * steps) as u64;
    sums.push((in_pools, 1));
    for (number, (operations, overlapping)) in (1..).zip(sums) {
        if let Some(little) = shows_nothing(operations, wanted, overlapping) {
            report.failure(format!("subject {number}: {little}"));
        }
    }
    Ok(())
}

fn copies<V: Plain, S: BuildHasher + Default, const N: usize, const EXTRA: usize>()
-> Copies<V, N, EXTRA, S> {
    Copies(CopyMap::with_hasher(S::default()))
}

fn guarded<S: BuildHasher + Default, const N: usize, const EXTRA: usize>() -> Guarded<N, EXTRA, S> {
    Guarded(Map::with_hasher(S::default()))
}

fn identified<S: BuildHasher + Default, const N: usize, const EXTRA: usize>()
-> Identified<N, EXTRA, S> {
    Identified(Map::with_hasher(S::default()))
}

fn cached<S: BuildHasher + Default, const N: usize, const EXTRA: usize>(
    silent: bool,
) -> Cached<N, EXTRA, S> {
    Cached::new(silent)
}

fn one(report: &mut Report<'_>, name: &str, subject: &impl Subject, load: Workload) -> Verdict {
    judge(report, &record(name, subject, load))
}

fn judge(report: &mut Report<'_>, history: &History) -> Verdict {
    let program = std::env::current_exe().unwrap_or_default();
    let folder = program.ancestors().nth(2).unwrap_or(Path::new("."));
    let verdict = Verdict::of(history, folder, "history");
    verdict.tell(report);
    verdict
}

/// Checks the histories of a file, such as one that a failure left behind.
fn read(report: &mut Report<'_>, path: &Path) -> Result<()> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let mut none = true;
    for history in text::Reader::new(BufReader::new(file)) {
        judge(report, &history?);
        none = false;
    }
    ensure!(!none, "no history in {}", path.display());
    Ok(())
}

/// Every planted fault must be found: those written down, and those of a map that is wrong.
fn self_test(report: &mut Report<'_>) -> Result<()> {
    let mut told = |name: &str, by: &str, history: &History, text: &str| match check(history) {
        Err(violation) if violation.what.contains(text) => {
            report.found(name, format!("{by}: {}", violation.what));
        }
        Err(violation) => report.failure(format!("{name}: {by}: not that, but {}", violation.what)),
        Ok(()) => report.failure(format!("{name}: {by}: not found")),
    };
    for (name, history, text) in by_hand() {
        told(name, "a history by hand", &history, text);
    }
    let load = |keys| Workload {
        threads: THREADS,
        steps: 20_000,
        keys,
        values: u64::MAX,
        seed: 1,
    };
    for (name, fault, text) in FAULTS {
        let history = record("faulty", &Faulty::new(fault), load(2));
        told(name, "threads", &history, text);
    }
    let silent = cached::<DefaultHashBuilder, 12, 12>(true);
    let history = record("cache", &silent, load(20));
    let text = "no order of the operations explains";
    told("what a cache evicts is not told", "threads", &history, text);
    Ok(())
}
