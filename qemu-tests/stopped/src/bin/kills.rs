//! The layer `kills`: see the crate's text.

use std::process::ExitCode;

fn main() -> ExitCode {
    verify::main_with(layer)
}

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
fn layer(_: verify::Effort, _: Option<&str>, _: &mut verify::Report<'_>) -> anyhow::Result<()> {
    anyhow::bail!("single-stepping a child needs Linux on x86_64")
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
use linux::layer;

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod linux {
    use anyhow::{Context, Result, ensure};
    use stopped::call::{Call, Kind};
    use stopped::kill::{Tally, every_instruction};
    use stopped::planted::{COSTLY, GAPPED, LEAKY, LOCKED, WRITING};
    use stopped::prepare::{ABSENT, PRESENT, Shape, calls};
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
            // Room for one of each content of the memory.
            let seed = (number as u64) << 32;
            match every_instruction(named, *shape, *call, operations, seed).with_context(place) {
                Ok(tally) => {
                    report.tried("instructions stepped", tally.instructions);
                    report.tried(
                        "contents of memory left there, each unlike the one before",
                        tally.contents,
                    );
                    report.tried("operations on them", tally.operations);
                    sum.add(tally);
                }
                Err(error) => report.failure(format!("{error:#}")),
            }
        }
        ensure!(sum.contents > 0, "nothing was killed");
        report.note(format!("killed: {}", sum.lost));
        Ok(())
    }

    fn self_test(report: &mut Report<'_>) -> Result<()> {
        let new = Call::new(Kind::Insert, ABSENT, 7);
        let replace = Call::new(Kind::Insert, PRESENT, 7);
        let get = Call::new(Kind::Get, PRESENT, 0);
        let (lost, late, wrong) = ("cells are lost", "no progress", "wrong answer");
        let cases = [
            (&COSTLY, new, 0, "three cells lost", lost),
            (&LEAKY, new, 0, "spare cells lost", lost),
            (&LOCKED, new, 0, "a lock held by the killed context", late),
            (&GAPPED, replace, 200, "a key gone for a moment", wrong),
            (
                &WRITING,
                get,
                0,
                "a read that writes",
                "is a read that writes",
            ),
        ];
        for (named, call, operations, fault, by) in cases {
            let result = every_instruction(named, Shape::Few, call, operations, 0);
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
