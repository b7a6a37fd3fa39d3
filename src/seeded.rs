//! The hasher against adversaries: SipHash with a key that comes at run time.

use crate::seed::{Seed, SeedError};
use core::fmt;
use core::hash::{BuildHasher, Hasher};
use siphasher::sip::SipHasher13;
use tagged_arena::const_new;

/// Builds hashers that an adversary who chooses keys cannot predict: SipHash-1-3, keyed with a secret seed.
///
/// Use it where keys come from outside (addresses, names, identifiers in packets): without the seed nobody
/// can find keys that share a bucket, on 32-bit targets neither. It is the hash function of Rust's standard
/// library.
///
/// The seed is 16 bytes, from a hardware random number generator, say. A `static` map is made without it
/// ([`new`](Self::new): all zero bits, so that it lies in `.bss`), and gets it once, at run time, before the
/// map is used for the first time:
///
/// ```
/// use arenamap::{CopyMap, SeedError, SeededState};
///
/// static PEERS: CopyMap<u32, u16, 64, 8, SeededState> = CopyMap::with_hasher(SeededState::new());
///
/// # fn random() -> [u8; 16] { [7; 16] }
/// PEERS.hasher().seed(random())?;               // before interrupts that use the map are enabled
/// assert!(PEERS.hasher().is_seeded());
/// PEERS.insert(0x0A00_0001, 443).expect("there is room");
/// assert_eq!(PEERS.get(&0x0A00_0001), Some(443));
///
/// assert_eq!(PEERS.hasher().seed(random()), Err(SeedError::Seeded));   // too late: nothing has changed
/// # Ok::<(), SeedError>(())
/// ```
///
/// # No `Default`
///
/// What makes a map by itself and fills it (`TryFrom`, serde's `Deserialize`) takes a hasher that is
/// `Default`. This one is not: the map would be in use before it could get a seed, and so never get one.
/// Make the map with the seed, `with_hasher(SeededState::with_seed(seed))`, and then fill it: by
/// `try_extend`, or, with the feature `serde`, by `DeserializeSeed`, which a reference to it implements.
///
/// # What happens when
///
/// * *The map is used before it has a seed* (any operation that hashes, look-ups included): it works from
///   then on with a fixed key, and refuses the seed ([`SeedError::InUse`]). **It does not hold against an
///   adversary then.** It does not wait, because an interrupt handler cannot.
/// * *A second seed* is refused ([`SeedError::Seeded`]); so is each but one of several that are put in at
///   once.
/// * *The map is used while the seed is put in*, by another core or an interrupt handler: one of the two is
///   first. Either all use the seed, or it is refused as above. No entry is ever lost.
///
/// A hash costs one load that is shared with nobody who writes, and SipHash's four rounds of 64-bit
/// arithmetic for a key of up to seven bytes: several times as much as the default. Of the key's words a
/// core reads its own copy, so reads of a [`CopyMap`](crate::CopyMap) scale as before; the first operation
/// without a seed writes one word.
pub struct SeededState(Seed);

impl SeededState {
    const_new! {
        /// Without a seed: all zero bits.
        pub fn new() -> Self {
            Self(Seed::new())
        }
    }

    /// With this seed: for a map that is made at run time.
    ///
    /// ```
    /// use arenamap::{Map, SeededState};
    ///
    /// let map: Map<&str, u32, 8, 8, SeededState> = Map::with_hasher(SeededState::with_seed([7; 16]));
    /// assert!(map.hasher().is_seeded());
    /// ```
    #[cfg(not(tagged_arena_loom))]
    pub const fn with_seed(seed: [u8; 16]) -> Self {
        Self(Seed::with(seed))
    }

    /// Seeds it, once, before the first use: see the type's text for what happens later.
    ///
    /// Wait-free. Complexity: constant. Interrupts: yes. Panics: never.
    ///
    /// # Errors
    /// [`SeedError`] says why the seed was not taken. Nothing has changed then.
    pub fn seed(&self, seed: [u8; 16]) -> Result<(), SeedError> {
        self.0.put(seed)
    }

    /// Whether it has a seed. Wait-free. Complexity: constant. Interrupts: yes. Panics: never.
    pub fn is_seeded(&self) -> bool {
        self.0.is_set()
    }
}

/// Without the seed, which is a secret.
impl fmt::Debug for SeededState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeededState")
            .field("seeded", &self.is_seeded())
            .finish_non_exhaustive()
    }
}

impl BuildHasher for SeededState {
    type Hasher = SeededHasher;

    #[inline]
    fn build_hasher(&self) -> SeededHasher {
        SeededHasher(SipHasher13::new_with_key(&self.0.get().unwrap_or_default()))
    }
}

/// The state of SipHash-1-3: see [`SeededState`].
#[derive(Clone)]
pub struct SeededHasher(SipHasher13);

/// Without the state, from which the seed can be told.
impl fmt::Debug for SeededHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeededHasher { .. }")
    }
}

impl Hasher for SeededHasher {
    #[inline]
    fn finish(&self) -> u64 {
        self.0.finish()
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    #[inline]
    fn write_u8(&mut self, value: u8) {
        self.0.write_u8(value);
    }

    #[inline]
    fn write_u16(&mut self, value: u16) {
        self.0.write_u16(value);
    }

    #[inline]
    fn write_u32(&mut self, value: u32) {
        self.0.write_u32(value);
    }

    #[inline]
    fn write_u64(&mut self, value: u64) {
        self.0.write_u64(value);
    }

    #[inline]
    fn write_usize(&mut self, value: usize) {
        self.0.write_usize(value);
    }
}
