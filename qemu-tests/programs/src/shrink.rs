//! The smallest part of a program that still fails.

use crate::program::Program;

/// Leaves operations out, one at a time, as long as the program `fails`; what it failed with comes last.
pub fn smallest<F>(
    mut program: Program,
    mut failure: F,
    mut fails: impl FnMut(&Program) -> Option<F>,
) -> (Program, F) {
    loop {
        let smaller = program.smaller().into_iter();
        let mut failing = smaller.filter_map(|smaller| fails(&smaller).map(|why| (smaller, why)));
        match failing.next() {
            Some(smaller) => (program, failure) = smaller,
            None => return (program, failure),
        }
    }
}
