//! A key that is put in once, while the map that uses it may be used already.
//!
//! ```text
//!            put                written
//!  Unset ──────────► Putting ────────────► Set
//!    │                  │
//!    └──────get─────────┴────────────────► Fixed
//! ```
//!
//! `Set` and `Fixed` are final: whoever was told of one key is never told of another (`K-FINAL`), so that no
//! entry is looked for where it is not. Whoever needs a key while there is none decides that there will be
//! none. It waits for nobody: an interrupt handler that comes between a `put`'s two steps makes that `put`
//! fail.

use core::fmt;
use tagged_arena::sync::{AtomicUsize, Ordering};
use tagged_arena::{const_new, init};

/// Neither is there a key, nor did anybody need one.
const UNSET: usize = 0;
/// A `put` writes one.
const PUTTING: usize = 1;
/// There is one.
const SET: usize = 2;
/// There is none, and will be none.
const FIXED: usize = 3;

/// A key's bytes.
type Key = [u8; 16];

/// One word of a key.
type Word = [u8; size_of::<usize>()];

const WORDS: usize = size_of::<Key>() / size_of::<usize>();

/// A key that is put in once.
pub(crate) struct Seed {
    state: AtomicUsize,
    key: [AtomicUsize; WORDS],
}

/// Why a seed was not taken. Nothing has changed then.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum SeedError {
    /// There is one already, or another context is about to put one in. (If a look-up comes in between, that
    /// one may fail, too: [`is_seeded`](crate::SeededState::is_seeded) says how it ended. So it does where
    /// the memory has outlived a reset: one within this call leaves the map without a seed.)
    Seeded,
    /// Something was hashed before, without a seed: entries may depend on it.
    InUse,
}

impl fmt::Display for SeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Seeded => "there is a seed already",
            Self::InUse => "something was hashed before the seed came",
        })
    }
}

impl core::error::Error for SeedError {}

impl Seed {
    const_new! {
        /// Without a key: all zero bits.
        pub fn new() -> Self {
            Self {
                state: init!(AtomicUsize),
                key: init!([AtomicUsize; WORDS]),
            }
        }
    }

    /// With this key.
    #[cfg(not(tagged_arena_loom))]
    pub(crate) const fn with(key: Key) -> Self {
        let words = words(key);
        let mut seed = Self::new();
        let mut at = 0;
        while at < WORDS {
            seed.key[at] = AtomicUsize::new(words[at]);
            at += 1;
        }
        seed.state = AtomicUsize::new(SET);
        seed
    }

    /// Puts the key in, if it is the first one, and none was needed before. Wait-free.
    pub(crate) fn put(&self, key: Key) -> Result<(), SeedError> {
        // Relaxed: it only keeps others from writing the words below.
        self.state
            .compare_exchange(UNSET, PUTTING, Ordering::Relaxed, Ordering::Relaxed)
            .map_err(refused)?;
        for (place, word) in self.key.iter().zip(words(key)) {
            place.store(word, Ordering::Relaxed);
        }
        // (28) Release: pairs with (29): who sees `SET` sees the words.
        self.state
            .compare_exchange(PUTTING, SET, Ordering::Release, Ordering::Relaxed)
            .map_err(refused)?;
        Ok(())
    }

    /// The key, if there is one: for ever the same answer. Wait-free.
    #[inline]
    pub(crate) fn get(&self) -> Option<Key> {
        // (29) Acquire: pairs with (28).
        let set = match self.state.load(Ordering::Acquire) {
            SET => true,
            FIXED => false,
            state => self.settle(state),
        };
        set.then(|| {
            let mut key = Key::default();
            for (bytes, word) in key.chunks_exact_mut(size_of::<Word>()).zip(&self.key) {
                bytes.copy_from_slice(&word.load(Ordering::Relaxed).to_le_bytes());
            }
            key
        })
    }

    /// Whether there is a key. Decides nothing.
    pub(crate) fn is_set(&self) -> bool {
        // Relaxed: an answer that stands for itself.
        self.state.load(Ordering::Relaxed) == SET
    }

    /// From a state that is not final: says that there will be no key, unless there is one now. The state
    /// changes twice at most, so this ends.
    #[cold]
    #[inline(never)]
    fn settle(&self, mut state: usize) -> bool {
        while state < SET {
            // (29) Acquire, on failure: pairs with (28). Relaxed on success: nothing is read or published.
            match self
                .state
                .compare_exchange(state, FIXED, Ordering::Relaxed, Ordering::Acquire)
            {
                Ok(_) => return false,
                Err(now) => state = now,
            }
        }
        state == SET
    }
}

/// Why no key was put in in this state.
fn refused(state: usize) -> SeedError {
    if state == FIXED {
        SeedError::InUse
    } else {
        SeedError::Seeded
    }
}

const fn words(key: Key) -> [usize; WORDS] {
    let mut words = [0; WORDS];
    let mut at = 0;
    while at < size_of::<Key>() {
        let shift = 8 * (at % size_of::<Word>());
        words[at / size_of::<Word>()] |= (key[at] as usize) << shift;
        at += 1;
    }
    words
}
