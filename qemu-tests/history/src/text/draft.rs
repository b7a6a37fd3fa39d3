//! One history, line by line.

use std::collections::BTreeMap;

use crate::text::{LETTERS, has_guards};
use crate::{Answer, Clock, History, Kind, Op};

/// Keys for inserts into a pool that returned no identifier: from the largest downwards.
const NAMELESS: u64 = u64::MAX;

/// A history of which the end has not been read.
pub(super) struct Draft {
    history: History,
    contexts: usize,
    own: bool,
    pool: bool,
    nameless: u64,
    syncs: Vec<[u64; 4]>,
}

impl Draft {
    pub(super) fn begin(fields: &[&str]) -> Result<Draft, String> {
        let (head, refuses) = match fields {
            [head @ .., "refuses"] => (head, true),
            _ => (fields, false),
        };
        let &[_, subject, capacity, contexts, clock] = head else {
            return Err("not `H SUBJECT CAPACITY CONTEXTS CLOCK [refuses]`".into());
        };
        let own = match clock {
            "shared" => false,
            "own" => true,
            _ => return Err(format!("no clock '{clock}'")),
        };
        let pool = subject.starts_with("pool");
        let guards = has_guards(subject);
        let history = History {
            subject: subject.into(),
            capacity: hex(capacity)? as usize,
            clock: if own { Clock::Windows } else { Clock::Shared },
            refuses_replacements: guards || refuses,
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

    pub(super) fn sync(&mut self, fields: &[&str]) -> Result<(), String> {
        let &[_, a, from, b, to] = fields else {
            return Err("not `S SEQ_A CTX_A SEQ_B CTX_B`".into());
        };
        if !self.own {
            return Err("a line `S` beside a shared clock".into());
        }
        self.syncs.push([hex(a)?, hex(from)?, hex(b)?, hex(to)?]);
        Ok(())
    }

    pub(super) fn end(mut self) -> Result<History, String> {
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
