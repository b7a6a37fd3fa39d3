//! What the layer does at each effort.

use std::collections::BTreeMap;
use std::ops::Range;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use anyhow::{Context, Result};
use programs::{Fault, Program};
use verify::{Effort, Report};

use crate::deepen::{Depth, Explored, Failure, deepen, name_what_aborts, shrunk};
use crate::planted;

/// The seeds of a quick run: among them are programs that notice a fence that is missing only behind the
/// compare-and-swaps that decide (364, and no smaller one).
const QUICK: Range<u64> = 200..450;
/// The seeds of a full run.
const FULL: Range<u64> = 0..4000;
/// Programs in which each planted fault has to be found.
const PLANTED: u64 = 400;

const QUICK_DEPTH: Depth = Depth {
    preemptions: 2,
    executions: 600,
};
const FULL_DEPTH: Depth = Depth {
    preemptions: 3,
    executions: 2_000,
};

pub fn main() -> ExitCode {
    name_what_aborts();
    verify::main_with(|effort, only, report| match (only, effort) {
        (Some(seed), effort) => {
            if let Some((first, end)) = seed.split_once("..") {
                let seeds = first.parse()?..end.parse()?;
                let (depth, threads) = match effort {
                    Effort::Full => (FULL_DEPTH, 2),
                    _ => (QUICK_DEPTH, 1),
                };
                return layer(report, seeds, depth, threads);
            }
            let seed = seed
                .parse()
                .context("a seed is a number, or a range of them")?;
            one(seed, report)
        }
        (None, Effort::Quick) => layer(report, QUICK, QUICK_DEPTH, 1),
        (None, Effort::Full) => layer(report, FULL, FULL_DEPTH, 2),
        (None, Effort::SelfTest) => self_test(report),
    })
}

/// The programs of these seeds, on so many threads.
fn layer(report: &mut Report<'_>, seeds: Range<u64>, depth: Depth, threads: usize) -> Result<()> {
    let next = AtomicU64::new(seeds.start);
    let programs = seeds.end.saturating_sub(seeds.start);
    let (sender, done) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let (next, seeds, sender) = (&next, &seeds, sender.clone());
            scope.spawn(move || {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let program = Program::random(seed);
                    let explored = deepen(&program, depth, None);
                    // Without a receiver there was a failure.
                    if sender.send((program, explored)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut count = Count::default();
        for (program, explored) in done {
            if !count.take(&program, explored, depth, report) {
                break;
            }
            report.progress(count.programs, programs, "programs");
        }
        count.tell(report);
    });
    Ok(())
}

fn one(seed: u64, report: &mut Report<'_>) -> Result<()> {
    let program = Program::random(seed);
    eprintln!("{}", program.show(None));
    let mut count = Count::default();
    count.take(
        &program,
        deepen(&program, FULL_DEPTH, None),
        FULL_DEPTH,
        report,
    );
    count.tell(report);
    Ok(())
}

#[derive(Default)]
struct Count {
    programs: u64,
    executions: u64,
    operations: u64,
    /// Programs by the number of preemptions up to which all executions were tried.
    complete: BTreeMap<Option<usize>, u64>,
}

impl Count {
    /// Whether all is well.
    fn take(
        &mut self,
        program: &Program,
        explored: Explored,
        depth: Depth,
        report: &mut Report<'_>,
    ) -> bool {
        self.programs += 1;
        self.executions += explored.executions;
        self.operations += explored.executions * program.operations() as u64;
        *self.complete.entry(explored.complete).or_default() += 1;
        let seed = program.seed;
        if let Some(failure) = explored.failure {
            let text = shrunk(program, failure, depth, None);
            report.failure(format!("program {seed}: {text}"));
            false
        } else {
            true
        }
    }

    fn tell(&self, report: &mut Report<'_>) {
        report.tried("programs", self.programs);
        for (complete, &programs) in &self.complete {
            let what = match complete {
                Some(most) => format!("of them explored completely up to {most} preemptions"),
                None => "of them explored in part (too many executions)".into(),
            };
            report.tried(what, programs);
        }
        report.tried("executions", self.executions);
        report.tried("operations", self.operations);
    }
}

fn self_test(report: &mut Report<'_>) -> Result<()> {
    let total = Fault::ALL.len() as u64 + 1;
    for (at, fault) in (0..).zip(Fault::ALL) {
        report.progress(at, total, fault.name());
        let found = (0..PLANTED).find_map(|seed| {
            let program = Program::random(seed);
            // A wrong answer, and no panic; and right answers without the fault.
            let failure = deepen(&program, QUICK_DEPTH, Some(fault)).failure?;
            let is_found = matches!(failure, Failure::Wrong(_))
                && deepen(&program, QUICK_DEPTH, None).failure.is_none();
            is_found.then_some((program, failure))
        });
        let Some((program, failure)) = found else {
            report.failure(format!("not found: {}", fault.name()));
            continue;
        };
        let text = shrunk(&program, failure, QUICK_DEPTH, Some(fault));
        eprintln!("{}, {text}", fault.name());
        let message = text.lines().next().unwrap_or_default();
        let message = message.trim_end_matches(':');
        report.found(fault.name(), format!("program {}: {message}", program.seed));
    }
    report.progress(total - 1, total, planted::FAULT);
    match planted::failure()? {
        Some(text) => {
            eprintln!("{}: {text}", planted::FAULT);
            report.found(planted::FAULT, text.lines().next().unwrap_or_default());
        }
        None => report.failure(format!("not found: {}", planted::FAULT)),
    }
    Ok(())
}
