//! The rows of the plan for the feature `defmt`: what the image that logs must log, and how a run of it
//! is judged.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::boards::Board;
use crate::cargo;
use crate::log::{Filter, VARIABLE};
use crate::machine::Job;
use crate::need::Need;
use crate::process::{Flow, Stream};
use crate::test::flow::EXAMPLE;
use crate::test::step::{Cargo, LONG, Level, SHORT, Step, Tests, Which, Work, cargo as call, step};
use crate::workspace::{LIBRARY, Unit, Workspace};

/// The image's package.
const IMAGE: &str = "log-image";

/// Its source, as the place of a log line begins.
const SOURCE: &str = "qemu-tests/log-image/src/main.rs:";

/// What the image also prints, not as a log line: text and log lines share one channel.
const TEXT: &str = "text of the console";
/// What the panic of a line within a line says.
const NESTED: &str = "printed or logged in the midst of a line of the same core";
/// How many lines each core logs while the others do so, too.
const LINES: usize = 20;
/// The map in each of those lines.
const MAP: &str = "{1: 10, 2: 20}";

/// Nothing.
const OFF: Level = ("off", &[]);
/// What is logged by default.
const INFO: Level = ("info", &["ERROR", "WARN", "INFO"]);
/// All that the image has.
const DEBUG: Level = ("debug", &["ERROR", "WARN", "INFO", "DEBUG"]);

/// A target of 32 bits, for what is the same on all of them.
const NARROW: &str = "thumbv7em-none-eabihf";

/// Adds the rows: clippy, every public type, and log lines from every board.
pub fn steps(steps: &mut Vec<Step>) -> Result<()> {
    let aarch64 = Board::parse("aarch64")?;
    let lint = Work::Commands(vec![
        clippy(&LIBRARY, &["--all-targets"]),
        clippy(&LIBRARY, &["--lib", "--target", NARROW]),
        clippy(
            &["targets", IMAGE, EXAMPLE],
            &["--target", aarch64.triple().context("a guest")?],
        ),
    ]);
    let lint = step("lint::clippy::defmt", LONG, lint)
        .need(Need::Component("clippy"))
        .need(Need::Target(NARROW.into()));
    steps.push(lint.built_for(aarch64));

    for package in LIBRARY {
        let tests = Tests {
            package,
            units: |unit| *unit == Unit::Lib,
            // The other tests are the same without the feature.
            cargo: call(&["test", "--features", "defmt", "format"]),
            which: Which::All,
        };
        let name = format!("defmt::{package}");
        steps.push(step(&name, LONG, Work::Tests(tests.into())).on(Board::Host));
    }

    for board in Board::all().filter(|board| board.triple().is_some()) {
        let (cores, levels) = (board.cores(None)?, &[DEBUG]);
        let name = format!("defmt::{}", board.name());
        steps.push(step(&name, SHORT, Work::Log { cores, levels }).on(board));
    }
    let (cores, levels) = (aarch64.cores(None)?, &[OFF, INFO]);
    steps.push(step("defmt::levels", SHORT, Work::Log { cores, levels }).on(aarch64));
    Ok(())
}

/// Clippy with the feature, and with every log statement compiled in.
fn clippy(packages: &[&str], more: &[&str]) -> Cargo {
    let mut call = call(&["clippy", "--features", "defmt"]);
    for package in packages {
        call.args.extend(["--package", package].map(String::from));
    }
    call.args.extend(more.iter().map(ToString::to_string));
    call.args.extend(["--", "-D", "warnings"].map(String::from));
    call.env.push((VARIABLE, "trace".into()));
    call
}

/// A log line without its time.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    core: usize,
    level: String,
    text: String,
}

impl Line {
    fn new(core: usize, level: &str, text: impl Into<String>) -> Line {
        Line {
            core,
            level: level.into(),
            text: text.into(),
        }
    }
}

/// Builds the image with each filter, runs it, and compares what it logs; `log` gets what cargo and the
/// image print.
pub fn check(
    workspace: &Workspace,
    board: Board,
    cores: usize,
    levels: &[Level],
    timeout: Duration,
    log: &mut String,
) -> Result<()> {
    let package = workspace
        .package(IMAGE)
        .with_context(|| format!("the workspace has no package {IMAGE}"))?;
    for (filter, shown) in levels {
        let add = &mut |bytes: &[u8]| log.push_str(&String::from_utf8_lossy(bytes));
        let program = cargo::build(workspace, package, board, Some(&Filter::new(filter)), add)?;
        let mut run = |args: &[&str]| -> Result<(u8, String)> {
            let job = Job {
                board,
                cores,
                program: program.clone(),
                args: args.iter().map(ToString::to_string).collect(),
                capture: None,
                icount: board.has_one_core(),
                timeout,
                colours: false,
            };
            let (mut out, mut console) = (Vec::new(), Vec::new());
            let code = job.run(&mut |stream, bytes| {
                match stream {
                    Stream::Out => out.extend_from_slice(bytes),
                    Stream::Err => console.extend_from_slice(bytes),
                }
                Flow::Continue
            });
            let console = String::from_utf8_lossy(&console).into_owned();
            log.push_str(&console);
            ensure!(out.is_empty(), "there is something on stdout");
            Ok((code?, console))
        };
        let (code, console) = run(&[])?;
        ensure!(code == 0, "the image failed");
        compare(&console, board.name(), workers(board, cores), shown)
            .with_context(|| format!("with DEFMT_LOG={filter}"))?;
        if shown.contains(&"INFO") {
            let (code, console) = run(&["nested"])?;
            let told = console.contains(NESTED);
            ensure!(
                code == protocol::PANIC_CODE && told,
                "a nested line is no panic"
            );
        }
    }
    Ok(())
}

/// How many cores the program sees: on a board with one, tasks stand in for them.
fn workers(board: Board, cores: usize) -> usize {
    match board {
        Board::Guest(protocol::Board {
            cores: protocol::Cores::One { tasks },
            ..
        }) => *tasks,
        _ => cores,
    }
}

/// Compares what was logged with what should have been.
fn compare(console: &str, board: &str, cores: usize, shown: &[&str]) -> Result<()> {
    // What else is on stderr are QEMU's own remarks, at any place. A frame that is no log line has failed
    // the run already.
    let (mut found, mut last, mut texts) = (Vec::new(), 0.0, 0);
    for line in console.lines() {
        let Some((time, line)) = parse(line) else {
            texts += usize::from(line == TEXT);
            continue;
        };
        ensure!(time >= last, "time goes backwards: {time} after {last}");
        last = time;
        found.push(line);
    }
    ensure!(texts == 1, "\"{TEXT}\" is there {texts} times");

    let (first, at_once, end) = expected(board, cores);
    let is_shown = |line: &Line| shown.contains(&line.level.as_str());
    let first: Vec<_> = first.into_iter().filter(is_shown).collect();
    let end: Vec<_> = end.into_iter().filter(is_shown).collect();
    let at_once: Vec<_> = at_once.into_iter().filter(is_shown).collect();
    let number = first.len() + at_once.len() + end.len();
    ensure!(
        found.len() == number,
        "{} log lines, should be {number}",
        found.len()
    );
    let (head, rest) = found.split_at(first.len());
    let (middle, tail) = rest.split_at(at_once.len());
    // Between the cores any order will do; the lines of one core must be in theirs.
    let mut middle = middle.to_vec();
    middle.sort_by_key(|line| line.core);
    for (found, expected) in head
        .iter()
        .chain(&middle)
        .chain(tail)
        .zip(first.iter().chain(&at_once).chain(&end))
    {
        if found != expected {
            bail!("logged {found:?}, should be {expected:?}");
        }
    }
    Ok(())
}

/// `0.001234 core 1 INFO  text (place)`, where the place must be one of the image.
fn parse(line: &str) -> Option<(f64, Line)> {
    let (line, place) = line.strip_suffix(')')?.rsplit_once(" (")?;
    place.strip_prefix(SOURCE)?.parse::<u32>().ok()?;
    let (time, rest) = line.trim_start().split_once(" core ")?;
    let (core, rest) = rest.split_once(' ')?;
    let (level, text) = rest.split_at_checked(6)?;
    let line = Line::new(core.parse().ok()?, level.trim_end(), text);
    Some((time.parse().ok()?, line))
}

/// What the image logs: the first lines, those of all cores at the same time (by core), the last ones.
fn expected(board: &str, cores: usize) -> (Vec<Line>, Vec<Line>, Vec<Line>) {
    let stats = "Stats { capacity: 2, cells: 10, live: 2, removed: 0, in_progress: 0, free: 8, \
                 buckets: 2, buckets_used: 1, fullest_bucket: 2, chained: 0 }";
    let mut first = vec![
        Line::new(0, "INFO", format!("{board} with {cores} cores")),
        Line::new(0, "INFO", "at first: {}"),
        Line::new(0, "DEBUG", "1 was None"),
        Line::new(0, "DEBUG", "2 was None"),
        Line::new(0, "WARN", "3 is refused: Full(..)"),
        Line::new(0, "INFO", format!("at last: {MAP}")),
        Line::new(0, "DEBUG", stats),
        Line::new(0, "DEBUG", "inserted: Ok(None)"),
        Line::new(0, "INFO", "{1: one}"),
        Line::new(0, "DEBUG", "Some(Ref(1, one))"),
        Line::new(0, "ERROR", "Some(Occupied { .. })"),
    ];
    first.extend((0..cores).map(|core| {
        let text = format!("it is the turn of core {core}");
        Line::new(core, "INFO", text)
    }));
    let at_once = (0..cores).flat_map(|core| {
        (0..LINES).map(move |line| {
            let text = format!("line {line} of core {core}, {MAP}");
            Line::new(core, "DEBUG", text)
        })
    });
    (first, at_once.collect(), vec![Line::new(0, "INFO", "done")])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a perfect run on two cores prints.
    fn perfect() -> Vec<String> {
        let (first, at_once, end) = expected("b", 2);
        let all = first.into_iter().chain(at_once).chain(end);
        let lines = all.enumerate().map(|(number, line)| {
            let Line { core, level, text } = line;
            format!("  0.{number:06} core {core} {level:5} {text} ({SOURCE}{number})")
        });
        std::iter::once(TEXT.into()).chain(lines).collect()
    }

    fn judge(lines: &[String], level: Level) -> Result<()> {
        compare(&lines.join("\n"), "b", 2, level.1)
    }

    #[test]
    fn levels() {
        let all = perfect();
        judge(&all, DEBUG).unwrap();
        assert!(judge(&all, INFO).is_err());
        let info: Vec<_> = all
            .iter()
            .filter(|line| !line.contains("DEBUG"))
            .cloned()
            .collect();
        judge(&info, INFO).unwrap();
        assert!(judge(&info, DEBUG).is_err());
        assert!(judge(&info, OFF).is_err());
        judge(&[TEXT.into()], OFF).unwrap();
    }

    #[test]
    fn every_difference_is_one() {
        for at in 0..perfect().len() {
            let mut lines = perfect();
            lines.remove(at);
            assert!(judge(&lines, DEBUG).is_err(), "without line {at}");
            let mut lines = perfect();
            lines[at].push('x');
            assert!(judge(&lines, DEBUG).is_err(), "line {at} without its place");
            let mut lines = perfect();
            // The text has no place.
            match lines[at].rfind(" (") {
                Some(end) => lines[at].insert(end, 'x'),
                None => lines[at].push('x'),
            }
            assert!(judge(&lines, DEBUG).is_err(), "line {at} changed");
        }
        let mut lines = perfect();
        lines[3] = lines[3].replace("core 0", "core 1");
        assert!(judge(&lines, DEBUG).is_err());
        let mut lines = perfect();
        lines.swap(3, 4);
        assert!(judge(&lines, DEBUG).is_err());
        // Two cores' lines may come in any order, those of one core may not.
        let mut lines = perfect();
        let (zero, one) = (14, 14 + LINES);
        assert!(lines[zero].contains("line 0 of core 0"), "{}", lines[zero]);
        assert!(lines[one].contains("line 0 of core 1"), "{}", lines[one]);
        let times = [lines[zero][..11].to_owned(), lines[one][..11].to_owned()];
        let texts = [lines[zero][11..].to_owned(), lines[one][11..].to_owned()];
        lines[zero] = format!("{}{}", times[0], texts[1]);
        lines[one] = format!("{}{}", times[1], texts[0]);
        assert!(judge(&lines, DEBUG).is_err());
        lines = perfect();
        lines[zero + 1..=one].rotate_right(1);
        assert!(judge(&lines, DEBUG).is_err(), "a time that goes backwards");
    }
}
