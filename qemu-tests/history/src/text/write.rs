//! A history as text.

use std::io::{self, Write};

use crate::text::LETTERS;
use crate::{Answer, History, Kind};

/// Writes a history so that it can be read again.
///
/// # Errors
/// Those of the writer.
pub fn write(history: &History, to: &mut impl Write) -> io::Result<()> {
    let contexts = history.ops.iter().map(|op| op.context + 1).max();
    let number = |number: Option<usize>| number.map_or("-".into(), |n| format!("{n:x}"));
    writeln!(
        to,
        "H {} {:x} {} {} {:x}",
        history.subject,
        history.capacity,
        number(history.spares),
        number(history.guards),
        contexts.unwrap_or(0)
    )?;
    let pool = history.is_pool();
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
        let argument = field(op.kind.has_argument(), op.argument);
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
            Some(Answer::Done) => "d".into(),
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
