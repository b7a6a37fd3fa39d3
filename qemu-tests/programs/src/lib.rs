//! Random small programs under loom.
//!
//! Two or three contexts do one to three operations each on a map of one to three entries. Loom tries all
//! their interleavings up to a number of preemptions, and each memory order that the language permits. The
//! answers of each must fit some sequential order of all operations on the *whole* map: see [`explained`].

mod call;
#[cfg(tagged_arena_loom)]
mod explore;
mod faulty;
mod order;
mod program;
mod shrink;
mod subject;

pub use call::{Answer, Call, Event, Key, Value};
#[cfg(tagged_arena_loom)]
pub use explore::{Limits, Outcome, explore};
pub use faulty::Fault;
pub use order::{Rest, Run, explained};
pub use program::{Case, Fences, Kind, Program, Spread};
pub use shrink::smallest;
pub use subject::{Alive, Subject, make};

#[cfg(test)]
mod tests;
