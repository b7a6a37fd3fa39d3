//! What a writer does after it lost a race for a word.

use tagged_arena::sync::{NARROW, pause};

/// 2 to this many pauses after the first lost race ...
const FIRST: u32 = 4;
/// ... and at most 2 to this many after a later one.
const MOST: u32 = 6;

/// Counts lost races. After each, its owner stays away from the contended word for a moment (16 to 64
/// of the processor's pauses), twice as long as the last time, so that the words that others are about
/// to change stay in their cores' caches. It waits for nobody: the moment ends by itself, whatever
/// others do.
///
/// Only where cores with caches share memory: elsewhere a lost race is rare, and code is dear.
pub(crate) struct Backoff(u32);

impl Backoff {
    pub(crate) const fn new() -> Self {
        Self(FIRST)
    }

    /// A race was lost.
    #[inline(always)]
    pub(crate) fn lost(&mut self) {
        if !NARROW {
            self.pause();
        }
    }

    #[cold]
    #[inline(never)]
    fn pause(&mut self) {
        for _ in 0..1 << self.0 {
            pause();
        }
        self.0 = MOST.min(self.0 + 1);
    }
}
