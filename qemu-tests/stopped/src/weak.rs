//! Each weak compare-and-swap fails, once and three times in a row.

use anyhow::{Context, Result, ensure};
use tagged_arena::sync::Access;

use crate::call::{Call, Kind};
use crate::context::{accesses, bounded, failing};
use crate::pending::Pending;
use crate::prepare::{Prepared, Shape};
use crate::subject::Subject;
use crate::work::lost;

/// How many failures there were to see.
pub fn every_weak(new: fn() -> Box<dyn Subject>, shape: Shape, call: Call) -> Result<u64> {
    let Some(prepared) = Prepared::new(new(), shape) else {
        return Ok(0);
    };
    let Some(run) = prepared.begin(call, &mut prepared.state.clone()) else {
        return Ok(0);
    };
    let (_, log) = accesses(run)?;
    let weak = log.iter().enumerate();
    let weak = weak.filter(|(_, access)| **access == Access::WeakCas);
    let mut failures = 0;
    for (i, _) in weak {
        for times in [1, 3] {
            one(new, shape, call, i as u64 + 1, times)
                .with_context(|| format!("{call}, access {} fails {times} times", i + 1))?;
            failures += 1;
        }
    }
    Ok(failures)
}

fn one(new: fn() -> Box<dyn Subject>, shape: Shape, call: Call, at: u64, times: u32) -> Result<()> {
    let prepared = Prepared::new(new(), shape).context("no such state")?;
    let subject = prepared.subject();
    let rules = subject.rules();
    let mut state = prepared.state.clone();
    let run = prepared
        .begin(call, &mut state)
        .context("it cannot begin")?;
    let answer = failing(at, times, run)?;
    ensure!(
        rules.apply(&mut state, call, 0, &answer),
        "wrong answer: {answer:?}"
    );
    let perform = |subject: &dyn Subject, call: Call| Ok(bounded(|| subject.call(call))?.0);
    let mut pending = Pending::new(rules, state, Call::new(Kind::Len, 0, 0), 0);
    let lost = lost(subject, &mut pending, &perform)?;
    ensure!(lost == 0, "it has ended, and {lost} cells are lost");
    Ok(())
}
