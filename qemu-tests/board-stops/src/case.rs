//! One operation in one state: stopped at each of its instructions.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail, ensure};
use stopped::call::{Answer, Call, Kind};
use stopped::model::State;
use stopped::pending::Pending;
use stopped::prepare::Shape;
use stopped::work::{Lost, allowed};

use crate::looked::Looked;
use crate::machine::Machine;

/// No operation takes so many instructions.
const MOST: usize = 20_000;

/// What was done, and the worst that was seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// Instructions that the second core was stopped at.
    pub stops: u64,
    /// Instructions from which it went on afterwards.
    pub resumed: u64,
    /// Instructions before which the others did a little, and nothing was put back.
    pub between: u64,
    /// Operations of the others.
    pub operations: u64,
    /// Different addresses of instructions that the undisturbed operation executes.
    pub executed: u64,
    /// Those of them that it was stopped at.
    pub covered: u64,
    /// The most cells lost.
    pub lost: Lost,
}

impl Tally {
    /// Adds counts, and keeps the worse of what was worst.
    pub fn add(&mut self, other: Tally) {
        self.stops += other.stops;
        self.resumed += other.resumed;
        self.between += other.between;
        self.operations += other.operations;
        self.executed += other.executed;
        self.covered += other.covered;
        self.lost.add(other.lost);
    }
}

/// How much is done at each instruction.
#[derive(Clone, Copy, Debug)]
pub struct Amount {
    /// Operations of the others, drawn at random.
    pub operations: usize,
    /// At each so many instructions the operation also goes on afterwards; 0: nowhere.
    pub resume: usize,
    /// How many runs there are in which the others do a little between the instructions.
    pub between: u64,
    /// Leaves out each so many instructions, which the layer must notice; 0: none.
    pub left_out: usize,
}

/// A subject in a state, in the machine.
pub struct Case<'a> {
    /// The machine.
    pub machine: &'a mut Machine,
    /// The subject.
    pub looked: &'a Looked,
    place: (u64, Vec<u8>),
    state: State,
}

impl<'a> Case<'a> {
    /// Brings the subject into the state.
    pub fn new(machine: &'a mut Machine, looked: &'a Looked, shape: Shape) -> Result<Self> {
        let (address, size) = machine.place(looked.index)?;
        // A fresh map, as any static, is all zero bits.
        machine.write(address, &vec![0; size])?;
        machine.choose(looked.index)?;
        let (calls, state) = looked.preparation(shape);
        let (calls, right): (Vec<_>, Vec<_>) = calls.into_iter().unzip();
        let answers = machine.others(&calls)?;
        for ((call, right), answer) in calls.iter().zip(&right).zip(&answers) {
            ensure!(right == answer, "preparation: {call} was {answer:?}");
        }
        let mut bytes = vec![0; size];
        machine.read(address, &mut bytes)?;
        Ok(Self {
            machine,
            looked,
            place: (address, bytes),
            state,
        })
    }

    /// Tries the operation in all ways.
    pub fn tried(&mut self, call: Call, amount: Amount) -> Result<Tally> {
        let mut tally = self.each_instruction(call, amount)?;
        for run in 0..amount.between {
            tally.add(self.between_instructions(call, run)?);
        }
        Ok(tally)
    }

    /// Stops the operation at each instruction that it executes.
    fn each_instruction(&mut self, call: Call, amount: Amount) -> Result<Tally> {
        let executed = self.trace(call)?;
        let mut tally = Tally::default();
        let mut stopped = Vec::new();
        let state = self.begin(call)?;
        let mut reserved = false;
        let mut next = Some(self.machine.counter()?);
        while let Some(counter) = next {
            ensure!(stopped.len() < MOST, "{call}: an operation without end");
            let number = stopped.len();
            if amount.left_out == 0 || number % amount.left_out != 1 {
                self.stop(
                    call,
                    &state,
                    amount,
                    (number, counter),
                    reserved,
                    &mut tally,
                )
                .with_context(|| {
                    format!("{call} stopped at instruction {number} ({counter:#x})")
                })?;
                tally.stops += 1;
                stopped.push(Some(counter));
            } else {
                stopped.push(None);
            }
            let mut code = [0; 4];
            self.machine.read(counter, &mut code)?;
            let window = (self.machine.board.reserves)(u32::from_le_bytes(code));
            reserved = window.unwrap_or(reserved);
            next = self.machine.step(counter)?;
        }
        // Nothing that the others have done is left, so that it has gone the undisturbed way.
        let same = stopped.len() == executed.len();
        let mut both = stopped.iter().zip(&executed);
        ensure!(
            same && both.all(|(stopped, way)| stopped.is_none_or(|stopped| stopped == *way)),
            "{call}: it has not been put back as it was"
        );
        let stopped: BTreeSet<_> = stopped.into_iter().flatten().collect();
        let all: BTreeSet<_> = executed.into_iter().collect();
        tally.executed += all.len() as u64;
        tally.covered += all.intersection(&stopped).count() as u64;
        if let Some(missed) = all.difference(&stopped).next() {
            bail!("{call}: not stopped at {missed:#x}, which the undisturbed operation executes");
        }
        Ok(tally)
    }

    /// The state is prepared, and the second core about to begin. What is in the subject then.
    pub fn begin(&mut self, call: Call) -> Result<State> {
        self.machine.write(self.place.0, &self.place.1)?;
        self.machine.begin(call)?;
        let mut state = self.state.clone();
        if call.kind == Kind::DropGuard {
            state.remove(&call.key);
        }
        Ok(state)
    }

    /// The addresses of the instructions that the undisturbed operation executes.
    fn trace(&mut self, call: Call) -> Result<Vec<u64>> {
        self.begin(call)?;
        let mut counters = Vec::new();
        let mut next = Some(self.machine.counter()?);
        while let Some(counter) = next {
            ensure!(counters.len() < MOST, "{call}: an operation without end");
            counters.push(counter);
            next = self.machine.step(counter)?;
        }
        Ok(counters)
    }

    /// The second core stands still; the others do what they do. Afterwards all is as before.
    fn stop(
        &mut self,
        call: Call,
        state: &State,
        amount: Amount,
        (number, counter): (usize, u64),
        reserved: bool,
        tally: &mut Tally,
    ) -> Result<()> {
        let mut bytes = vec![0; self.place.1.len()];
        self.machine.read(self.place.0, &mut bytes)?;
        let silent = call.kind.reads() && self.looked.rules.silent_reads;
        ensure!(!silent || bytes == self.place.1, "a read that writes");
        let mut calls = self.looked.draw(amount.operations, number as u64);
        let drawn = calls.len();
        calls.extend(self.looked.count());
        let answers = self.machine.others(&calls)?;
        tally.operations += calls.len() as u64;
        let mut pending = self.pending(call, state);
        right(&mut pending, &calls[..drawn], &answers[..drawn])?;
        let lost = self.looked.lost(&answers[drawn..], state)?;
        tally.lost.add(Lost::to(&self.looked.rules, call, lost)?);
        right(&mut pending, &calls[drawn..], &answers[drawn..])?;
        // What a core has reserved is in none of its registers: it cannot be brought back there.
        if amount.resume > 0 && number % amount.resume == 0 && !reserved {
            let saved = self.machine.save()?;
            let (calls, answers) = if number / amount.resume % 2 == 0 {
                (calls, answers)
            } else {
                self.machine.write(self.place.0, &bytes)?;
                let calls = self.looked.draw(amount.operations, !number as u64);
                let answers = self.machine.others(&calls)?;
                tally.operations += calls.len() as u64;
                (calls, answers)
            };
            self.machine.end(counter)?;
            self.ended(call, state, (&calls, &answers), tally)
                .context("and gone on")?;
            tally.resumed += 1;
            self.machine.restore(&saved)?;
        }
        self.machine.write(self.place.0, &bytes)
    }

    /// The second core has gone on to the end of its operation after the others have done all that.
    pub fn ended(
        &mut self,
        call: Call,
        state: &State,
        done: (&[Call], &[Answer]),
        tally: &mut Tally,
    ) -> Result<()> {
        let returned = self.machine.own_answer()?;
        let text = format!("wrong answer: {call} was {returned:?}");
        let mut pending = self.pending(call, state).returning(returned);
        right(&mut pending, done.0, done.1)
            .with_context(|| format!("no order explains that {text}"))?;
        ensure!(pending.end(), "{text}");
        let calls = self.looked.count();
        let answers = self.machine.others(&calls)?;
        tally.operations += calls.len() as u64;
        let lost = self.looked.lost(&answers, state)?;
        ensure!(lost == 0, "{lost} cells are lost for good");
        right(&mut pending, &calls, &answers)?;
        Ok(())
    }

    /// What may be answered while the operation has not ended.
    pub fn pending(&self, call: Call, state: &State) -> Pending {
        let rules = self.looked.rules;
        Pending::new(rules, state.clone(), call, allowed(&rules, call))
    }
}

/// Whether all answers are right.
pub fn right(pending: &mut Pending, calls: &[Call], answers: &[Answer]) -> Result<()> {
    for (call, answer) in calls.iter().zip(answers) {
        ensure!(
            pending.take(*call, answer),
            "wrong answer: {call} was {answer:?}"
        );
    }
    Ok(())
}
