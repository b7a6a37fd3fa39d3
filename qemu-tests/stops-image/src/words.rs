//! The words through which the image and the host talk.

use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::{Acquire, Relaxed};

use stops_image::{ENTRIES, OWN_ENTRIES, word};
use targets::cores;

/// See [`word`]. The host finds it by its symbol.
#[unsafe(no_mangle)]
static STOPS_WORDS: [AtomicU64; word::ALL] = [const { AtomicU64::new(0) }; word::ALL];

/// Reads a word.
pub fn get(index: usize) -> u64 {
    STOPS_WORDS[index].load(Relaxed)
}

/// Writes a word.
pub fn set(index: usize, value: u64) {
    STOPS_WORDS[index].store(value, Relaxed);
}

/// Waits until a word is another one.
pub fn wait(index: usize, last: u64) -> u64 {
    loop {
        let now = STOPS_WORDS[index].load(Acquire);
        if now != last {
            return now;
        }
        cores::pause();
    }
}

/// An operation with its arguments.
#[derive(Clone, Copy)]
pub struct Call {
    /// See [`stops_image::kind`].
    pub kind: u64,
    /// The key.
    pub key: u64,
    /// The value, or what the change depends on.
    pub value: u64,
}

impl Call {
    /// The one whose first word is there.
    pub fn at(index: usize) -> Self {
        Self {
            kind: get(index),
            key: get(index + 1),
            value: get(index + 2),
        }
    }
}

/// What an operation returned: see [`stops_image::answer`].
pub type Answer = [u64; 2];

/// Writes an answer.
pub fn put(index: usize, answer: Answer) {
    set(index, answer[0]);
    set(index + 1, answer[1]);
}

/// Room for the entries that operations list.
pub struct Room {
    start: usize,
    most: usize,
    used: usize,
}

impl Room {
    /// The first core's.
    pub fn of_others() -> Self {
        Self {
            start: word::LISTED,
            most: ENTRIES,
            used: 0,
        }
    }

    /// The stopped operation's.
    pub fn own() -> Self {
        Self {
            start: word::OWN_LISTED,
            most: OWN_ENTRIES,
            used: 0,
        }
    }

    /// Where the next list begins.
    pub fn used(&self) -> usize {
        self.used
    }

    /// One entry more. Without room it is not written, but counted: the host sees that.
    pub fn push(&mut self, key: u64, value: u64) {
        if self.used < self.most {
            put(self.start + 2 * self.used, [key, value]);
        }
        self.used += 1;
    }
}
