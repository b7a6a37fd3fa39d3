//! Histories as text: what the recorder of a board prints.
//!
//! A history begins with `H SUBJECT CAPACITY CONTEXTS CLOCK`, goes on with a line for each operation,
//! `h CTX START END KIND KEY ARG RESULT`, and ends with `E`. Numbers are hexadecimal, a missing one is `-`, as is
//! END and RESULT of an operation that never ended. CLOCK is `shared`, or `own`: then START and END count
//! within the context, and lines `S SEQ_A CTX_A SEQ_B CTX_B` say that what `CTX_A` did up to `SEQ_A` came before
//! what `CTX_B` did from `SEQ_B` on. They come from barriers of all contexts: each barrier gives one line for
//! each ordered pair of contexts. Lines that begin with none of these words are not part of a history.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufRead, Write};

use crate::{Answer, Clock, History, Kind, Op, Violation};

/// The letters of the kinds.
const LETTERS: [(Kind, char); 12] = [
    (Kind::Get, 'g'),
    (Kind::Contains, 'c'),
    (Kind::Insert, 'i'),
    (Kind::TryInsert, 't'),
    (Kind::GetOrInsert, 'o'),
    (Kind::Remove, 'r'),
    (Kind::Set, 'u'),
    (Kind::Add, 'a'),
    (Kind::Len, 'l'),
    (Kind::IsEmpty, 'e'),
    (Kind::IsFull, 'f'),
    (Kind::Walk, 'w'),
];

/// Keys for inserts into a pool that returned no identifier: from the largest downwards.
const NAMELESS: u64 = u64::MAX;

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
                Some("S") => open.as_mut().ok_or_else(inside)?.sync(&fields)?,
                Some("E") if fields.len() == 1 => {
                    return open.ok_or_else(inside)?.end().map(Some);
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

/// A history of which the end has not been read.
struct Draft {
    history: History,
    contexts: usize,
    own: bool,
    pool: bool,
    nameless: u64,
    syncs: Vec<[u64; 4]>,
}

impl Draft {
    fn begin(fields: &[&str]) -> Result<Draft, String> {
        let &[_, subject, capacity, contexts, clock] = fields else {
            return Err("not `H SUBJECT CAPACITY CONTEXTS CLOCK`".into());
        };
        let own = match clock {
            "shared" => false,
            "own" => true,
            _ => return Err(format!("no clock '{clock}'")),
        };
        let pool = subject.starts_with("pool");
        // Guards of a `Map` or a pool take cells, spare ones as well.
        let guards = pool || subject.starts_with("map");
        let history = History {
            subject: subject.into(),
            capacity: hex(capacity)? as usize,
            clock: if own { Clock::Windows } else { Clock::Shared },
            refuses_replacements: guards,
            holds: guards,
            ops: Vec::new(),
        };
        Ok(Draft {
            history,
            contexts: hex(contexts)? as usize,
            own,
            pool,
            nameless: NAMELESS,
            syncs: Vec::new(),
        })
    }

    fn operation(&mut self, fields: &[&str]) -> Result<(), String> {
        let &[_, context, start, end, kind, key, argument, result] = fields else {
            return Err("not `h CTX START END KIND KEY ARG RESULT`".into());
        };
        let letter = |(_, letter): &&(Kind, char)| kind.chars().eq([*letter]);
        let known = LETTERS.iter().find(letter);
        let kind = known.ok_or_else(|| format!("no kind '{kind}'"))?.0;
        let (start, end) = (hex(start)?, maybe(end)?);
        let context = hex(context)? as usize;
        if context >= self.contexts {
            return Err(format!("there is no context {context:x}"));
        }
        if end.is_some_and(|end| end < start) {
            return Err("an end before the start".into());
        }
        if end.is_none() != (result == "-") {
            return Err("a result without an end, or the other way round".into());
        }
        let (mut key, argument) = (maybe(key)?, maybe(argument)?);
        let answer = if self.pool && kind == Kind::Insert {
            if key.is_some() {
                return Err("an insert into a pool has no key".into());
            }
            let name = result.strip_prefix('k').map(hex).transpose()?;
            key = name.or_else(|| {
                // Nobody else knows the identifier.
                self.nameless -= 1;
                Some(self.nameless)
            });
            match result {
                "-" => None,
                "F" => Some(Answer::Full),
                _ if name.is_some() => Some(Answer::Absent),
                _ => return Err(format!("no result '{result}'")),
            }
        } else {
            end.map(|_| answer(kind, result)).transpose()?
        };
        let takes_value = kind.writes() && kind != Kind::Remove;
        if key.is_some() != kind.has_key() || argument.is_some() != takes_value {
            return Err("a key or an argument too many or missing".into());
        }
        self.history.ops.push(Op {
            context,
            start,
            end,
            kind,
            key: key.unwrap_or(0),
            argument: argument.unwrap_or(0),
            answer,
        });
        Ok(())
    }

    fn sync(&mut self, fields: &[&str]) -> Result<(), String> {
        let &[_, a, from, b, to] = fields else {
            return Err("not `S SEQ_A CTX_A SEQ_B CTX_B`".into());
        };
        if !self.own {
            return Err("a line `S` beside a shared clock".into());
        }
        self.syncs.push([hex(a)?, hex(from)?, hex(b)?, hex(to)?]);
        Ok(())
    }

    fn end(mut self) -> Result<History, String> {
        if self.own {
            let barriers = barriers(&self.syncs, self.contexts)?;
            self.history.ops.sort_by_key(|op| (op.context, op.start));
            for op in &mut self.history.ops {
                let own = barriers.iter().map(|barrier| barrier[op.context]);
                let start = own.clone().filter(|(_, from)| *from <= op.start).count() as u64;
                let end = op.end.unwrap_or(op.start);
                let end = own.filter(|(until, _)| *until < end).count() as u64;
                if start != end {
                    return Err(format!(
                        "an operation of context {} spans a barrier",
                        op.context
                    ));
                }
                op.start = start;
                op.end = op.end.map(|_| end);
            }
        }
        Ok(self.history)
    }
}

/// Of each barrier and context: what came last before it, and what came first after it.
fn barriers(syncs: &[[u64; 4]], contexts: usize) -> Result<Vec<Vec<(u64, u64)>>, String> {
    let pairs = contexts * contexts.saturating_sub(1);
    if syncs.is_empty() {
        return Ok(Vec::new());
    }
    if pairs == 0 || syncs.len() % pairs != 0 {
        return Err("lines `S` that are not those of barriers of all contexts".into());
    }
    let mut barriers: Vec<Vec<(u64, u64)>> = Vec::new();
    for lines in syncs.chunks(pairs) {
        let (mut until, mut from) = (BTreeMap::new(), BTreeMap::new());
        let mut seen: Vec<(u64, u64)> = lines.iter().map(|line| (line[1], line[3])).collect();
        seen.sort_unstable();
        seen.dedup();
        let all = seen.len() == pairs
            && seen
                .iter()
                .all(|(a, b)| a != b && (*a.max(b) as usize) < contexts);
        let same = lines.iter().all(|&[a, context_a, b, context_b]| {
            *until.entry(context_a).or_insert(a) == a && *from.entry(context_b).or_insert(b) == b
        });
        if !all || !same {
            return Err("lines `S` that are not one barrier of all contexts".into());
        }
        let barrier: Vec<_> = until.into_values().zip(from.into_values()).collect();
        let before = barriers.last();
        let late = |(context, &(until, from)): (usize, &(u64, u64))| {
            until > from || before.is_some_and(|before| before[context].0 > until)
        };
        if barrier.iter().enumerate().any(late) {
            return Err("barriers that are not in order".into());
        }
        barriers.push(barrier);
    }
    Ok(barriers)
}

fn hex(text: &str) -> Result<u64, String> {
    let digits = text
        .bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let number = u64::from_str_radix(text, 16);
    number
        .ok()
        .filter(|_| digits)
        .ok_or_else(|| format!("no number '{text}'"))
}

fn maybe(text: &str) -> Result<Option<u64>, String> {
    match text {
        "-" => Ok(None),
        _ => hex(text).map(Some),
    }
}

fn answer(kind: Kind, result: &str) -> Result<Answer, String> {
    let refused = || format!("no result '{result}' of {kind:?}");
    let (letter, rest) = result.split_at_checked(1).ok_or_else(refused)?;
    let refusable = kind.writes() && kind != Kind::Remove;
    Ok(match (kind, letter, rest) {
        (Kind::Contains | Kind::IsEmpty | Kind::IsFull, "t" | "f", "") => Answer::Is(letter == "t"),
        (Kind::Len, ..) => Answer::Number(hex(result)?),
        (Kind::Walk, ".", "") => Answer::Entries(Vec::new()),
        (Kind::Walk, ..) => {
            let entry = |entry: &str| {
                let (key, value) = entry.split_once(':').ok_or_else(refused)?;
                Ok::<_, String>((hex(key)?, hex(value)?))
            };
            Answer::Entries(result.split(',').map(entry).collect::<Result<_, _>>()?)
        }
        (_, "F", "") if refusable => Answer::Full,
        (Kind::TryInsert, "o", value) => Answer::There(hex(value)?),
        (Kind::Contains | Kind::IsEmpty | Kind::IsFull, ..) => return Err(refused()),
        (Kind::GetOrInsert, "n", _) | (Kind::TryInsert, "s", _) => return Err(refused()),
        (_, "n", "") => Answer::Absent,
        (_, "s", value) => Answer::There(hex(value)?),
        _ => return Err(refused()),
    })
}

/// Writes a history whose contexts share a clock, so that it can be read again.
///
/// # Errors
/// Those of the writer.
pub fn write(history: &History, to: &mut impl Write) -> io::Result<()> {
    let contexts = history.ops.iter().map(|op| op.context + 1).max();
    let (subject, capacity) = (&history.subject, history.capacity);
    let contexts = contexts.unwrap_or(0);
    writeln!(to, "H {subject} {capacity:x} {contexts:x} shared")?;
    let pool = subject.starts_with("pool");
    for op in &history.ops {
        let letter = LETTERS.iter().find(|(kind, _)| *kind == op.kind);
        let letter = letter.map_or('?', |(_, letter)| *letter);
        let field = |has: bool, number: u64| {
            if has {
                format!("{number:x}")
            } else {
                "-".into()
            }
        };
        let names = pool && op.kind == Kind::Insert;
        let key = field(op.kind.has_key() && !names, op.key);
        let argument = field(op.kind.writes() && op.kind != Kind::Remove, op.argument);
        let end = field(op.end.is_some(), op.end.unwrap_or(0));
        let result = match &op.answer {
            None => "-".into(),
            Some(Answer::Absent) if names => format!("k{:x}", op.key),
            Some(Answer::Absent) => "n".into(),
            Some(Answer::There(value)) if op.kind == Kind::TryInsert => format!("o{value:x}"),
            Some(Answer::There(value)) => format!("s{value:x}"),
            Some(Answer::Full) => "F".into(),
            Some(Answer::Is(is)) => if *is { "t" } else { "f" }.into(),
            Some(Answer::Number(n)) => format!("{n:x}"),
            Some(Answer::Entries(entries)) if entries.is_empty() => ".".into(),
            Some(Answer::Entries(entries)) => {
                let entry = |(key, value): &(u64, u64)| format!("{key:x}:{value:x}");
                entries.iter().map(entry).collect::<Vec<_>>().join(",")
            }
        };
        let (context, start) = (op.context, op.start);
        writeln!(
            to,
            "h {context:x} {start:x} {end} {letter} {key} {argument} {result}"
        )?;
    }
    writeln!(to, "E")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Copies, Workload, record, record_pool};

    const GOOD: &str = "something else\nH copy_map::wide 8 2 shared\nh 0 1 2 i 1 5 n\nnoise\n\
        h 1 3 - u 1 6 -\nh 0 3 4 g 1 - s5\nh 0 5 6 w - - 1:6\nh 0 7 8 l - - 1\nh 0 9 a t 1 7 o6\nE\n";

    fn malformed(text: &str) -> (usize, String) {
        match check(text) {
            Err(Failure::Malformed(Malformed { line, what })) => (line, what),
            other => panic!("{other:?} of {text}"),
        }
    }

    #[test]
    fn a_text_is_read_and_checked() {
        let summary = check(GOOD).unwrap();
        let expected = Summary {
            histories: 1,
            operations: 6,
            open: 1,
            refusals: 0,
        };
        assert_eq!(summary, expected);
        let twice = format!("{GOOD}{GOOD}");
        assert_eq!(check(&twice).unwrap().histories, 2);
        for (right, wrong) in [
            ("g 1 - s5", "g 1 - n"),
            ("1:6", "."),
            ("l - - 1", "l - - 2"),
        ] {
            let text = GOOD.replace(right, wrong);
            assert!(
                matches!(check(&text), Err(Failure::Violation { .. })),
                "{wrong}"
            );
        }
        assert!(matches!(check("no history"), Err(Failure::Nothing)));
    }

    #[test]
    fn what_is_cut_or_garbled_is_an_error_with_its_line() {
        let cut = GOOD.strip_suffix("E\n").unwrap();
        assert_eq!(
            malformed(cut),
            (10, "the text ends within a history".into())
        );
        let again = format!("{cut}{GOOD}");
        assert_eq!(malformed(&again), (11, "a history without its end".into()));
        for (right, wrong) in [
            ("h 0 1 2 i", "h 0 1 i"),
            ("h 0 1 2 i", "h 2 1 2 i"),
            ("h 0 1 2 i", "h 0 2 1 i"),
            ("h 0 1 2 i", "h 0 +1 2 i"),
            ("h 0 1 2 i", "h 0 1 2 I"),
            ("i 1 5 n", "i - 5 n"),
            ("i 1 5 n", "i 1 - n"),
            ("i 1 5 n", "i 1 5 -"),
            ("i 1 5 n", "i 1 5 o1"),
            ("i 1 5 n", "i 1 5 t"),
            ("i 1 5 n", "i 1 5 é"),
        ] {
            let (line, what) = malformed(&GOOD.replace(right, wrong));
            assert_eq!(line, 3, "{wrong}: {what}");
        }
        let (line, _) = malformed("h 0 1 2 g 1 - n\n");
        assert_eq!(line, 1);
    }

    #[test]
    fn lines_about_order_must_be_barriers() {
        let with = |lines: &str| format!("H copy_map 8 2 own\nh 0 1 3 i 1 5 n\n{lines}E\n");
        assert!(check(&with("S 3 0 1 1\nS 0 1 4 0\n")).is_ok());
        for lines in [
            "S 3 0 1 1\n",
            "S 3 0 1 1\nS 3 0 1 1\n",
            "S 2 0 1 1\nS 0 1 3 0\n",
            "S 3 0 1 2\nS 0 2 4 0\n",
        ] {
            malformed(&with(lines));
        }
        malformed(&with("S 3 0 1 1\n").replace("own", "shared"));
    }

    #[test]
    fn the_identifier_is_the_key_of_a_pool() {
        let text = "H pool 4 2 shared\nh 0 1 2 i - 5 k30\nh 1 1 - i - 6 -\nh 0 3 4 g 30 - s5\n\
            h 0 5 6 r 30 - s5\nh 1 7 8 c 30 - f\nh 0 9 a i - 7 F\nE\n";
        assert_eq!(check(text).unwrap().operations, 6);
        let wrong = text.replace("c 30 - f", "c 30 - t");
        assert!(matches!(check(&wrong), Err(Failure::Violation { .. })));
        let twice = text.replace("h 0 3 4 g 30 - s5", "h 0 3 4 i - 8 k30");
        assert!(matches!(check(&twice), Err(Failure::Violation { .. })));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let load = Workload {
            threads: 3,
            steps: 300,
            keys: 6,
            values: u64::MAX,
            seed: 1,
        };
        let map = Copies(arenamap::CopyMap::<u64, u64, 4>::new());
        let pool = tagged_arena::Pool::<u64, 8>::new();
        for history in [
            record("copy_map::full", &map, load),
            record_pool(&pool, load),
        ] {
            let mut text = Vec::new();
            write(&history, &mut text).unwrap();
            let read = Reader::new(&text[..]).next().unwrap().unwrap();
            assert_eq!(read.ops.len(), history.ops.len());
            let mut again = Vec::new();
            write(&read, &mut again).unwrap();
            assert_eq!(again, text);
            check_all(Reader::new(&text[..])).unwrap();
        }
    }
}
