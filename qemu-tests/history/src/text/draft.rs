//! One history, line by line.

use crate::text::LETTERS;
use crate::{Answer, History, Kind, Op};

/// Keys for inserts into a pool that returned no identifier: from the largest downwards.
const NAMELESS: u64 = u64::MAX;

/// A history of which the end has not been read.
pub(super) struct Draft {
    history: History,
    contexts: usize,
    nameless: u64,
}

impl Draft {
    pub(super) fn begin(fields: &[&str]) -> Result<Draft, String> {
        let &[_, subject, capacity, spares, guards, contexts] = fields else {
            return Err("not `H SUBJECT CAPACITY SPARES GUARDS CONTEXTS`".into());
        };
        let number = |text| Ok::<_, String>(maybe(text)?.map(|number| number as usize));
        let history = History {
            subject: subject.into(),
            capacity: hex(capacity)? as usize,
            spares: number(spares)?,
            guards: number(guards)?,
            ops: Vec::new(),
        };
        Ok(Draft {
            history,
            contexts: hex(contexts)? as usize,
            nameless: NAMELESS,
        })
    }

    pub(super) fn operation(&mut self, fields: &[&str]) -> Result<(), String> {
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
        let answer = if self.history.is_pool() && kind == Kind::Insert {
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
        if key.is_some() != kind.has_key() || argument.is_some() != kind.has_argument() {
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

    pub(super) fn end(self) -> History {
        self.history
    }
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
        (_, "F", "") if kind.refusable() => Answer::Full,
        (Kind::TryInsert, "o", value) => Answer::There(hex(value)?),
        (Kind::Retain, "d", "") => Answer::Done,
        (Kind::Contains | Kind::IsEmpty | Kind::IsFull | Kind::Retain, ..) => {
            return Err(refused());
        }
        (Kind::GetOrInsert, "n", _) | (Kind::TryInsert, "s", _) => return Err(refused()),
        (_, "n", "") => Answer::Absent,
        (_, "s", value) => Answer::There(hex(value)?),
        _ => return Err(refused()),
    })
}
