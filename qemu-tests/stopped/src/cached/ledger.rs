//! Which values have been put in, and which have come back.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

use super::{Answer, Call, Op, PLACES};

/// Values that are numbered through, the key in the low byte.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    put: BTreeSet<u64>,
    back: BTreeSet<u64>,
    now: u32,
    serial: u64,
}

/// The key that a value belongs to.
fn key_of(value: u64) -> u64 {
    value & 0xFF
}

impl Ledger {
    /// An operation that begins a tick later than the last one; what it may put in counts as put in.
    pub fn call(&mut self, op: Op) -> Call {
        self.now += 1;
        self.serial += 1;
        let value = self.serial << 8 | op.puts().unwrap_or_default();
        if op.puts().is_some() {
            self.put.insert(value);
        }
        Call {
            op,
            value,
            now: self.now,
        }
    }

    /// Takes note of what an operation has shown and given back.
    ///
    /// # Errors
    /// If a value was shown that was not there, or one came back that had been given back before.
    pub fn take(&mut self, call: Call, answer: Answer) -> Result<()> {
        for (key, value) in answer.seen {
            self.is_known(key, value)?;
            ensure!(
                !self.back.contains(&value),
                "{call} shows a value that had come back: {value}"
            );
        }
        for (key, value) in answer.back {
            self.is_known(key, value)?;
            ensure!(
                self.back.insert(value),
                "{call} gives a value back the second time: {value}"
            );
        }
        if let Some(count) = answer.count {
            ensure!(count <= PLACES, "{count} entries, where {PLACES} are kept");
        }
        Ok(())
    }

    /// The same of one that began when `then` was known: what it shows may have been given back since. How
    /// many entries there were is not known.
    ///
    /// # Errors
    /// As [`take`](Self::take).
    pub fn take_late(&mut self, call: Call, answer: Answer, then: &Self) -> Result<()> {
        for &(key, value) in &answer.seen {
            self.is_known(key, value)?;
            ensure!(
                !then.back.contains(&value),
                "{call} shows a value that had come back: {value}"
            );
        }
        let back = answer.back;
        self.take(
            call,
            Answer {
                back,
                ..Answer::default()
            },
        )
    }

    fn is_known(&self, key: u64, value: u64) -> Result<()> {
        ensure!(
            key == key_of(value) && self.put.contains(&value),
            "key {key} with a value that it never had: {value}"
        );
        Ok(())
    }

    /// Values that have been put in and have not come back.
    pub fn out(&self) -> Vec<u64> {
        self.put.difference(&self.back).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_comes_back_once_and_is_not_seen_after_that() {
        let mut ledger = Ledger::default();
        let insert = ledger.call(Op::Insert(7));
        ledger.take(insert, Answer::default()).unwrap();
        let pair = (7, insert.value);
        let seen = || Answer {
            seen: vec![pair],
            ..Answer::default()
        };
        let back = || Answer {
            back: vec![pair],
            ..Answer::default()
        };
        let get = ledger.call(Op::Get(7));
        ledger.take(get, seen()).unwrap();
        assert_eq!(ledger.out(), [insert.value]);
        let before = ledger.clone();
        let remove = ledger.call(Op::Remove(7));
        ledger.take(remove, back()).unwrap();
        assert_eq!(ledger.out(), []);
        assert!(ledger.clone().take(remove, back()).is_err());
        assert!(ledger.clone().take(get, seen()).is_err());
        assert!(ledger.clone().take_late(get, seen(), &before).is_ok());
        assert!(ledger.clone().take_late(get, seen(), &ledger).is_err());
        let wrong = Answer {
            seen: vec![(8, insert.value)],
            ..Answer::default()
        };
        assert!(ledger.take_late(get, wrong, &before).is_err());
        let count = |count| Answer {
            count: Some(count),
            ..Answer::default()
        };
        assert!(ledger.take(get, count(PLACES)).is_ok() && ledger.take(get, count(9)).is_err());
    }
}
