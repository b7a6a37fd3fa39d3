//! Histories as text: what the recorder of a board prints.
//!
//! A history begins with `H SUBJECT CAPACITY SPARES GUARDS CONTEXTS`, goes on with a line for each
//! operation, `h CTX START END KIND KEY ARG RESULT`, and ends with `E`. Numbers are hexadecimal, a missing
//! one is `-`, as is END and RESULT of an operation that never ended. SPARES are the cells that are kept for
//! replacements (`-`: these need no cell), GUARDS how many a context may hold between its operations (`-`:
//! there are none). The name of a pool begins with `pool`. Lines that begin with none of these words are not
//! part of a history.

mod draft;
#[cfg(test)]
mod tests;
mod write;

use std::fmt;
use std::io::BufRead;

use crate::text::draft::Draft;
use crate::{Answer, History, Kind, Op, Violation};

pub use crate::text::write::write;

/// The letters of the kinds.
const LETTERS: [(Kind, char); 18] = [
    (Kind::Get, 'g'),
    (Kind::Contains, 'c'),
    (Kind::Insert, 'i'),
    (Kind::TryInsert, 't'),
    (Kind::GetOrInsert, 'o'),
    (Kind::GetById, 'y'),
    (Kind::Remove, 'r'),
    (Kind::RemoveIf, 'd'),
    (Kind::RemoveById, 'x'),
    (Kind::Retain, 'k'),
    (Kind::Set, 'u'),
    (Kind::Add, 'a'),
    (Kind::Upsert, 'p'),
    (Kind::Compute, 'm'),
    (Kind::Len, 'l'),
    (Kind::IsEmpty, 'e'),
    (Kind::IsFull, 'f'),
    (Kind::Walk, 'w'),
];

/// Why a text has no verdict, or a bad one.
#[derive(Debug)]
pub enum Failure {
    /// The text is not a history.
    Malformed(Malformed),
    /// No order of the operations explains a history of this subject.
    Violation {
        /// The subject.
        subject: String,
        /// What is wrong.
        violation: Violation,
    },
    /// The text holds no operation at all: nothing was checked.
    Nothing,
}

/// A line that cannot be read.
#[derive(Debug)]
pub struct Malformed {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

/// What was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Histories.
    pub histories: u64,
    /// Operations.
    pub operations: u64,
    /// Of them those that never ended.
    pub open: u64,
    /// Of them those that were refused.
    pub refusals: u64,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(malformed) => malformed.fmt(f),
            Self::Violation { subject, violation } => {
                write!(f, "{subject}: {}", crate::show::timeline(violation))
            }
            Self::Nothing => f.write_str("no operation was recorded"),
        }
    }
}

impl std::error::Error for Malformed {}
impl std::error::Error for Failure {}

/// Checks all histories of a text.
///
/// # Errors
/// The first line that cannot be read or the first violation.
pub fn check(text: &str) -> Result<Summary, Failure> {
    check_all(Reader::new(text.as_bytes()))
}

/// Checks all histories that a reader finds, one at a time.
///
/// # Errors
/// As [`check`].
pub fn check_all<R: BufRead>(reader: Reader<R>) -> Result<Summary, Failure> {
    let mut summary = Summary::default();
    for history in reader {
        let history = history.map_err(Failure::Malformed)?;
        summary.histories += 1;
        summary.operations += history.ops.len() as u64;
        let count = |wanted: fn(&&Op) -> bool| history.ops.iter().filter(wanted).count() as u64;
        summary.open += count(|op| op.end.is_none());
        summary.refusals += count(|op| op.answer == Some(Answer::Full));
        crate::check(&history).map_err(|violation| Failure::Violation {
            subject: history.subject.clone(),
            violation,
        })?;
    }
    if summary.operations == 0 {
        return Err(Failure::Nothing);
    }
    Ok(summary)
}

/// The histories of a text, one after the other.
pub struct Reader<R> {
    source: R,
    line: usize,
    failed: bool,
}

impl<R: BufRead> Reader<R> {
    /// Reads from there.
    pub fn new(source: R) -> Self {
        Self {
            source,
            line: 0,
            failed: false,
        }
    }

    /// The next history, `None` at the end of the text.
    fn read(&mut self) -> Result<Option<History>, String> {
        let mut open: Option<Draft> = None;
        let mut text = String::new();
        loop {
            text.clear();
            self.line += 1;
            let bytes = self.source.read_line(&mut text);
            if bytes.map_err(|error| error.to_string())? == 0 {
                return match open {
                    Some(_) => Err("the text ends within a history".into()),
                    None => Ok(None),
                };
            }
            let fields: Vec<&str> = text.split_ascii_whitespace().collect();
            let inside = || "outside a history".to_owned();
            match fields.first().copied() {
                Some("H") if open.is_some() => return Err("a history without its end".into()),
                Some("H") => open = Some(Draft::begin(&fields)?),
                Some("h") => open.as_mut().ok_or_else(inside)?.operation(&fields)?,
                Some("E") if fields.len() == 1 => {
                    return open.map(Draft::end).ok_or_else(inside).map(Some);
                }
                _ => {}
            }
        }
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<History, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let result = self.read().map_err(|what| Malformed {
            line: self.line,
            what,
        });
        self.failed = result.is_err();
        result.transpose()
    }
}
