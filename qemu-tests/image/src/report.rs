//! Lines as Rust's test harness prints them, so that one reader does for both.

use crate::args::Args;
use core::fmt;
use scenarios::{ALL, Failure, REENTRANT, Scenario};
use targets::exit::Status;

/// So many failures are explained; of further ones the line is all.
const MOST_EXPLAINED: usize = if targets::SMALL {
    2
} else {
    ALL.len() + REENTRANT.len()
};

/// The results so far.
pub struct Report<'a> {
    args: &'a Args<'a>,
    passed: usize,
    failures: [Option<(&'static str, Failure)>; MOST_EXPLAINED],
    failed: usize,
}

impl<'a> Report<'a> {
    /// No results yet.
    pub fn new(args: &'a Args<'a>) -> Self {
        Self {
            args,
            passed: 0,
            failures: [const { None }; MOST_EXPLAINED],
            failed: 0,
        }
    }

    /// One scenario is done; it took so long.
    pub fn result(&mut self, scenario: &Scenario, result: Result<(), Failure>, nanoseconds: u64) {
        let time = Seconds(nanoseconds);
        match result {
            Ok(()) => {
                targets::println!("test {} ... ok <{time}>", scenario.name);
                self.passed += 1;
            }
            Err(failure) => {
                targets::println!("test {} ... FAILED <{time}>", scenario.name);
                if let Some(place) = self.failures.get_mut(self.failed) {
                    *place = Some((scenario.name, failure));
                }
                self.failed += 1;
            }
        }
    }

    /// Prints the failures and the summary.
    pub fn finish(self, nanoseconds: u64) -> Status {
        targets::println!("");
        if self.failed > 0 {
            targets::println!("failures:");
            targets::println!("");
            for (name, failure) in self.failures.iter().flatten() {
                self.explain(name, failure);
            }
            targets::println!("failures:");
            for (name, _) in self.failures.iter().flatten() {
                targets::println!("    {name}");
            }
            targets::println!("");
        }
        let good = self.failed == 0 && self.passed > 0;
        targets::println!(
            "test result: {}. {} passed; {} failed; 0 ignored; 0 measured; {} filtered out; finished in {}",
            if good { "ok" } else { "FAILED" },
            self.passed,
            self.failed,
            count_all() - self.passed - self.failed,
            Seconds(nanoseconds)
        );
        if self.passed + self.failed == 0 {
            targets::eprintln!(
                "image: no scenario's name contains {:?}; --list names them",
                self.args.filter.unwrap_or_default()
            );
        }
        if good {
            Status::SUCCESS
        } else {
            Status::failure(1)
        }
    }

    fn explain(&self, name: &str, failure: &Failure) {
        let (board, seed, scale) = (targets::NAME, self.args.seed, self.args.scale.name);
        let cores = targets::cores::available();
        targets::println!("---- {name} stdout ----");
        targets::println!("{failure}");
        targets::println!("on {board} with {cores} cores, seed {seed}, scale {scale}");
        targets::println!("alone: cargo qemu test --board {board} {name}");
        let image = format_args!("--seed {seed} --scale {scale} {name}");
        if targets::NAME == "host" {
            targets::println!(
                "or with this seed: TARGETS_CORES={cores} cargo run --release --package image -- {image}"
            );
        } else {
            targets::println!("or the image with: {image}");
        }
        targets::println!("");
    }
}

/// How many scenarios there are for this target.
fn count_all() -> usize {
    let reentrant = if targets::interrupt::AVAILABLE {
        REENTRANT.len()
    } else {
        0
    };
    ALL.len() + reentrant
}

/// Lists the scenarios.
pub fn list(args: &Args<'_>) {
    let mut count = 0;
    for scenario in crate::selected(args) {
        targets::println!("{}: test", scenario.name);
        count += 1;
    }
    targets::println!("");
    targets::println!("{count} tests, 0 benchmarks");
}

/// Nanoseconds, shown in seconds.
struct Seconds(u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = self.0 / 1_000_000;
        write!(f, "{}.{:03}s", milliseconds / 1000, milliseconds % 1000)
    }
}
