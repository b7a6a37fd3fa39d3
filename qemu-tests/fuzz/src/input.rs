//! What a fuzzer chooses.

use arbitrary::{Arbitrary, Unstructured};

/// A subject, its size and what is done to it.
#[derive(Clone, Debug, Arbitrary)]
pub struct Input {
    /// The subject.
    pub kind: Kind,
    /// Which of the pairs of `N` and `EXTRA`.
    pub size: u8,
    /// All keys in one bucket.
    pub one_chain: bool,
    /// The operations.
    pub ops: Vec<Op>,
}

/// A subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Arbitrary)]
pub enum Kind {
    /// A `CopyMap` whose values are half a word: changed in place.
    CopyWord,
    /// A `CopyMap` whose values are three bytes: changed in place.
    CopyBytes,
    /// A `CopyMap` whose values are two words.
    CopyPair,
    /// A `CopyMap` whose values are too large to be copied with the key.
    CopyWide,
    /// A `Map` whose values count their drops.
    Map,
    /// A `Pool` whose values count their drops.
    Pool,
}

/// One operation. `hold` keeps the guard that it returns; `key` is taken modulo the keys in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Arbitrary)]
#[allow(missing_docs)]
pub enum Op {
    Insert { key: u8, hold: bool },
    TryInsert { key: u8, hold: bool },
    GetOrInsert { key: u8, hold: bool },
    Update { key: u8, hold: bool },
    Upsert { key: u8, hold: bool },
    Compute { key: u8, what: What, hold: bool },
    Remove { key: u8, hold: bool },
    RemoveIf { key: u8, wanted: bool, hold: bool },
    Retain { odd: bool },
    Clear,
    Get { key: u8, hold: bool },
    Iterate { hold: bool },
    Release { at: u8 },
    ReleaseAll,
}

/// What `compute` decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Arbitrary)]
#[allow(missing_docs)]
pub enum What {
    Put,
    Remove,
    Keep,
}

impl Input {
    /// The input that these bytes stand for: too few of them are an input with fewer operations.
    pub fn decode(bytes: &[u8]) -> Input {
        let mut bytes = Unstructured::new(bytes);
        let mut input = Input {
            kind: bytes.arbitrary().unwrap_or(Kind::Map),
            size: bytes.arbitrary().unwrap_or(0),
            one_chain: bytes.arbitrary().unwrap_or(false),
            ops: Vec::new(),
        };
        while !bytes.is_empty() {
            match bytes.arbitrary() {
                Ok(op) => input.ops.push(op),
                Err(_) => break,
            }
        }
        input
    }
}
