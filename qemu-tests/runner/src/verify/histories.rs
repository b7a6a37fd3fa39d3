//! The layer `board-histories`: the cores of boards work on the maps and print what they did; checked
//! here while they go on.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail, ensure};
use history::text::Reader;
use history::verdict::{Verdict, shows_nothing};
use verify::{Effort, Report};

use crate::boards::Board;
use crate::cargo;
use crate::machine::Job;
use crate::need::Need;
use crate::process::{Flow, Stream};
use crate::workspace::Workspace;

/// The package that records.
pub const IMAGE: &str = "recorder";
/// The boards with several cores.
pub const BOARDS: [&str; 7] = [
    "aarch64",
    "aarch64-lse",
    "armv7a",
    "x86_64",
    "riscv64",
    "riscv32imac",
    "mps2-an521",
];
/// Those that are left out, and why.
const LEFT_OUT: [(&str, &str); 5] = [
    (
        "x86_64-microvm",
        "the processor, the clock and the code of x86_64",
    ),
    (
        "mps2-an386",
        "one core: its instructions are covered by the layer `interrupts`",
    ),
    ("lm3s6965evb", "one core, and too little memory for a log"),
    ("microbit", "one core, and too little memory for a log"),
    ("riscv32imc", "one core, and no compare-and-swap"),
];
/// Those of a quick run: 64 bits and 32 bits, four cores and two.
const QUICK: [&str; 2] = ["aarch64", "mps2-an521"];
/// Operations on a board in a quick run and for a planted fault.
const FEW: u64 = 20_000;
/// Operations on a board in a full run.
const MANY: u64 = 1_000_000;
/// Longer than any run takes, even where other programs work beside it.
const LIMIT: Duration = Duration::from_secs(1200);
/// Histories that may wait for the checker before the board is held back.
const QUEUED: usize = 8;

/// What has to be installed.
pub fn needs() -> Vec<Need> {
    let boards = BOARDS.iter().filter_map(|name| Board::parse(name).ok());
    boards.flat_map(Board::needs).collect()
}

/// Runs the layer.
pub fn run(workspace: &Workspace, effort: Effort, report: &mut Report<'_>) -> Result<()> {
    let (names, operations) = match effort {
        Effort::Quick => (&QUICK[..], FEW),
        Effort::Full => (&BOARDS[..], MANY),
        Effort::SelfTest => return self_test(workspace, report),
    };
    for (place, name) in (0..).zip(names) {
        let total = operations * names.len() as u64;
        report.progress(place * operations, total, format!("building for {name}"));
        let target = Target::build(workspace, name)?;
        let outcome = target.record(operations, &[], &mut |done| {
            report.progress(
                place * operations + done,
                total,
                format!("histories of {name}"),
            );
        })?;
        report.tried("boards", 1);
        for verdict in &outcome.verdicts {
            verdict.tell(report);
        }
        outcome.conclude(name, operations, report);
    }
    if effort == Effort::Full {
        for (name, why) in LEFT_OUT {
            report.note(format!("{name} is left out: {why}"));
        }
    }
    Ok(())
}

/// Each fault that the recorder can plant must be found on a board of the quick run: every other one on
/// the second.
fn self_test(workspace: &Workspace, report: &mut Report<'_>) -> Result<()> {
    let mut targets = Vec::new();
    for name in QUICK {
        report.progress(0, 1, format!("building for {name}"));
        targets.push(Target::build(workspace, name)?);
    }
    let faults = targets[0].faults()?;
    for (place, (fault, text)) in faults.iter().enumerate() {
        report.progress(
            place as u64,
            faults.len() as u64,
            format!("planted: {fault}"),
        );
        let mut found = false;
        for i in 0..targets.len() {
            let target = &targets[(place + i) % targets.len()];
            let planted = ["--fault".into(), fault.clone()];
            let outcome = target.record(FEW, &planted, &mut |_| ())?;
            if let Some(wrong) = outcome.verdicts.iter().find_map(Verdict::wrong) {
                let by = format!("the cores of {}: {}", target.board.name(), wrong.what);
                match wrong.what.contains(text.as_str()) {
                    true => report.found(fault.replace('-', " "), by),
                    false => report.failure(format!("{fault}: not that, but {by}")),
                }
                found = true;
                break;
            }
        }
        if !found {
            report.failure(format!("{fault}: not found on any of {}", QUICK.join(", ")));
        }
    }
    Ok(())
}

/// The recorder, built for a board.
pub struct Target {
    board: Board,
    program: PathBuf,
    /// Where wrong histories are kept.
    folder: PathBuf,
}

/// What a run came to.
#[derive(Default)]
pub struct Outcome {
    /// Picoseconds of a tick of the board's clock.
    tick: u64,
    /// Of each history, up to the first one that is wrong.
    pub verdicts: Vec<Verdict>,
}

impl Outcome {
    /// Says what is worth a line of a board, and whether the run showed anything.
    fn conclude(&self, name: &str, wanted: u64, report: &mut Report<'_>) {
        let sum = |count: fn(&Verdict) -> u64| self.verdicts.iter().map(count).sum::<u64>();
        let (all, overlapping) = (sum(Verdict::operations), sum(Verdict::overlapping));
        let (tick, instant) = (self.tick as f64 / 1000.0, sum(Verdict::instant));
        report.note(format!(
            "{name}: {all} operations, {overlapping} of them overlapping one on the same key; the clock \
             ticks every {tick:.1} ns, {instant} operations began and ended between two ticks"
        ));
        let wrong = |verdict: &Verdict| verdict.wrong().is_some();
        if self.verdicts.iter().any(wrong) {
            return;
        }
        if let Some(little) = shows_nothing(all, wanted, overlapping) {
            report.failure(format!("{name}: {little}"));
        }
    }
}

impl Target {
    /// Builds it.
    pub fn build(workspace: &Workspace, name: &str) -> Result<Target> {
        let board = Board::parse(name)?;
        let package = workspace.package(IMAGE);
        let package = package.with_context(|| format!("the workspace has no package {IMAGE}"))?;
        let mut log = Vec::new();
        let built = cargo::build(workspace, package, board, None, &mut |bytes| {
            log.extend_from_slice(bytes);
        });
        let program = built.with_context(|| String::from_utf8_lossy(&log).into_owned())?;
        let folder = workspace.target.clone();
        Ok(Target {
            board,
            program,
            folder,
        })
    }

    fn job(&self, args: Vec<String>) -> Result<Job> {
        Ok(Job {
            board: self.board,
            cores: self.board.cores(None)?,
            program: self.program.clone(),
            args,
            capture: None,
            timeout: LIMIT,
            colours: false,
            icount: false,
        })
    }

    /// The faults that can be planted: their names, and what must be said of them.
    fn faults(&self) -> Result<Vec<(String, String)>> {
        let mut names = String::new();
        let code = self
            .job(vec!["--faults".into()])?
            .run(&mut |stream, bytes| {
                if stream == Stream::Out {
                    names.push_str(&String::from_utf8_lossy(bytes));
                }
                Flow::Continue
            })?;
        ensure!(
            code == 0 && !names.is_empty(),
            "the recorder names no fault"
        );
        let line = |line: &str| {
            let fault = line.split_once(' ');
            fault.map(|(name, text)| (name.into(), text.into()))
        };
        let faults = names.lines().map(line).collect::<Option<_>>();
        faults.with_context(|| format!("not faults and what must be said of them: {names}"))
    }

    /// Records so many operations, and checks each history while the board goes on with the next one.
    pub fn record(
        &self,
        operations: u64,
        more: &[String],
        done: &mut dyn FnMut(u64),
    ) -> Result<Outcome> {
        let mut args = vec!["--operations".into(), operations.to_string()];
        args.extend_from_slice(more);
        let job = self.job(args)?;
        let name = format!("history-{}", self.board.name());
        let (send, texts) = mpsc::sync_channel(QUEUED);
        thread::scope(|scope| {
            let checker = scope.spawn(|| check(texts, &self.folder, &name));
            let (mut text, mut tick, mut log) = (String::new(), 0, Vec::new());
            let mut count = 0;
            let end = job.run(&mut |stream, line| {
                if stream == Stream::Err {
                    log.extend_from_slice(line);
                    return Flow::Continue;
                }
                let line = String::from_utf8_lossy(line);
                if let Some(number) = line.strip_prefix("tick ") {
                    tick = number.trim_end().parse().unwrap_or(0);
                    return Flow::Continue;
                }
                count += u64::from(line.starts_with('h'));
                text.push_str(&line);
                if line != "E\n" {
                    return Flow::Continue;
                }
                done(count);
                match send.send(std::mem::take(&mut text)) {
                    Ok(()) => Flow::Continue,
                    // The checker has found something.
                    Err(_) => Flow::Stop,
                }
            });
            // What is cut off is an error, unless nobody listens any more.
            let _ = send.send(text);
            drop(send);
            let checked = checker
                .join()
                .map_err(|_| anyhow!("the checker panicked"))?;
            let verdicts = checked.with_context(|| self.board.name())?;
            if verdicts.iter().all(|verdict| verdict.wrong().is_none()) {
                let log = || String::from_utf8_lossy(&log).into_owned();
                match end.with_context(log)? {
                    0 => {}
                    code => bail!("{}{}: exit status {code}", log(), self.board.name()),
                }
            }
            Ok(Outcome { tick, verdicts })
        })
    }
}

/// Checks histories as they come, up to the first one that is wrong.
fn check(texts: Receiver<String>, folder: &Path, name: &str) -> Result<Vec<Verdict>> {
    let mut verdicts = Vec::new();
    for text in texts {
        for history in Reader::new(BufReader::new(text.as_bytes())) {
            let verdict = Verdict::of(&history.map_err(|error| anyhow!("{error}"))?, folder, name);
            let wrong = verdict.wrong().is_some();
            verdicts.push(verdict);
            if wrong {
                return Ok(verdicts);
            }
        }
    }
    Ok(verdicts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_board_is_there_or_left_out() {
        for board in Board::all().filter(|board| board.triple().is_some()) {
            let name = board.name();
            let out = LEFT_OUT.iter().any(|(other, _)| *other == name);
            assert!(BOARDS.contains(&name) != out, "{name}");
            assert!(!BOARDS.contains(&name) || !board.has_one_core(), "{name}");
        }
        assert!(QUICK.iter().all(|name| BOARDS.contains(name)));
    }

    #[test]
    fn what_comes_is_checked_up_to_the_first_fault() {
        let folder = std::env::temp_dir().join(format!("histories-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let good = "H copy_map 4 8 - 1\nh 0 1 2 i 1 5 n\nh 0 3 4 g 1 - s5\nE\n";
        let bad = good.replace("s5", "s6");
        let of = |texts: &[&str]| {
            let (send, receive) = mpsc::channel();
            texts
                .iter()
                .for_each(|text| send.send((*text).into()).unwrap());
            drop(send);
            check(receive, &folder, "test")
        };
        assert_eq!(of(&[good, "", good]).unwrap().len(), 2);
        let wrong = of(&[good, &bad, good]).unwrap();
        assert!(wrong.len() == 2 && wrong[1].wrong().is_some());
        let cut = of(&[good, "H copy_map 4 8 - 1\nh 0 1 2 i 1 5 n\n"]);
        assert!(cut.unwrap_err().to_string().contains("within a history"));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_run_that_shows_nothing_fails() {
        let failed = |start: u64, wanted| {
            let text = format!("H copy_map 4 8 - 2\nh 0 1 4 i 1 5 n\nh 1 {start} 6 g 1 - s5\nE\n");
            let (send, receive) = mpsc::channel();
            send.send(text).unwrap();
            drop(send);
            let outcome = Outcome {
                tick: 1,
                verdicts: check(receive, Path::new("."), "test").unwrap(),
            };
            let mut report = Report::new(|_| ());
            outcome.conclude("test", wanted, &mut report);
            report.failed()
        };
        assert!(!failed(3, 2));
        assert!(failed(3, 3), "fewer operations than wanted");
        assert!(failed(5, 2), "no overlap");
    }
}
