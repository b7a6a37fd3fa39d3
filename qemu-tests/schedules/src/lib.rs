//! Random programs of a few threads on one map, recorded as histories and checked: under schedules that
//! shuttle chooses (`schedules`), and on real threads for as long as wanted (`soak`).

mod cached;
mod program;
pub mod soak;
mod subject;

pub use cached::Kept;
pub use program::{Call, Program, history_of, perform};
pub use subject::{CheckThenAct, Held, Narrow, Subject, Wide};
