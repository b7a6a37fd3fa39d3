//! Random programs of a few threads on one map, recorded as histories and checked: under schedules that
//! shuttle chooses (`schedules`), and on real threads for as long as wanted (`soak`).
//!
//! A history is written in the text format of the crate that checks recorded histories: see
//! [`History`]'s `Display`.

mod check;
mod event;
mod program;
pub mod soak;
mod subject;

pub use check::check;
pub use event::{Event, History, Kind, Outcome};
pub use program::{Call, Program, perform};
pub use subject::{CheckThenAct, Held, Narrow, Subject, Wide, in_guards};
