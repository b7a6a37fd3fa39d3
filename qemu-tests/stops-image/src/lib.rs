//! What the image and the program that stops its cores have in common: numbers, and where they lie.
//!
//! The two talk through words in the board's memory, which is a file of the host: the program writes a
//! list of operations and a number that says "go", the image writes answers, and comes to an instruction
//! at which the debugger stops it.
#![no_std]

/// Operations, as numbers.
pub mod kind {
    /// The key's value.
    pub const GET: u64 = 0;
    /// Whether the key is there.
    pub const CONTAINS: u64 = 1;
    /// Inserts or replaces.
    pub const INSERT: u64 = 2;
    /// Inserts, never replaces.
    pub const TRY_INSERT: u64 = 3;
    /// The value that is there or is put there.
    pub const GET_OR_INSERT: u64 = 4;
    /// Changes the value of a key that is there.
    pub const UPDATE: u64 = 5;
    /// Removes.
    pub const REMOVE: u64 = 6;
    /// All entries.
    pub const ITERATE: u64 = 7;
    /// The number of entries.
    pub const LEN: u64 = 8;
    /// Ends the last hold of an entry that was removed.
    pub const DROP_GUARD: u64 = 9;
    /// Holds an entry for ever.
    pub const HOLD: u64 = 10;
    /// A copy of the key's value, of a map that otherwise gives guards.
    pub const GET_COPIED: u64 = 11;
    /// Whether there is no entry.
    pub const IS_EMPTY: u64 = 12;
    /// Whether there are as many entries as the capacity.
    pub const IS_FULL: u64 = 13;
    /// How many cells are free.
    pub const FREE: u64 = 14;
    /// Inserts, or changes the value that is there.
    pub const UPSERT: u64 = 15;
    /// Inserts, changes the value that is there, or removes it if it is [`wanted`](super::wanted).
    pub const COMPUTE: u64 = 16;
    /// Removes a value that is [`wanted`](super::wanted).
    pub const REMOVE_IF: u64 = 17;
}

/// Answers, as numbers; each has a second word.
pub mod answer {
    /// There is no value.
    pub const NONE: u64 = 0;
    /// A value.
    pub const SOME: u64 = 1;
    /// 0 for no, 1 for yes.
    pub const BOOL: u64 = 2;
    /// A new key was inserted.
    pub const INSERTED: u64 = 3;
    /// The key was there, with this value.
    pub const OCCUPIED: u64 = 4;
    /// No cell is free.
    pub const FULL: u64 = 5;
    /// A number.
    pub const COUNT: u64 = 6;
    /// Entries: where their list begins, counted in entries, and in the upper half their number.
    pub const LIST: u64 = 7;
    /// Nothing.
    pub const DONE: u64 = 8;
    /// There is no such operation.
    pub const UNKNOWN: u64 = 9;
}

/// All keys are below this.
pub const KEYS: usize = 128;
/// A list of operations has at most so many.
pub const CALLS: usize = 1 << 14;
/// So many entries may be listed by one list of operations.
pub const ENTRIES: usize = 1 << 15;
/// So many entries may be listed by the operation that is stopped.
pub const OWN_ENTRIES: usize = 64;

/// What is looked at: the maps, then those with a planted fault.
pub const SUBJECTS: [&str; 18] = [
    "CopyMap wide",
    "CopyMap wide, one chain",
    "CopyMap wide, no spares",
    "CopyMap narrow",
    "CopyMap narrow, one chain",
    "CopyMap narrow, no spares",
    "Map",
    "Map, one chain",
    "Map, no spares",
    "Map, one hash",
    "Map without drop, one chain",
    "Map, more than spares",
    "Pool",
    "a lock",
    "three cells",
    "a gap",
    "lost update",
    "a leak",
];
/// The last so many have a planted fault.
pub const PLANTED: usize = 5;

/// The symbol of the array of words.
pub const WORDS_SYMBOL: &str = "STOPS_WORDS";

/// The symbols of instructions at which the debugger stops a core; the one after each has the same name and
/// [`symbol::AFTER`].
pub mod symbol {
    /// The first core has performed a list.
    pub const OTHERS: &str = "stops_others";
    /// The second core is about to begin its operation.
    pub const BEGUN: &str = "stops_begun";
    /// The second core has ended its operation.
    pub const ENDED: &str = "stops_ended";
    /// What a core that goes on is moved to.
    pub const AFTER: &str = "_after";
}

/// Which word of [`WORDS_SYMBOL`] is what.
pub mod word {
    use super::{CALLS, ENTRIES, KEYS, OWN_ENTRIES, SUBJECTS};

    /// The number of the list of operations that the first core shall perform.
    pub const OTHERS_GO: usize = 0;
    /// The number of the operation that the second core shall perform.
    pub const OWN_GO: usize = 1;
    /// What both look at: an index of [`SUBJECTS`].
    pub const SUBJECT: usize = 2;
    /// How many operations the list has.
    pub const COUNT: usize = 3;
    /// How many of them have been performed.
    pub const PERFORMED: usize = 4;
    /// The operation that is stopped: kind, key and value.
    pub const OWN_CALL: usize = 5;
    /// Its answer, two words.
    pub const OWN_ANSWER: usize = 8;
    /// The number of the list that was performed last.
    pub const OTHERS_DONE: usize = 10;
    /// Where each subject lies, and how many bytes it has.
    pub const PLACES: usize = 11;
    /// A hash for each key, so that all keys are in one chain.
    pub const HASHES: usize = PLACES + 2 * SUBJECTS.len();
    /// The operations: kind, key and value each.
    pub const LIST: usize = HASHES + KEYS;
    /// Their answers, two words each.
    pub const ANSWERS: usize = LIST + 3 * CALLS;
    /// The entries that they list, two words each.
    pub const LISTED: usize = ANSWERS + 2 * CALLS;
    /// The entries that the stopped operation lists.
    pub const OWN_LISTED: usize = LISTED + 2 * ENTRIES;
    /// How many words there are.
    pub const ALL: usize = OWN_LISTED + 2 * OWN_ENTRIES;
}

/// The value after an update of `old`: depends on both, and fits into 32 bits.
pub const fn changed(old: u64, value: u64) -> u64 {
    old.wrapping_mul(31).wrapping_add(value) & 0xFFFF_FFFF
}

/// Whether a removal with a condition wants a value.
pub const fn wanted(old: u64, value: u64) -> bool {
    (old ^ value) & 1 == 0
}
