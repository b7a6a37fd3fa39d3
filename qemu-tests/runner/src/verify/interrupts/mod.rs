//! The layer `interrupts`: an interrupt at every instruction, also within an interrupt's handler.
//!
//! On each board, one after the other, with counted instructions:
//!
//! - *coverage*: where do the interrupts come ([`coverage`])?
//! - *pairs*: each operation within each other one, at each tick.
//! - *triples*: each operation within each other one within each other one; the places in the outer and in
//!   the inner one are sampled. The Cortex-M33's timer interrupts no handler of its own: no triples there.

mod coverage;
mod image;
mod trace;

use std::collections::BTreeSet;

use anyhow::{Result, bail, ensure};
use verify::{Effort, Report};

use crate::boards::Board;
use crate::need::Need;
use crate::workspace::Workspace;
use coverage::Coverage;
use image::{Case, Image, Said, Sweep};

pub use image::IMAGE;

/// The board that does not tell where its interrupts come: its coverage cannot be measured.
const SILENT: &str = "mps2-an521";
/// The boards of a quick run.
const QUICK: [&str; 2] = ["aarch64", "mps2-an386"];
/// The board of the self-test.
const PLANTED: &str = "aarch64";

/// What has to be installed.
pub fn needs() -> Vec<Need> {
    Board::all().flat_map(Board::needs).collect()
}

/// Runs it.
pub fn run(workspace: &Workspace, effort: Effort, report: &mut Report<'_>) -> Result<()> {
    match effort {
        Effort::Quick => {
            let boards = QUICK.iter().map(|name| Board::parse(name));
            boards_in_turn(workspace, boards.collect::<Result<_>>()?, &QUICKLY, report)
        }
        Effort::Full => {
            let boards = Board::all().filter(|board| board.triple().is_some());
            boards_in_turn(workspace, boards.collect(), &FULLY, report)
        }
        Effort::SelfTest => self_test(workspace, report),
    }
}

/// How much is done on a board.
struct Amount {
    /// The parts of the image whose coverage is measured: subjects.
    cover: &'static str,
    /// Of the image: all pairs.
    pairs: &'static str,
    /// Of the image: triples.
    triples: &'static str,
}

/// A part of it. The strides are prime to each other: the places differ from case to case.
const QUICKLY: Amount = Amount {
    cover: "--only one_chain",
    pairs: "pairs --stride 29",
    triples: "triples --outer 307 --inner 157 --every 5",
};

/// All pairs at each tick, all triples at some.
const FULLY: Amount = Amount {
    cover: "",
    pairs: "pairs",
    triples: "triples --outer 211 --inner 103",
};

fn boards_in_turn(
    workspace: &Workspace,
    boards: Vec<Board>,
    amount: &Amount,
    report: &mut Report<'_>,
) -> Result<()> {
    /// Build, coverage, pairs, triples.
    const STEPS: u64 = 4;

    let total = boards.len() as u64 * STEPS;
    let mut done = 0;
    for board in boards {
        let name = board.name();
        let mut step = |what: &str, report: &mut Report<'_>| {
            report.progress(done, total, format!("{name}: {what}"));
            done += 1;
        };
        step("building", report);
        let image = Image::build(workspace, board)?;
        report.tried("boards", 1);
        step("coverage", report);
        if name == SILENT {
            report.note(format!(
                "{name} does not tell where its interrupts come, and they interrupt no handler: pairs only"
            ));
        } else {
            cover(&image, amount.cover, report)?;
        }
        step("pairs", report);
        let (cases, _) = sweep(&image, amount.pairs, ["pairs", "points"], report)?;
        ensure!(cases > 0 || report.failed(), "{name}: no pair was tried");
        step("triples", report);
        let what = ["triples", "points in triples"];
        let (_, nested) = sweep(&image, amount.triples, what, report)?;
        ensure!(
            nested > 0 || name == SILENT || report.failed(),
            "{name}: no handler was interrupted"
        );
    }
    Ok(())
}

/// Pairs or triples, as the image counts them: how many cases there were, and how many points nested twice.
fn sweep(
    image: &Image,
    part: &str,
    [cases_are, points_are]: [&str; 2],
    report: &mut Report<'_>,
) -> Result<(u64, u64)> {
    let board = image.board.name();
    let mut texts = Vec::new();
    let mut sum = (0, 0);
    for said in image.run(part)? {
        match said {
            Said::Sweep(Sweep {
                name,
                cases,
                points,
                nested,
            }) => {
                sum = (sum.0 + cases, sum.1 + nested);
                report.tried(cases_are, cases);
                report.tried(points_are, points);
                if nested > 0 {
                    report.tried("of them nested twice", nested);
                }
                texts.push(format!("{name} {cases} at {} points", points.max(nested)));
            }
            Said::Failure(text) => report.failure(format!("{board}: {text}")),
            Said::Case(_) => bail!("{part}: a case"),
        }
    }
    if !texts.is_empty() {
        report.note(format!("{board}, {cases_are}: {}", texts.join(", ")));
    }
    Ok(sum)
}

/// Measures the coverage of each operation.
fn cover(image: &Image, only: &str, report: &mut Report<'_>) -> Result<()> {
    let board = image.board.name();
    let (mut covered, mut masked, mut passages, mut operations) = (0, 0, 0, 0);
    let mut longest = 0;
    for (name, coverage) in measure(image, only, report)? {
        operations += 1;
        covered += coverage.covered as u64;
        masked += coverage.masked as u64;
        passages += coverage.passages.0 as u64;
        longest = longest.max(coverage.longest);
        if !coverage.is_complete() {
            report.failure(format!("{board}: {name}: {}", incomplete(&coverage)));
        }
    }
    ensure!(operations > 0, "{board}: no operation has been measured");
    report.tried("instructions interrupted before (100 %)", covered);
    let mut note = format!(
        "{board}: {operations} operations, interrupted before each of {covered} instructions, each time \
         that they are executed ({passages} times)"
    );
    if masked > 0 {
        report.tried("instructions in critical sections", masked);
        note += &format!(
            "; {masked} instructions in critical sections, where interrupts are masked, for {longest} of them \
             in a row at most"
        );
    }
    report.note(note);
    Ok(())
}

/// What is missing, in words.
fn incomplete(coverage: &Coverage) -> String {
    let Coverage {
        covered,
        missed,
        wrong,
        passages: (reached, all),
        ..
    } = coverage;
    /// So many addresses say where to look.
    const SHOWN: usize = 8;

    let total = covered + missed.len();
    let [missed, wrong] = [missed, wrong].map(|places| &places[..places.len().min(SHOWN)]);
    format!(
        "interrupts came before {covered} of {total} instructions, at {reached} of {all} passages; \
         not before {missed:x?}; though masked before {wrong:x?}"
    )
}

/// The coverage of each operation, by name.
fn measure(
    image: &Image,
    further: &str,
    report: &mut Report<'_>,
) -> Result<Vec<(String, Coverage)>> {
    let with = |part: &str| format!("{part} {further}").trim_end().to_owned();
    let traced = trace::trace(image, &with("trace"))?;
    let cases = cases(image.run(&with("cover"))?, report)?;
    ensure!(
        traced.len() == cases.len(),
        "{} operations are traced, and {} interrupted",
        traced.len(),
        cases.len()
    );
    let both = traced.into_iter().zip(cases);
    both.map(|(traced, case)| {
        ensure!(
            traced.name == case.name,
            "{} is traced, and {} interrupted",
            traced.name,
            case.name
        );
        let coverage = Coverage::of(&traced, &case);
        Ok((case.name, coverage))
    })
    .collect()
}

/// The cases; failures are reported.
fn cases(said: Vec<Said>, report: &mut Report<'_>) -> Result<Vec<Case>> {
    let mut cases = Vec::new();
    for said in said {
        match said {
            Said::Case(case) => cases.push(case),
            Said::Failure(text) => report.failure(text),
            Said::Sweep(_) => bail!("a sweep among cases"),
        }
    }
    Ok(cases)
}

/// Both planted faults are found at exactly the instructions where they show, and a sweep that leaves
/// out every second tick is found to be incomplete.
fn self_test(workspace: &Workspace, report: &mut Report<'_>) -> Result<()> {
    let image = Image::build(workspace, Board::parse(PLANTED)?)?;
    report.progress(1, 3, "planted faults");
    let traced = trace::trace(&image, "planted-trace")?;
    let cases = cases(image.run("planted")?, report)?;
    ensure!(traced.len() == cases.len() && !cases.is_empty(), "no cases");
    for (traced, case) in traced.iter().zip(&cases) {
        let fault = traced.name.split(' ').next_back().unwrap_or_default();
        let [begin, end] =
            ["begin", "end"].map(|half| trace::symbol_of(&image, &format!("{fault}_{half}")));
        let (begin, end) = (begin?, end?);
        let shows = traced.steps.iter().map(|step| step.0);
        let shows: BTreeSet<_> = shows.filter(|place| (begin..end).contains(place)).collect();
        let found: BTreeSet<_> = case.wrong.iter().copied().collect();
        if !shows.is_empty() && shows == found {
            let count = found.len();
            report.found(
                fault.replace('_', " "),
                format!("interrupts at exactly these {count} instructions"),
            );
        } else {
            report.failure(format!("{fault} shows at {shows:x?}, found at {found:x?}"));
        }
    }
    report.progress(2, 3, "a gap");
    let measured = measure(&image, "--only pool --stride 2", report)?;
    let gaps = measured
        .iter()
        .filter(|(_, coverage)| !coverage.is_complete());
    if gaps.count() == measured.len() && !measured.is_empty() {
        report.found("every second tick left out", "coverage of each operation");
    } else {
        report.failure("a sweep that leaves out every second tick is taken for complete");
    }
    Ok(())
}
