//! The rows of the plan for the examples: what each must print on each of its boards.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::boards::Board;
use crate::examples::Example;
use crate::machine::{self, Job};
use crate::need::Need;
use crate::process::{Flow, Stream};
use crate::test::step::{Cargo, LONG, SHORT, Step, Work, cargo as call, step};
use crate::workspace::Workspace;

/// Adds the runs, and for what stands outside the workspace its format and lints.
pub fn steps(steps: &mut Vec<Step>, workspace: &Workspace) -> Result<()> {
    for example in workspace.examples()? {
        let name = &example.name;
        if example.alone {
            // The target is that of its own configuration.
            let calls = [
                &["fmt", "--check", "--", "--color=never"][..],
                &["clippy", "--release", "--", "-D", "warnings"],
            ];
            let calls = calls.map(|words| Cargo {
                alone: Some(example.clone()),
                ..call(words)
            });
            let name = format!("lint::example::{name}");
            let lint = step(&name, LONG, Work::Commands(calls.into()))
                .need(Need::Component("rustfmt"))
                .need(Need::Component("clippy"));
            steps.push(lint.built_for(example.boards[0]));
        }
        // The flow table has rows of its own.
        if example.header()?.prints.is_none() {
            continue;
        }
        for &board in &example.boards {
            let work = Work::Example(name.clone());
            steps.push(step(&format!("example::{name}::{}", board.name()), SHORT, work).on(board));
        }
    }
    Ok(())
}

/// Runs an example, of which this is the program unless it stands alone, and compares what it prints;
/// `log` gets all of that.
pub fn check(
    workspace: &Workspace,
    example: &Example,
    board: Board,
    program: Option<PathBuf>,
    timeout: Duration,
    log: &mut String,
) -> Result<()> {
    let truth = example.header()?.prints;
    let truth = truth.context("the head of its source does not say what it prints")?;
    let mut out = Vec::new();
    let mut sink = |stream: Stream, bytes: &[u8]| {
        log.push_str(&String::from_utf8_lossy(bytes));
        if stream == Stream::Out {
            out.extend_from_slice(bytes);
        }
        Flow::Continue
    };
    let code = match program {
        None => machine::run_alone(workspace, example, timeout, &mut sink),
        Some(program) => {
            let job = Job {
                board,
                cores: board.cores(None)?,
                program,
                args: Vec::new(),
                capture: None,
                icount: board.has_one_core(),
                timeout,
                colours: false,
            };
            job.run(&mut sink)
        }
    }?;
    ensure!(code == 0, "exit status {code}, should be 0");
    compare(&truth, &String::from_utf8_lossy(&out))
}

/// Compares line for line; the error names the first difference. In what is expected, `…` stands for any
/// text within a line.
pub fn compare(truth: &str, found: &str) -> Result<()> {
    let (mut truth_lines, mut found_lines) = (truth.lines(), found.lines());
    let mut number = 0;
    loop {
        number += 1;
        match (truth_lines.next(), found_lines.next()) {
            // An empty table would agree with an empty truth: neither is one.
            (None, None) if number == 1 => bail!("there are no lines to compare"),
            (None, None) => return Ok(()),
            (Some(truth), Some(found)) if is_like(truth, found) => {}
            (truth, found) => bail!(
                "line {number} differs: expected {:?}, found {:?}",
                truth.unwrap_or("the end"),
                found.unwrap_or("the end")
            ),
        }
    }
}

fn is_like(truth: &str, found: &str) -> bool {
    let Some((start, rest)) = truth.split_once('…') else {
        return truth == found;
    };
    // What stands between two gaps is taken where it first comes: what comes later would leave less.
    let Some(mut found) = found.strip_prefix(start) else {
        return false;
    };
    let mut parts = rest.split('…');
    let end = parts.next_back().unwrap_or_default();
    parts.all(|part| match found.split_once(part) {
        Some((_, rest)) => {
            found = rest;
            true
        }
        None => false,
    }) && found.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_for_line() {
        assert!(compare("a\t1\nb\t2\n", "a\t1\nb\t2\n").is_ok());
        for (truth, found) in [
            ("a\nb\n", "a\n"),
            ("a\n", "a\nb\n"),
            ("a\nb\n", "b\na\n"),
            ("a\t1\n", "a 1\n"),
            ("", ""),
            ("a\n", ""),
        ] {
            assert!(compare(truth, found).is_err(), "{truth:?} {found:?}");
        }
        let error = compare("a\nb\n", "a\nc\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "line 2 differs: expected \"b\", found \"c\""
        );
    }

    #[test]
    fn gaps() {
        for (truth, found) in [
            ("… of … were stolen", "3 of 12 were stolen"),
            ("…", ""),
            ("a…a", "aa"),
            ("a…b…c", "a1b2bc"),
            ("… a…", " a"),
        ] {
            assert!(is_like(truth, found), "{truth:?} {found:?}");
        }
        for (truth, found) in [
            ("… of … were stolen", "3 of 12 were lost"),
            ("a…a", "a"),
            ("a…b…c", "a1c"),
            ("a…bc", "a…bcd"),
            ("x…", "ax"),
        ] {
            assert!(!is_like(truth, found), "{truth:?} {found:?}");
        }
    }
}
