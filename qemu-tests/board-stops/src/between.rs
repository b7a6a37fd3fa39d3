//! One operation, between any two instructions of which the others do a little: nothing is put back, so that
//! the operation finds another map each time and has to take other ways.

use anyhow::{Context, Result, ensure};
use stopped::call::Call;

use crate::case::{Case, Tally, right};

/// After so many instructions the operation may go on undisturbed: a map is lock-free, not wait-free.
const MOST: usize = 300;
/// So many operations of the others are before each.
const OPERATIONS: usize = 3;

impl Case<'_> {
    /// Lets the others perform a few operations before each instruction of this one; others in each run.
    pub fn between_instructions(&mut self, call: Call, run: u64) -> Result<Tally> {
        let mut tally = Tally::default();
        let state = self.begin(call)?;
        let mut pending = self.pending(call, &state);
        let (mut all, mut all_answers) = (Vec::new(), Vec::new());
        let mut next = Some(self.machine.counter()?);
        while let Some(counter) = next {
            let number = tally.between as usize;
            if number == MOST {
                self.machine.end(counter)?;
                break;
            }
            let seed = (run + 1) << 32 | tally.between;
            let mut calls = self.looked.draw(OPERATIONS, seed);
            // Other values than before.
            let more = tally.between * OPERATIONS as u64;
            calls.iter_mut().for_each(|call| call.value += more);
            let place = || format!("{call} at its instruction {number}, others between all");
            let answers = self.machine.others(&calls).with_context(place)?;
            right(&mut pending, &calls, &answers).with_context(place)?;
            tally.operations += calls.len() as u64;
            all.extend(calls);
            all_answers.extend(answers);
            tally.between += 1;
            next = self.machine.step(counter)?;
        }
        self.ended(call, &state, (&all, &all_answers), &mut tally)
            .with_context(|| format!("{call}, others between its instructions"))?;
        ensure!(tally.between > 0, "{call}: nothing in between");
        Ok(tally)
    }
}
