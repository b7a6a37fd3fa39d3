//! `cargo qemu test`: the whole test plan, or a part of it.

mod apart;
mod builds;
mod counts;
mod elf;
mod examples;
mod exec;
mod flow;
mod left_out;
mod lines;
mod lint;
mod log;
mod parse;
mod plan;
mod publish;
mod report;
mod step;

use std::collections::VecDeque;
use std::io::{self, Write};
use std::iter;
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::Result;

use crate::boards::Board;
use crate::failure::usage;
use crate::install;
use crate::need::Need;
use crate::test::builds::Builds;
use crate::test::exec::Exec;
use crate::test::lines::Pick;
use crate::test::parse::Verdict;
use crate::test::plan::Lane;
use crate::test::report::Report;
use crate::test::step::Step;
use crate::workspace::Workspace;

/// What the command line asks for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Run only the tests whose names contain this; unless it starts like a name of `--list`, all tests are
    /// built to learn their names
    filter: Option<String>,
    /// Run only the tests on this board (`cargo qemu boards` lists them)
    #[arg(long, value_parser = Board::parser(), hide_possible_values = true)]
    board: Option<Board>,
    /// Also run the long steps, which are otherwise left out unless a filter names them
    #[arg(long)]
    all: bool,
    /// Count instructions instead of time on boards, in the scenarios (the rows with the boards' names): each
    /// run does exactly the same, but cores never run at the same time. Boards with one core always do
    #[arg(long)]
    icount: bool,
    /// Print the steps of the plan instead of running them; `NAME::*` stands for tests that only
    /// a build can name
    #[arg(long)]
    list: bool,
    /// Say what is missing instead of installing it
    #[arg(long)]
    no_install: bool,
}

/// What has to be installed for everything.
pub fn all_needs(workspace: &Workspace) -> Result<Vec<Need>> {
    let steps = plan::plan(workspace)?;
    Ok(steps.into_iter().flat_map(|step| step.needs).collect())
}

/// Runs it and returns the exit status.
pub fn run(workspace: &Workspace, options: &Options) -> Result<u8> {
    let mut steps = plan::plan(workspace)?;
    if let Some(board) = options.board {
        steps.retain(|step| step.board.is_some_and(|b| b.name() == board.name()));
    }
    for step in &mut steps {
        if let step::Work::Image { icount, .. } = &mut step.work {
            *icount |= options.icount && step.board.is_some_and(|board| board.triple().is_some());
        }
    }
    let filter = options.filter.as_deref();
    let mut left_out: Vec<Step> = Vec::new();
    if !options.all && filter.is_none() {
        (left_out, steps) = steps
            .into_iter()
            .partition(|step| left_out::is_left_out(&step.name));
    }
    let mut chosen = Chosen::from(&steps, filter);
    if options.list {
        list(&chosen);
        return Ok(0);
    }

    let needs: Vec<_> = chosen
        .sure
        .iter()
        .map(|(step, _)| step)
        .chain(&chosen.unsure)
        .flat_map(|step| step.needs.clone())
        .collect();
    let installed = install::ensure(workspace, &needs, !options.no_install);
    if let Err(error) = &installed {
        let _ = writeln!(io::stderr(), "error: {error:#}");
    }

    let mut exec = Exec {
        workspace,
        builds: Builds::new(workspace),
        report: Report::new(),
    };
    if let Some(filter) = filter {
        if chosen.sure.is_empty() {
            let _ = writeln!(io::stderr(), "{}", only_inside(&steps, filter));
        }
        chosen.look_inside(&mut exec, filter);
    }
    // What could not be installed fails the steps that need it, and only those.
    let all_there = installed.is_ok();
    let of = |lane| {
        let steps = chosen
            .sure
            .iter()
            .filter(move |(step, _)| plan::lane(&step.name) == lane);
        steps.collect::<VecDeque<_>>()
    };
    // Whoever comes to the end of its own goes on with these.
    let apart = &Mutex::new(of(Lane::Apart));
    thread::scope(|scope| {
        let mut other = Exec {
            workspace,
            builds: Builds::new(workspace),
            report: exec.report.beside(),
        };
        let (releases, tests) = (of(Lane::Releases), of(Lane::Tests));
        scope.spawn(move || run_each(&mut other, tests, apart, all_there));
        run_each(&mut exec, releases, apart, all_there);
    });
    if exec.report.results() == 0 {
        return Err(usage(format!(
            "no test's name contains '{}'; `cargo qemu test --list` shows the plan",
            filter.unwrap_or_default()
        )));
    }
    if !left_out.is_empty() {
        let names = left_out.iter().map(|step| step.name.as_str());
        let names = names.collect::<Vec<_>>().join(" ");
        exec.report
            .note(&format!("left to `cargo qemu test --all`: {names}"));
    }
    Ok(u8::from(!exec.report.finish()))
}

/// Steps, and which of their tests.
type Queue<'a> = VecDeque<&'a (&'a Step, Pick<'a>)>;

/// Runs them one after the other, and then those that another thread has not taken.
fn run_each<'a>(
    exec: &mut Exec<'_>,
    mut steps: Queue<'a>,
    shared: &Mutex<Queue<'a>>,
    all_there: bool,
) {
    let next = || {
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        steps.pop_front().or_else(|| shared.pop_front())
    };
    for (step, pick) in iter::from_fn(next) {
        let mut step = (*step).clone();
        if !all_there && !install::missing(exec.workspace, &step.needs).is_empty() {
            let missing = "something that it needs is not installed, see the error at the start";
            step.work = step::Work::Broken(missing.into());
        }
        exec.step(&step, *pick);
    }
}

/// The part of the plan that a filter chooses.
struct Chosen<'a> {
    sure: Vec<(&'a Step, Pick<'a>)>,
    /// Steps whose tests have names of their own that may match.
    unsure: Vec<&'a Step>,
}

impl<'a> Chosen<'a> {
    fn from(steps: &'a [Step], filter: Option<&'a str>) -> Chosen<'a> {
        let mut chosen = Chosen {
            sure: Vec::new(),
            unsure: Vec::new(),
        };
        let Some(filter) = filter else {
            chosen.sure = steps.iter().map(|step| (step, Pick::All)).collect();
            return chosen;
        };
        // A full name means this one, not also those that begin with it.
        if let Some(step) = steps.iter().find(|step| step.name == filter) {
            chosen.sure.push((step, Pick::All));
            return chosen;
        }
        for step in steps {
            let inside = filter
                .strip_prefix(&step.name)
                .is_some_and(|rest| rest.starts_with("::"));
            if step.name.contains(filter) {
                chosen.sure.push((step, Pick::All));
            } else if step.expands() && inside {
                chosen.sure.push((step, Pick::Containing(filter)));
            } else if step.expands() {
                chosen.unsure.push(step);
            }
        }
        // A filter that starts like a name of the plan means that name; only for another text are
        // all tests built to learn their names.
        let names_the_plan = |step: &Step| {
            step.name.starts_with(filter) || filter.starts_with(&format!("{}::", step.name))
        };
        if steps.iter().any(names_the_plan) {
            chosen.unsure.clear();
        }
        chosen
    }

    /// Asks the test programs for their tests' names, and takes those that match.
    fn look_inside(&mut self, exec: &mut Exec<'_>, filter: &'a str) {
        for step in std::mem::take(&mut self.unsure) {
            exec.report.begin(&format!("{} --list", step.name));
            let names = exec.list(step);
            exec.report.end();
            match names {
                Ok(names) if names.iter().any(|name| name.contains(filter)) => {
                    self.sure.push((step, Pick::Containing(filter)));
                }
                Ok(_) => {}
                // One of them may be what is asked for.
                Err(error) => {
                    let text = format!("cannot list its tests: {error:#}\n");
                    exec.report.result(&step.name, Verdict::Failed, None, &text);
                }
            }
        }
    }
}

/// What is said of a filter that matches no name of the plan, before anything is built.
fn only_inside(steps: &[Step], filter: &str) -> String {
    /// As near as clap wants it.
    const NEAR: f64 = 0.7;

    let names = steps.iter().flat_map(|step| {
        let ends = step.name.match_indices("::").map(|(at, _)| at);
        ends.chain([step.name.len()]).map(|end| &step.name[..end])
    });
    let near = names.map(|name| (strsim::jaro(name, filter), name));
    let nearest = near
        .filter(|(near, _)| *near > NEAR)
        .max_by(|one, other| one.0.total_cmp(&other.0));
    let nearest = nearest.map_or(String::new(), |(_, name)| {
        format!("; a similar one is '{name}'")
    });
    format!(
        "no name of the plan contains '{filter}'{nearest}. Only a single test's name may: all test programs \
         are built to learn them"
    )
}

fn list(chosen: &Chosen<'_>) {
    let mut text = String::new();
    let sure = chosen.sure.iter().map(|(step, _)| *step);
    for step in sure.chain(chosen.unsure.iter().copied()) {
        let tail = if step.expands() { "::*" } else { "" };
        text.push_str(&format!("{}{tail}: test\n", step.name));
    }
    // A reader that has gone away wants no list.
    let _ = io::stdout().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(filter: &str) -> (Vec<String>, usize) {
        let steps = plan::plan(&Workspace::find().unwrap()).unwrap();
        let chosen = Chosen::from(&steps, Some(filter));
        let names = chosen.sure.iter().map(|(step, _)| step.name.clone());
        (names.collect(), chosen.unsure.len())
    }

    #[test]
    fn a_full_name_means_one_step() {
        let one = |name: &str| (vec![name.to_owned()], 0);
        assert_eq!(chosen("flow_table::host::4"), one("flow_table::host::4"));
        assert_eq!(chosen("host::qemu::demux::x"), one("host::qemu"));
    }

    #[test]
    fn the_start_of_a_name_builds_nothing_to_look_inside() {
        let (names, unsure) = chosen("lint");
        assert!(names.len() > 5 && names.iter().all(|name| name.starts_with("lint::")));
        assert_eq!(unsure, 0);
    }

    #[test]
    fn a_filter_that_is_no_name_of_the_plan_is_told_with_the_nearest_one() {
        let steps = plan::plan(&Workspace::find().unwrap()).unwrap();
        for (filter, name) in [
            ("lnit", "'lint'"),
            ("verify::histores", "'verify::histories'"),
            ("flow_tabel::host", "'flow_table::host'"),
        ] {
            let text = only_inside(&steps, filter);
            assert!(text.contains(name), "{text}");
        }
        assert!(!only_inside(&steps, "qqqq").contains("similar"));
    }

    #[test]
    fn another_text_may_be_the_name_of_any_test() {
        let (names, unsure) = chosen("conservation");
        assert!(names.is_empty());
        assert!(unsure > 5);
    }
}
