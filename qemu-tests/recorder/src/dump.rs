//! The text of a history, as the crate `history` reads it.

use core::fmt;

use spin::Mutex;
use targets::clock;

use crate::log::{Answer, Kind, LOGS, Log, Record};

/// What the first line says.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// The map's name; that of a pool begins with `pool`.
    pub name: &'static str,
    /// How many entries it promises to hold.
    pub capacity: usize,
    /// Cells beyond these, kept for replacements.
    pub spares: Option<usize>,
    /// How many guards each core may hold between its operations.
    pub guards: Option<usize>,
    /// How many cores took part.
    pub cores: usize,
    /// A reading of the clock before they started.
    pub base: u64,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |f: &mut fmt::Formatter<'_>, number: Option<usize>| match number {
            Some(number) => write!(f, " {number:x}"),
            None => f.write_str(" -"),
        };
        write!(f, "H {} {:x}", self.name, self.capacity)?;
        number(f, self.spares)?;
        number(f, self.guards)?;
        write!(f, " {:x}", self.cores)
    }
}

/// Prints what the cores did, and says how many operations that was.
pub fn print(head: &Head, mut line: impl FnMut(fmt::Arguments<'_>)) -> u64 {
    let mut count = 0;
    line(format_args!("{head}"));
    // Times are told from the first start on: shorter numbers are sooner sent.
    let first = |log: &Mutex<Log>| log.lock().records.first().map(|record| record.start);
    let starts = LOGS.iter().take(head.cores).filter_map(first);
    let since = starts.map(|start| clock::ticks_between(head.base, start));
    let head = &Head {
        base: head.base.wrapping_add(since.min().unwrap_or(0)),
        ..*head
    };
    for (core, log) in LOGS.iter().take(head.cores).enumerate() {
        let log = log.lock();
        for record in &log.records {
            let text = Line {
                head,
                core,
                log: &log,
                record,
            };
            line(format_args!("{text}"));
        }
        count += log.records.len() as u64;
    }
    line(format_args!("E"));
    count
}

/// The line of one operation.
struct Line<'a> {
    head: &'a Head,
    core: usize,
    log: &'a Log,
    record: &'a Record,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Record {
            kind,
            key,
            argument,
            answer,
            ..
        } = *self.record;
        let since = |time| clock::ticks_between(self.head.base, time);
        write!(f, "h {:x} {:x} ", self.core, since(self.record.start))?;
        match answer {
            Answer::Open => f.write_str("-")?,
            _ => write!(f, "{:x}", since(self.record.end))?,
        }
        let (letter, has_key, has_argument) = match kind {
            Kind::Get => ("g", true, false),
            Kind::Contains => ("c", true, false),
            // The identifier in a pool is an answer.
            Kind::Insert => ("i", !self.head.name.starts_with("pool"), true),
            Kind::TryInsert => ("t", true, true),
            Kind::GetOrInsert => ("o", true, true),
            Kind::GetById => ("y", true, true),
            Kind::Remove => ("r", true, false),
            Kind::RemoveIf => ("d", true, true),
            Kind::RemoveById => ("x", true, true),
            Kind::Retain => ("k", true, true),
            Kind::Set => ("u", true, true),
            Kind::Add => ("a", true, true),
            Kind::Upsert => ("p", true, true),
            Kind::Compute => ("m", true, true),
            Kind::Len => ("l", false, false),
            Kind::IsEmpty => ("e", false, false),
            Kind::IsFull => ("f", false, false),
            Kind::Walk => ("w", false, false),
        };
        write!(f, " {letter}")?;
        for (has, number) in [(has_key, key), (has_argument, argument)] {
            match has {
                true => write!(f, " {number:x}")?,
                false => f.write_str(" -")?,
            }
        }
        match answer {
            Answer::Open => f.write_str(" -"),
            Answer::Absent => f.write_str(" n"),
            Answer::There(value) if kind == Kind::TryInsert => write!(f, " o{value:x}"),
            Answer::There(value) => write!(f, " s{value:x}"),
            Answer::Full => f.write_str(" F"),
            Answer::Done => f.write_str(" d"),
            Answer::Is(true) => f.write_str(" t"),
            Answer::Is(false) => f.write_str(" f"),
            Answer::Number(number) => write!(f, " {number:x}"),
            Answer::Named(id) => write!(f, " k{id:x}"),
            Answer::Entries { count: 0, .. } => f.write_str(" ."),
            Answer::Entries { first, count } => {
                let entries = self.log.entries.iter().skip(first).take(count);
                entries.enumerate().try_for_each(|(i, (key, value))| {
                    let before = if i == 0 { ' ' } else { ',' };
                    write!(f, "{before}{key:x}:{value:x}")
                })
            }
        }
    }
}
