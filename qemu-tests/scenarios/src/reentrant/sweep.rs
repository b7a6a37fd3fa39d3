//! Operations within operations: the interrupt comes one tick later each time.

use crate::env::Interrupt;
use crate::failure::{Failure, ensure};
use crate::reentrant::model::{Answer, KEYS, KINDS, Kind, Operation, State, explains};
use crate::reentrant::subject::Swept;
use portable_atomic::{AtomicBool, Ordering};
use spin::Mutex;

/// The interrupt must have come within each operation at least so often.
pub(crate) const FEWEST: u32 = 8;
/// An outer operation has ended before the interrupt for so many delays in turn: it is swept.
const BEYOND: u32 = 4;
/// No operation takes so many ticks.
const LONGEST: u32 = 100_000;

/// What a sweep came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Operations within operations, each with what was there before.
    pub cases: u32,
    /// How often the interrupt came within the outer one.
    pub points: u32,
    /// How often another one came within the handler's operation as well.
    pub nested: u32,
}

/// Each operation within each other one.
///
/// The inner operation is on the same key, or on another one of the chain; each key is there or not.
/// `stride` is from one place for an interrupt to the next one tried, in ticks.
pub fn pairs<S: Swept>(subject: &S, interrupt: Interrupt, stride: u32) -> Result<Tally, Failure> {
    let mut sweep = Sweep::new(subject, interrupt)?;
    for outer in kinds::<S>() {
        // Two that only read do not touch each other.
        for inner in kinds::<S>().filter(|inner| !(outer.reads() && inner.reads())) {
            for (key, present) in [(0, 0b1000), (0, 0b1001), (1, 0b1001), (1, 0b1010)] {
                sweep.pair([(outer, 0), (inner, key)], present, stride)?;
            }
        }
    }
    sweep.finish()
}

/// How much of all triples `triples` tries.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// From one place in the outer operation to the next one tried, in ticks.
    pub outer: u32,
    /// The same in the handler's operation.
    pub inner: u32,
    /// Of so many triples of kinds one is tried.
    pub every: u32,
}

/// Each operation within each other one within each other one.
///
/// Of each triple of kinds all are on one key, which is there or not, and twice some are on others.
pub fn triples<S: Swept>(
    subject: &S,
    interrupt: Interrupt,
    sample: Sample,
) -> Result<Tally, Failure> {
    /// The keys of the inner and of the innermost operation; the outer one's is 0.
    const KEYS: [[u32; 2]; 4] = [[0, 1], [1, 0], [1, 1], [1, 2]];
    /// The keys that are there.
    const PRESENT: [u32; 5] = [0b1000, 0b1001, 0b1010, 0b1011, 0b1111];

    let mut sweep = Sweep::new(subject, interrupt)?;
    let mut number = 0usize;
    for outer in kinds::<S>() {
        for inner in kinds::<S>() {
            for innermost in kinds::<S>() {
                if [outer, inner, innermost].into_iter().all(Kind::reads) {
                    continue;
                }
                number += 1;
                if number as u32 % sample.every != 0 {
                    continue;
                }
                let others = [number, number + 1].map(|n| (KEYS[n % 4], PRESENT[n % 5]));
                let same = [([0, 0], 0b1000), ([0, 0], 0b1001)];
                for ([second, third], present) in same.into_iter().chain(others) {
                    let operations = [(outer, 0), (inner, second), (innermost, third)];
                    sweep.triple(operations, present, sample)?;
                }
            }
        }
    }
    sweep.finish()
}

/// The kinds that there are.
fn kinds<S: Swept>() -> impl Iterator<Item = Kind> {
    KINDS.into_iter().filter(|kind| S::has(*kind))
}

/// One operation, with another one in an interrupt after so many ticks; says whether it came.
/// The subject is new: for runs of which each is to do exactly the same.
pub fn once<S: Swept>(
    subject: &S,
    interrupt: Interrupt,
    operations: [(Kind, u32); 2],
    present: u32,
    delay: u32,
) -> Result<bool, Failure> {
    let mut sweep = Sweep::new(subject, interrupt)?;
    Ok(sweep.once(operations, present, [delay, 0])?[0])
}

struct Sweep<'a, S> {
    subject: &'a S,
    interrupt: Interrupt,
    /// Never used again.
    token: u64,
    /// What is there.
    state: State,
    tally: Tally,
}

impl<'a, S: Swept> Sweep<'a, S> {
    fn new(subject: &'a S, interrupt: Interrupt) -> Result<Self, Failure> {
        subject.must_be_empty()?;
        Ok(Self {
            subject,
            interrupt,
            token: 0,
            state: State::default(),
            tally: Tally::default(),
        })
    }

    fn finish(mut self) -> Result<Tally, Failure> {
        self.prepare(0)?;
        self.subject.refill()?;
        Ok(self.tally)
    }

    /// One pair of operations, with the interrupt at every place of the outer one.
    fn pair(
        &mut self,
        operations: [(Kind, u32); 2],
        present: u32,
        stride: u32,
    ) -> Result<(), Failure> {
        // Other places than the last pair's, where not all are tried.
        self.tally.cases += 1;
        let first = 1 + self.tally.cases % stride;
        let came = through(first, stride, |delay| {
            Ok(self.once(operations, present, [delay, 0])?[0])
        })?;
        self.subject.at_rest()?;
        self.tally.points += came;
        ensure(
            came >= FEWEST / stride.min(FEWEST),
            format_args!(
                "{operations:?}: the interrupt came {came} times only; a machine that counts \
                 instructions (--icount) lets it come at each"
            ),
        )
    }

    /// One triple, with the interrupts at some places of the outer operation, and at some of the inner
    /// one.
    fn triple(
        &mut self,
        operations: [(Kind, u32); 3],
        present: u32,
        sample: Sample,
    ) -> Result<(), Failure> {
        self.tally.cases += 1;
        let mut delay = 1 + self.tally.cases % sample.outer;
        let mut within = true;
        while within {
            let mut inner = 1 + (self.tally.cases + delay) % sample.inner;
            loop {
                let [outer_came, inner_came, _] =
                    self.once(operations, present, [delay, inner, 0])?;
                within = outer_came;
                self.tally.points += u32::from(outer_came);
                self.tally.nested += u32::from(outer_came && inner_came);
                if !(outer_came && inner_came) {
                    break;
                }
                inner = later(inner, sample.inner)?;
            }
            delay = later(delay, sample.outer)?;
        }
        self.subject.at_rest()
    }

    /// Once; says within which operations an interrupt came.
    fn once<const N: usize>(
        &mut self,
        operations: [(Kind, u32); N],
        present: u32,
        delays: [u32; N],
    ) -> Result<[bool; N], Failure> {
        let mut operations = operations.map(|(kind, key)| Operation {
            kind,
            key,
            token: self.next_token(),
        });
        let present = S::arrange(&mut operations, present);
        let begin = self.prepare(present)?;
        let subject = self.subject;
        let hold = |operation: Operation| match operation.kind {
            Kind::LetGo => subject.hold(operation.key),
            _ => None,
        };
        let nest = Nest {
            subject,
            interrupt: self.interrupt,
            operations,
            delays,
            guards: operations.map(|operation| Mutex::new(hold(operation))),
            answers: operations.map(|_| Mutex::new(Answer::Refused)),
            came: operations.map(|_| AtomicBool::new(false)),
            failure: Mutex::new(None),
        };
        nest.run(0);
        if let Some(failure) = nest.failure.lock().take() {
            return Err(failure);
        }
        let came = core::array::from_fn(|level| nest.came[level].load(Ordering::Relaxed));
        let answers = core::array::from_fn(|level| *nest.answers[level].lock());
        let end = self.content()?;
        self.state = end;
        ensure(
            explains(begin, operations, answers, end, came),
            format_args!(
                "after {delays:?} ticks {came:?}: {operations:?} answer {answers:?}, then there is \
                 {end:?}, before {begin:?}"
            ),
        )?;
        Ok(came)
    }

    fn next_token(&mut self) -> u64 {
        self.token += 1;
        self.token
    }

    /// Brings the subject to where these keys are there.
    fn prepare(&mut self, present: u32) -> Result<State, Failure> {
        for number in 0..KEYS {
            let wanted = present >> number & 1 == 1;
            if wanted && self.state[number].is_none() {
                let token = self.next_token();
                ensure(
                    self.subject.put(number as u32, token),
                    format_args!("at rest, key {number} finds no place, or was there"),
                )?;
                self.state[number] = Some(token);
            } else if !wanted && self.state[number].is_some() {
                self.subject.take(number as u32);
                self.state[number] = None;
            }
        }
        Ok(self.state)
    }

    fn content(&self) -> Result<State, Failure> {
        let mut state = State::default();
        for (number, place) in state.iter_mut().enumerate() {
            *place = self.subject.token(number as u32)?;
        }
        Ok(state)
    }
}

/// Lets the interrupt come later and later within an operation, until that has ended before. `once` says of a
/// delay whether it came within. How often it did.
pub(crate) fn through(
    first: u32,
    stride: u32,
    mut once: impl FnMut(u32) -> Result<bool, Failure>,
) -> Result<u32, Failure> {
    let (mut delay, mut came, mut missed) = (first, 0, 0);
    while missed < BEYOND {
        if once(delay)? {
            (came, missed) = (came + 1, 0);
        } else {
            missed += 1;
        }
        delay = later(delay, stride)?;
    }
    Ok(came)
}

/// The next delay.
fn later(delay: u32, stride: u32) -> Result<u32, Failure> {
    let delay = delay + stride;
    ensure(
        delay < LONGEST,
        format_args!("the interrupt comes after {delay} ticks, still within"),
    )?;
    Ok(delay)
}

/// Operations, each of which interrupts the one before it.
struct Nest<'a, S: Swept, const N: usize> {
    subject: &'a S,
    interrupt: Interrupt,
    operations: [Operation; N],
    delays: [u32; N],
    guards: [Mutex<Option<S::Guard<'a>>>; N],
    answers: [Mutex<Answer>; N],
    came: [AtomicBool; N],
    /// What one of them found to be wrong.
    failure: Mutex<Option<Failure>>,
}

impl<S: Swept, const N: usize> Nest<'_, S, N> {
    /// Runs the operations from `level` on; each that no interrupt brings follows the one before it.
    fn run(&self, level: usize) {
        let operation = self.operations[level];
        // No lock is held while an interrupt may come.
        let mut guard = self.guards[level].lock().take();
        let mut answer = Answer::Refused;
        let mut operate = || match self.subject.run(operation, &mut guard, N - 1) {
            Ok(right) => answer = right,
            Err(failure) => *self.failure.lock() = Some(failure),
        };
        if level + 1 == N {
            operate();
        } else {
            let within = || self.run(level + 1);
            let came = (self.interrupt)(self.delays[level], &within, &mut operate);
            self.came[level].store(came, Ordering::Relaxed);
            if !came {
                within();
            }
        }
        *self.answers[level].lock() = answer;
    }
}
