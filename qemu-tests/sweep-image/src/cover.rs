//! Each operation alone, in the same state each time, with an interrupt after each number of ticks:
//! where did it come?

use crate::args::Args;
use crate::{UNDISTURBED, WINDOWED};
use scenarios::reentrant::model::{KINDS, Kind};
use scenarios::reentrant::{
    CopyOneChain, CopySpread, MapById, MapOneChain, MapSpread, PoolTable, Swept, once,
};
use scenarios::{Failure, Interrupt};
use targets::interrupt;

/// The handler's operation: it changes what most of the others look at.
const INNER: Kind = Kind::Insert;
/// Key 0 is there or not; others always are.
const PRESENT: [u32; 2] = [0b1010, 0b1011];
/// An operation has ended before the interrupt for so many delays in turn.
const BEYOND: u32 = 4;

/// What a subject's operations are run on: a new one each time.
struct Subject {
    name: &'static str,
    has: fn(Kind) -> bool,
    once: fn(Interrupt, Kind, u32, u32) -> Result<bool, Failure>,
}

const fn subject<S: Swept + Default>(name: &'static str) -> Subject {
    Subject {
        name,
        has: S::has,
        once: |interrupt, kind, present, delay| {
            let subject = S::default();
            once(&subject, interrupt, [(kind, 0), (INNER, 0)], present, delay)
        },
    }
}

const SUBJECTS: &[Subject] = &[
    subject::<CopyOneChain>("copy_map::one_chain"),
    subject::<MapOneChain>("map::one_chain"),
    subject::<PoolTable>("pool"),
    subject::<CopySpread>("copy_map::spread"),
    subject::<MapSpread>("map::spread"),
    subject::<MapById>("map::by_id"),
];

/// Runs an operation, once `undisturbed` or with an interrupt at each delay. From one place, so that its
/// stack is the same: by the stack's address a hold chooses its slot.
#[inline(never)]
fn runs(
    stride: u32,
    undisturbed: bool,
    run: &dyn Fn(Interrupt, u32) -> Result<bool, Failure>,
) -> Result<(), Failure> {
    let undisturbed = core::hint::black_box(undisturbed);
    let kind = if undisturbed { UNDISTURBED } else { WINDOWED };
    let mut hits = Hits::default();
    let (mut delay, mut missed) = (1, 0);
    while missed < BEYOND {
        let came = run(kind, delay)?;
        if undisturbed {
            return match came {
                true => Err(Failure::new(format_args!("disturbed"))),
                false => Ok(()),
            };
        }
        if came {
            hits.push(interrupt::place());
            missed = 0;
        } else {
            missed += 1;
        }
        delay += stride;
    }
    hits.flush();
    Ok(())
}

/// Says of each operation where the interrupts came, or runs it once `undisturbed`; whether all was right. One
/// function for both, called from one place: see [`runs`].
#[inline(never)]
pub fn each(args: &Args<'_>, undisturbed: bool) -> bool {
    let mut good = true;
    for subject in SUBJECTS.iter().filter(|subject| args.selects(subject.name)) {
        for kind in KINDS.into_iter().filter(|kind| (subject.has)(*kind)) {
            for present in PRESENT {
                let there = if present & 1 == 1 {
                    "present"
                } else {
                    "absent"
                };
                targets::println!("case,{},{kind:?} {there}", subject.name);
                let run = |interrupt, delay| (subject.once)(interrupt, kind, present, delay);
                if let Err(failure) = runs(args.stride, undisturbed, &run) {
                    targets::println!("failure,{} {kind:?}: {failure}", subject.name);
                    good = false;
                }
            }
        }
    }
    good
}

/// Prints places, several in a line.
#[derive(Default)]
pub struct Hits {
    places: [usize; 8],
    count: usize,
}

impl Hits {
    /// One more.
    pub fn push(&mut self, place: usize) {
        self.places[self.count] = place;
        self.count += 1;
        if self.count == self.places.len() {
            self.flush();
        }
    }

    /// Prints what is left.
    pub fn flush(&mut self) {
        let [a, b, c, d, e, f, g, h] = self.places;
        if self.count > 0 {
            // 0 is no place.
            targets::println!("hits,{a:x},{b:x},{c:x},{d:x},{e:x},{f:x},{g:x},{h:x}");
        }
        *self = Self::default();
    }
}
