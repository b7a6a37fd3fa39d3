//! Whether an interrupt came at every instruction.
//!
//! Two independent witnesses: the emulator's trace says which instructions the undisturbed operation
//! executes ([`trace`](super::trace)); the interrupt's handler in the guest says where each interrupt
//! came, which is the address that the processor returns to. The operation is the same in each run:
//! on a new subject, by the same code. Before the interrupt it does what the undisturbed one does.
//!
//! An interrupt comes before an instruction. *Covered* is an instruction before which one came, out of
//! those before which interrupts are not masked. Instructions before which they always are (inside a
//! critical section, on processors without compare-and-swap) are counted apart, and no interrupt may
//! have come there. *Passages* are the same for each time that an instruction is executed.

use std::collections::BTreeSet;

use super::image::Case;
use super::trace::Traced;

/// What the coverage of one operation comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Instructions before which an interrupt came.
    pub covered: usize,
    /// Instructions before which none came, though none was masked.
    pub missed: Vec<u64>,
    /// Instructions before which interrupts are always masked.
    pub masked: usize,
    /// How many in a row are executed so, at most: for so long an interrupt may wait.
    pub longest: usize,
    /// Those of them before which one came nevertheless.
    pub wrong: Vec<u64>,
    /// Executions of instructions before which an interrupt came, of so many.
    pub passages: (usize, usize),
}

impl Coverage {
    /// Compares the two.
    pub fn of(traced: &Traced, case: &Case) -> Coverage {
        let places = |masked: bool| {
            let steps = traced.steps.iter().filter(move |step| step.1 == masked);
            steps.map(|step| step.0).collect::<BTreeSet<_>>()
        };
        let open = places(false);
        let masked: BTreeSet<_> = places(true).difference(&open).copied().collect();
        let hits: BTreeSet<_> = case.hits.iter().copied().collect();
        Coverage {
            covered: open.intersection(&hits).count(),
            missed: open.difference(&hits).copied().collect(),
            masked: masked.len(),
            longest: longest(traced),
            wrong: masked.intersection(&hits).copied().collect(),
            passages: passages(traced, case),
        }
    }

    /// Whether each instruction that can be interrupted was, each time that it is executed.
    pub fn is_complete(&self) -> bool {
        self.missed.is_empty() && self.wrong.is_empty() && self.passages.0 == self.passages.1
    }
}

/// The most instructions in a row before which interrupts are masked.
fn longest(traced: &Traced) -> usize {
    let sections = traced.steps.split(|step| !step.1);
    sections.map(<[_]>::len).max().unwrap_or(0)
}

/// With growing delays the interrupts come along the trace: each at the step of the one before it, or at
/// a later one.
fn passages(traced: &Traced, case: &Case) -> (usize, usize) {
    let steps: Vec<u64> = traced.steps.iter().map(|step| step.0).collect();
    let all = traced.steps.iter().filter(|step| !step.1).count();
    let mut reached = 0;
    // The step of the last hit.
    let mut at = None;
    for &hit in &case.hits {
        if at.is_some_and(|at: usize| steps[at] == hit) {
            continue;
        }
        let from = at.map_or(0, |at| at + 1);
        if let Some(distance) = steps[from..].iter().position(|&step| step == hit) {
            at = Some(from + distance);
            reached += usize::from(!traced.steps[from + distance].1);
        }
    }
    (reached, all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traced(steps: &[(u64, bool)]) -> Traced {
        Traced {
            name: String::new(),
            steps: steps.to_vec(),
        }
    }

    fn case(hits: &[u64]) -> Case {
        Case {
            hits: hits.to_vec(),
            ..Case::default()
        }
    }

    /// 1, then 2 and 3 masked, and a loop over 4 and 5.
    const STEPS: [(u64, bool); 8] = [
        (1, false),
        (2, true),
        (3, true),
        (4, false),
        (5, false),
        (4, false),
        (5, false),
        (6, false),
    ];

    #[test]
    fn everything() {
        // 99 is outside; a tick is less than an instruction.
        let hits = [99, 1, 1, 4, 5, 5, 4, 5, 6, 99];
        let coverage = Coverage::of(&traced(&STEPS), &case(&hits));
        assert!(coverage.is_complete(), "{coverage:?}");
        assert_eq!((coverage.covered, coverage.masked), (4, 2));
        assert_eq!(coverage.longest, 2);
        assert_eq!(coverage.passages, (6, 6));
    }

    #[test]
    fn a_gap_and_a_passage_less() {
        let coverage = Coverage::of(&traced(&STEPS), &case(&[1, 5, 5, 6]));
        assert_eq!(coverage.missed, [4]);
        let coverage = Coverage::of(&traced(&STEPS), &case(&[1, 4, 5, 6]));
        assert!(coverage.missed.is_empty() && !coverage.is_complete());
        assert_eq!(coverage.passages, (4, 6));
    }

    #[test]
    fn an_interrupt_where_they_are_masked() {
        let coverage = Coverage::of(&traced(&STEPS), &case(&[1, 3, 4, 5, 4, 5, 6]));
        assert_eq!(coverage.wrong, [3]);
    }
}
