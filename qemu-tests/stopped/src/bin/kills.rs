//! The layer `kills`: see the crate's text.

use std::process::ExitCode;

fn main() -> ExitCode {
    verify::main_with(layer)
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn layer(
    effort: verify::Effort,
    _: Option<&str>,
    report: &mut verify::Report<'_>,
) -> anyhow::Result<()> {
    let text = "left out: single-stepping a child needs Linux on x86_64";
    if effort == verify::Effort::SelfTest {
        anyhow::bail!("{text}");
    }
    report.note(text);
    Ok(())
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
use linux::layer;

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod linux {
    use anyhow::{Context, Result, ensure};
    use stopped::call::{Call, Kind};
    use stopped::kill::{Tally, every_instruction};
    use stopped::known;
    use stopped::planted::{COSTLY, LOCKED};
    use stopped::prepare::{ABSENT, Shape, calls};
    use stopped::subject::{Named, subjects};
    use verify::{Effort, Report};

    /// What the others do after one operation was killed.
    const QUICK_OPERATIONS: u64 = 200;
    const FULL_OPERATIONS: u64 = 30_000;
    /// Of how many operations in a state one is looked at.
    const QUICK_STRIDE: usize = 5;

    /// All subjects, or those that have `only` in their names.
    pub fn layer(effort: Effort, only: Option<&str>, report: &mut Report<'_>) -> Result<()> {
        let full = match effort {
            Effort::SelfTest => return self_test(report),
            Effort::Quick => false,
            Effort::Full => true,
        };
        let all = subjects(only).flat_map(|named| {
            let calls = calls(&*(named.new)()).into_iter();
            calls.flat_map(move |call| Shape::ALL.map(move |shape| (named, call, shape)))
        });
        let all: Vec<(&Named, Call, Shape)> = all.collect();
        let (stride, operations) = if full {
            (1, FULL_OPERATIONS)
        } else {
            (QUICK_STRIDE, QUICK_OPERATIONS)
        };
        let mut sum = Tally::default();
        for (number, (named, call, shape)) in all.iter().enumerate().step_by(stride) {
            let what = "operations in a state";
            report.progress(number as u64, all.len() as u64, what);
            let place = || format!("{}, {shape:?}", named.name);
            match every_instruction(named, *shape, *call, operations).with_context(place) {
                Ok(tally) => {
                    report.tried("instructions stepped", tally.instructions);
                    report.tried("different contents of memory left there", tally.contents);
                    report.tried("operations on them", tally.operations);
                    sum.add(tally);
                }
                Err(error) => {
                    let text = format!("{error:#}");
                    match known::explains(&text) {
                        Some(known) => report.note(format!("known: {}: {text}", known.name)),
                        None => report.failure(text),
                    }
                }
            }
        }
        ensure!(sum.contents > 0, "nothing was killed");
        report.note(format!("killed: {}", sum.lost));
        Ok(())
    }

    fn self_test(report: &mut Report<'_>) -> Result<()> {
        let insert = Call::new(Kind::Insert, ABSENT, 7);
        let cases = [
            (&COSTLY, "three cells lost", "cells are lost"),
            (&LOCKED, "a lock held by the killed context", "no progress"),
        ];
        for (named, fault, by) in cases {
            let result = every_instruction(named, Shape::Few, insert, 0);
            let text = result.map_or_else(|error| format!("{error:#}"), |_| String::new());
            if text.contains(by) {
                report.found(fault, text);
            } else {
                report.failure(format!("{fault}: not found by '{by}', but: '{text}'"));
            }
        }
        Ok(())
    }
}
