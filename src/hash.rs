//! The default hasher: constant to construct, quick on 32-bit cores, seedable. And what a map makes of the
//! hash of any hasher.

use core::hash::{BuildHasher, Hasher};

/// Builds [`DefaultHasher`]s. Its own bits are zero without a seed, so that a `static` map lies in
/// `.bss`.
///
/// The hash is a multiply-and-fold (64-bit targets) or a rotate-multiply with one more round at the end
/// (32-bit targets): one multiplication a word, and the bits that choose the bucket depend on every
/// input bit.
/// It is not a cryptographic hash. A seed ([`DefaultHashBuilder::with_seed`]) makes devices differ, so
/// that one device's unlucky keys are not another's; it does **not** stop an adversary who chooses
/// keys (on 32-bit targets some pairs of 64-bit keys collide whatever the seed). Against one, use
/// `SeededState` (feature `siphash`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DefaultHashBuilder {
    seed: usize,
}

impl DefaultHashBuilder {
    /// Without a seed.
    pub const fn new() -> Self {
        Self { seed: 0 }
    }

    /// With a seed, which ought to differ between devices.
    pub const fn with_seed(seed: usize) -> Self {
        Self { seed }
    }
}

impl BuildHasher for DefaultHashBuilder {
    type Hasher = DefaultHasher;

    #[inline(always)]
    fn build_hasher(&self) -> DefaultHasher {
        DefaultHasher(self.seed ^ START)
    }
}

/// The state of the default hash function: see [`DefaultHashBuilder`].
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct DefaultHasher(usize);

/// Not zero, so that zero keys do not stay zero: bits of pi (of a golden ratio, turned, on 32-bit targets).
#[cfg(target_pointer_width = "64")]
const START: usize = 0x1319_8A2E_0370_7344;
#[cfg(not(target_pointer_width = "64"))]
const START: usize = 0x55FD29F;

#[cfg(target_pointer_width = "64")]
#[inline(always)]
fn mix(state: usize, word: usize) -> usize {
    // The golden ratio's bits: of the multipliers tried the one under which regular keys (multiples,
    // pointers) fill groups most evenly, with this start (tests `spread`).
    const MULTIPLIER: u128 = 0x9E37_79B9_7F4A_7C15;
    let product = (state ^ word) as u128 * MULTIPLIER;
    product as usize ^ (product >> 64) as usize
}

#[cfg(not(target_pointer_width = "64"))]
#[inline(always)]
fn mix(state: usize, word: usize) -> usize {
    // By about half a word: what the first half of a `u64` leaves in the highest bits must not meet the
    // lowest ones of the second half.
    (state.rotate_left(15) ^ word).wrapping_mul(0x9E37_79B1)
}

#[cfg(target_pointer_width = "64")]
#[inline(always)]
fn finish(state: usize) -> usize {
    state
}

#[cfg(not(target_pointer_width = "64"))]
#[inline(always)]
fn finish(state: usize) -> usize {
    (state ^ (state >> 15)).wrapping_mul(0x85EB_CA6B)
}

impl DefaultHasher {
    #[inline(always)]
    fn word(&mut self, word: usize) {
        self.0 = mix(self.0, word);
    }
}

impl Hasher for DefaultHasher {
    // `NativeHash::new` undoes `unmixed`, and the compiler leaves both out: a map pays nothing for what
    // makes up for weaker hashers.
    #[inline(always)]
    fn finish(&self) -> u64 {
        unmixed(finish(self.0))
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(size_of::<usize>());
        for chunk in &mut chunks {
            let mut word = [0; size_of::<usize>()];
            word.copy_from_slice(chunk);
            self.word(usize::from_le_bytes(word));
        }
        let rest = chunks.remainder();
        if !rest.is_empty() {
            let mut word = [0; size_of::<usize>()];
            word[..rest.len()].copy_from_slice(rest);
            // The length keeps "a" and "a\0" apart. Turned, the state keeps them from a whole word that ends
            // with it: if that hashes alike, then not under each seed.
            word[size_of::<usize>() - 1] ^= rest.len() as u8;
            self.0 = self.0.rotate_left(HALF - 3);
            self.word(usize::from_le_bytes(word));
        }
    }

    #[inline(always)]
    fn write_u8(&mut self, value: u8) {
        self.word(value as usize);
    }

    #[inline(always)]
    fn write_u16(&mut self, value: u16) {
        self.word(value as usize);
    }

    #[inline(always)]
    fn write_u32(&mut self, value: u32) {
        self.word(value as usize);
    }

    #[inline(always)]
    fn write_u64(&mut self, value: u64) {
        self.word(value as usize);
        #[cfg(not(target_pointer_width = "64"))]
        self.word((value >> 32) as usize);
    }

    #[inline(always)]
    fn write_usize(&mut self, value: usize) {
        self.word(value);
    }
}

/// What a hash is multiplied by, before and after its high half is mixed into the low one: of the factors of
/// well-known hash functions the pair under which regular keys fill groups most evenly (tests `spread`).
#[cfg(target_pointer_width = "64")]
const MIX: [usize; 2] = [0x9E37_79B9_7F4A_7C15, 0xBF58_476D_1CE4_E5B9];
#[cfg(not(target_pointer_width = "64"))]
const MIX: [usize; 2] = [0x85EB_CA6B, 0xC2B2_AE35];

/// The factors that undo them.
const UNMIX: [usize; 2] = [inverse(MIX[0]), inverse(MIX[1])];

/// Half of a native word. So `x ^ x >> HALF` undoes itself.
const HALF: u32 = usize::BITS / 2;

/// Every bit of the hash counts in every bit of the result, above all in the highest ones, which choose the
/// bucket: so hashers will do that leave high bits alone (the key itself, a 32-bit hash on a 64-bit target).
#[inline(always)]
const fn mixed(hash: usize) -> usize {
    let hash = hash.wrapping_mul(MIX[0]);
    (hash ^ hash >> HALF).wrapping_mul(MIX[1])
}

/// The hash of which [`mixed`] makes this.
#[inline(always)]
const fn unmixed(native: usize) -> u64 {
    let hash = native.wrapping_mul(UNMIX[1]);
    (hash ^ hash >> HALF).wrapping_mul(UNMIX[0]) as u64
}

/// The inverse of an odd number, by Newton's method: each step doubles the number of right bits, of which an
/// odd number has three for its own.
const fn inverse(odd: usize) -> usize {
    let mut inverse = odd;
    let mut right = 3;
    while right < usize::BITS {
        inverse = inverse.wrapping_mul(2usize.wrapping_sub(odd.wrapping_mul(inverse)));
        right *= 2;
    }
    inverse
}

/// For tests with hashers that choose a key's bucket: what such a hasher has to return for its keys to be in
/// the bucket that the highest bits say, with the lowest ones as their label (of both 32-bit halves, one xor
/// the other, on 32-bit targets).
#[doc(hidden)]
pub const fn placed(place: u64) -> u64 {
    if usize::BITS == 64 {
        unmixed(place as usize)
    } else {
        unmixed((place ^ (place >> 32)) as usize)
    }
}

/// What a map makes of a hash: of the default hasher's, what it would have returned if no map had mixed it.
/// For comparisons with other maps that are to pay no more for it than ours.
#[doc(hidden)]
#[inline(always)]
pub fn place(hash: u64) -> usize {
    NativeHash::new(hash).0
}

/// A hash, mixed and cut to the native word: where a key lives, and its label: a part to tell keys apart by.
#[derive(Clone, Copy)]
pub(crate) struct NativeHash(usize);

impl NativeHash {
    #[inline(always)]
    pub(crate) fn new(hash: u64) -> Self {
        if usize::BITS == 64 {
            Self(mixed(hash as usize))
        } else {
            // No sum or exclusive or of the halves: they may be equal.
            let high = ((hash >> 32) as usize).wrapping_mul(0xCC9E_2D51);
            Self(mixed((hash as usize).wrapping_add(high)))
        }
    }

    /// The bucket among `buckets`, from the high bits.
    #[inline(always)]
    pub(crate) fn bucket(self, buckets: usize) -> usize {
        if buckets == 1 {
            0
        } else if buckets.is_power_of_two() {
            self.0 >> (usize::BITS - buckets.trailing_zeros())
        } else if usize::BITS == 64 {
            ((self.0 as u128 * buckets as u128) >> 64) as usize
        } else {
            ((self.0 as u64 * buckets as u64) >> 32) as usize
        }
    }

    /// All bits.
    #[cfg(all(test, not(tagged_arena_loom)))]
    pub(crate) fn whole(self) -> usize {
        self.0
    }

    /// The low bits, for the cell's label.
    #[inline(always)]
    pub(crate) fn label(self) -> u16 {
        self.0 as u16
    }
}

/// The number of buckets for so many cells: a power of two where that wastes less than an eighth of
/// them (the bucket is then a shift), else all of them (a multiplication).
pub(crate) const fn buckets(cells: usize) -> usize {
    let power = 1 << (usize::BITS - 1 - cells.leading_zeros());
    if power >= cells - cells / 8 {
        power
    } else {
        cells
    }
}

#[cfg(all(test, not(tagged_arena_loom)))]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_never_more_than_cells() {
        for cells in 1..if cfg!(miri) { 100 } else { 5000 } {
            let buckets = buckets(cells);
            assert!(buckets >= 1 && buckets <= cells && buckets >= cells - cells / 8);
            for hash in [0, 1, u64::MAX / 2, u64::MAX - 1, u64::MAX] {
                assert!(NativeHash::new(hash).bucket(buckets) < buckets);
            }
        }
        assert_eq!(buckets(264), 256);
        assert_eq!(buckets(1000), 1000);
    }

    /// The fullest bucket of `keys` with as many buckets.
    fn fullest(keys: impl Iterator<Item = u64>, buckets: usize) -> usize {
        let mut counts = std::vec![0usize; buckets];
        for key in keys {
            let hash = DefaultHashBuilder::new().hash_one(key);
            counts[NativeHash::new(hash).bucket(buckets)] += 1;
        }
        counts.into_iter().max().unwrap_or(0)
    }

    #[test]
    fn common_key_patterns_spread() {
        // As many keys as buckets: by chance the fullest of 4096 holds 6 to 8.
        let n = if cfg!(miri) { 64 } else { 4096 };
        for shift in [0, 1, 4, 8, 12, 16, 32, 40, 52] {
            let longest = fullest((0..n).map(|i| i << shift), n as usize);
            assert!(longest <= 12, "stride 1 << {shift}: {longest}");
        }
        for stride in [
            3,
            7,
            1000,
            4096,
            0x1_0001,
            0x1_0000_0001,
            0x9E37_79B9_7F4A_7C15,
        ] {
            let longest = fullest((0..n).map(|i: u64| i.wrapping_mul(stride)), n as usize);
            assert!(longest <= 12, "stride {stride}: {longest}");
        }
    }

    #[test]
    fn a_seed_moves_the_keys() {
        let places = |seed| {
            let hasher = DefaultHashBuilder::with_seed(seed);
            core::array::from_fn::<_, 32, _>(|key| {
                NativeHash::new(hasher.hash_one(key)).bucket(256)
            })
        };
        assert_ne!(places(0x5EED), places(0));
        assert_ne!(places(0x5EED), places(0x5EEE));
        // Not only moved all by as much: other keys share a bucket.
        let apart = |seed| places(seed).map(|place| place ^ places(seed)[0]);
        assert_ne!(apart(0x5EED), apart(0));
    }

    #[test]
    fn bytes_of_different_length_differ() {
        let hash = |bytes: &[u8]| {
            let mut hasher = DefaultHashBuilder::with_seed(7).build_hasher();
            hasher.write(bytes);
            hasher.finish()
        };
        assert_ne!(hash(b"a"), hash(b"a\0"));
        assert_ne!(hash(b"12345678"), hash(b"123456789"));
        assert_ne!(hash(b"1234567\x01"), hash(b"1234567"));
    }
}
