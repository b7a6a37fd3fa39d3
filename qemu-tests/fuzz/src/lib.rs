//! Sequences of operations, decoded from bytes, on one thread: each map against
//! `std::collections::HashMap`, the pool against a list of identifiers.
//!
//! [`run_bytes`] is what a fuzzer calls. It panics where the subject and its model differ. All sizes
//! are small (`N` of 1 to 8, `EXTRA` of 0 to 9), so that full arenas, reused cells and held entries are
//! the rule.

mod copy;
mod drive;
mod input;
mod map;
mod planted;
mod pool;
mod subject;
#[cfg(test)]
mod tests;

pub use drive::drive;
pub use input::{Input, Kind, Op};
pub use planted::{Fault, Planted};
pub use subject::{Counted, Ledger, Spread, Subject};

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls `$go::<N, EXTRA>` for the size that a number names. Each `N` of 1 to 8 and each `EXTRA` of 0 to 9
/// occurs.
macro_rules! sized {
    ($size:expr, $input:expr, $go:ident $(, $type:ty)?) => {{
        use $crate::sized;
        sized!(@ $size, $input, $go, [$($type)?],
            (0: 1 0) (1: 1 1) (2: 2 0) (3: 2 2) (4: 3 0) (5: 3 3) (6: 4 0) (7: 4 4) (8: 5 5)
            (9: 6 1) (10: 6 6) (11: 7 0) (12: 7 7) (13: 8 0) (14: 8 8) (15: 1 9))
    }};
    (@ $size:expr, $input:expr, $go:ident, $type:tt, $(($at:literal: $n:literal $extra:literal))*) => {
        match $size % 16 {
            $($at => sized!(! $input, $go, $type, $n, $extra),)*
            _ => unreachable!("a remainder of 16"),
        }
    };
    (! $input:expr, $go:ident, [], $n:literal, $extra:literal) => { $go::<$n, $extra>($input) };
    (! $input:expr, $go:ident, [$type:ty], $n:literal, $extra:literal) => {
        $go::<$type, $n, $extra>($input)
    };
}
pub(crate) use sized;

/// Runs the input that these bytes stand for.
///
/// # Panics
/// If the subject does not do what its model does.
pub fn run_bytes(bytes: &[u8]) {
    run(&Input::decode(bytes), None);
}

/// Runs an input, on a subject with a planted fault if there is one, and returns the number of operations.
///
/// # Panics
/// If the subject does not do what its model does.
pub fn run(input: &Input, fault: Option<Fault>) -> u64 {
    let task = (input, fault);
    match input.kind {
        Kind::CopyWord => copy::run::<u32>(task),
        Kind::CopyBytes => copy::run::<[u8; 3]>(task),
        Kind::CopyPair => copy::run::<[u64; 2]>(task),
        Kind::CopyWide => copy::run::<[u64; 5]>(task),
        Kind::Map => map::run(task),
        Kind::Pool => pool::run(task),
    }
    input.ops.len() as u64
}

/// [`run`], with the panic's text if there was one.
///
/// # Errors
/// What the subject did wrong.
pub fn check(input: &Input, fault: Option<Fault>) -> Result<u64, String> {
    catch_unwind(AssertUnwindSafe(|| run(input, fault))).map_err(|panic| text(&*panic))
}

fn text(panic: &(dyn Any + Send)) -> String {
    if let Some(text) = panic.downcast_ref::<String>() {
        text.clone()
    } else if let Some(text) = panic.downcast_ref::<&str>() {
        (*text).to_owned()
    } else {
        "a panic without a text".to_owned()
    }
}

/// The input with all operations left out that its failure does not need, and the failure.
pub fn minimise(input: &Input, fault: Option<Fault>) -> (Input, String) {
    let mut least = input.clone();
    let mut failure = String::new();
    let mut piece = least.ops.len().max(1);
    while piece > 0 {
        let mut at = 0;
        while at < least.ops.len() {
            let mut less = least.clone();
            less.ops.drain(at..(at + piece).min(less.ops.len()));
            match check(&less, fault) {
                Err(text) => (least, failure) = (less, text),
                Ok(_) => at += piece,
            }
        }
        piece /= 2;
    }
    if failure.is_empty() {
        failure = check(&least, fault).err().unwrap_or_default();
    }
    (least, failure)
}
