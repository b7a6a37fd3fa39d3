//! Interrupts operations on maps and pools at every instruction, and says how often and where.
//!
//! The lines of its output, which `cargo qemu verify interrupts` reads:
//!
//! - `sweep,NAME,CASES,POINTS,NESTED`: a sweep of pairs or triples is done.
//! - `case,NAME,OPERATION`: an operation whose coverage is measured, or that is traced; what follows
//!   is about it.
//! - `hits,ADDRESS,…`: where interrupts came, in order, in hexadecimal.
//! - `wrong,ADDRESS,TEXT`: an interrupt there led to this, with a planted fault.
//! - `failure,TEXT`: something is wrong.
//! - `done`: the end.
#![cfg_attr(target_os = "none", no_std, no_main)]
// There is no heap to put a failure on.
#![allow(clippy::result_large_err)]

mod args;
mod cover;
mod planted;
mod window;

use args::{Args, Part};
use scenarios::reentrant::{SWEEPS, Tally};
use scenarios::{Failure, Interrupt};
use targets::exit::Status;
use targets::{boot, interrupt};

targets::entry!(main);

fn main() -> Status {
    let args = match Args::parse(boot::args()) {
        Ok(args) => args,
        Err(error) => {
            targets::eprintln!("sweep-image: {error}");
            return Status::failure(2);
        }
    };
    if !interrupt::AVAILABLE {
        targets::eprintln!("sweep-image: there are no interrupts here: it runs on boards");
        return Status::failure(2);
    }
    let good = match args.part {
        Part::Pairs => sweeps(&args, |sweep| (sweep.pairs)(interrupt::during, args.stride)),
        // Some boards interrupt no handler.
        Part::Triples if !interrupt::NESTS => true,
        Part::Triples => sweeps(&args, |sweep| {
            (sweep.triples)(interrupt::during, args.sample)
        }),
        Part::Cover | Part::Trace => cover::each(&args, args.part == Part::Trace),
        Part::Planted => planted::sweep(&args),
        Part::PlantedTrace => planted::trace(),
    };
    if !good {
        return Status::failure(1);
    }
    targets::println!("done");
    Status::SUCCESS
}

/// Runs a sweep of each subject; says whether all was right.
fn sweeps(
    args: &Args<'_>,
    run: impl Fn(&scenarios::reentrant::Sweep) -> Result<Tally, Failure>,
) -> bool {
    let mut good = true;
    for sweep in SWEEPS.iter().filter(|sweep| args.selects(sweep.name)) {
        match run(sweep) {
            Ok(Tally {
                cases,
                points,
                nested,
            }) => targets::println!("sweep,{},{cases},{points},{nested}", sweep.name),
            Err(failure) => {
                targets::println!("failure,{}: {failure}", sweep.name);
                good = false;
            }
        }
    }
    good
}

/// Interrupts, with the operation in the window.
const WINDOWED: Interrupt =
    |delay, handler, work| interrupt::during(delay, handler, &mut || window::open(work));

/// No interrupt, with the operation in the window. One could come: a critical section that ends in
/// another way where none can is executed as in [`WINDOWED`].
const UNDISTURBED: Interrupt = |_, handler, work| {
    const LONGEST: u32 = (1 << 24) - 1;

    interrupt::during(LONGEST, handler, &mut || window::open(work))
};
