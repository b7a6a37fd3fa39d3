//! The default hash, word for word, and the buckets that it chooses.

use crate::DefaultHashBuilder;
use crate::hash::{NativeHash, buckets};
use core::hash::{BuildHasher, Hasher};

/// The hash of what `write` writes.
fn hash(seed: usize, write: impl Fn(&mut dyn Hasher)) -> u64 {
    let mut hasher = DefaultHashBuilder::with_seed(seed).build_hasher();
    write(&mut hasher);
    hasher.finish()
}

/// As another program computed them. Another hash function is no fault, but one that became another by
/// mistake is not noticed by anything else: it may spread keys nearly as well.
#[test]
fn hashes_are_these() {
    let hashes = [
        hash(0, |_| ()),
        hash(0, |hasher| hasher.write_usize(0)),
        hash(0, |hasher| hasher.write_u8(0xA5)),
        hash(0, |hasher| hasher.write_u16(0xBEEF)),
        hash(0, |hasher| hasher.write_u32(0xDEAD_BEEF)),
        hash(0, |hasher| hasher.write_u64(0x0123_4567_89AB_CDEF)),
        hash(0, |hasher| hasher.write_usize(0x7654_3210)),
        hash(0, |hasher| hasher.write(b"key")),
        hash(0, |hasher| hasher.write(b"a longer key")),
        hash(0, |hasher| hasher.write(b"the longest of all keys")),
        hash(0x5EED, |hasher| {
            hasher.write_u32(1);
            hasher.write_u64(2);
        }),
    ];
    #[cfg(target_pointer_width = "64")]
    let expected = [
        0x9E37_79B9_7F4A_7C15,
        0x0850_F979_4D51_08B4,
        0xEB72_A04C_987A_4F5F,
        0xAFA2_A5C7_40BD_7EE3,
        0x318A_39D8_C548_12E7,
        0x3923_86AF_FA10_C5AF,
        0x87BC_BB03_C44B_6CE3,
        0x20FA_6514_A092_E818,
        0x1350_2A8A_6BFB_327E,
        0x0ACA_539D_C6A5_6286,
        0x1EE9_BA03_89FC_8420,
    ];
    #[cfg(target_pointer_width = "32")]
    let expected = [
        0xD089_55EB,
        0xC99E_C2DB,
        0xE8EC_BBAB,
        0x912D_E4D7,
        0x9B12_9799,
        0xF2EA_E23D,
        0xF7A5_9F15,
        0xD57F_2AD5,
        0xBEEF_1DEC,
        0x8955_A8B1,
        0x9DA5_AD30,
    ];
    assert_eq!(hashes, expected);
}

#[test]
fn as_many_buckets_as_cells_or_a_power_of_two_that_is_nearly_as_many() {
    for cells in 1usize..if cfg!(miri) { 100 } else { 5000 } {
        let power = (0..)
            .map(|bit| 1 << bit)
            .take_while(|&power| power <= cells);
        let power = power.last().unwrap();
        let wasted = cells - power;
        let expected = if wasted <= cells / 8 { power } else { cells };
        assert_eq!(buckets(cells), expected, "{cells}");
    }
}

/// The bucket is the place of the hash among all hashes, cut to a whole number.
#[test]
fn a_bucket_is_a_range_of_hashes() {
    for buckets in [1, 2, 3, 5, 8, 24, 256, 1000, 4095] {
        let mut last = 0;
        for step in 0..=1000 {
            let place = (u128::from(u64::MAX) * step / 1000) as u64;
            // On 32-bit targets both halves count: with no low half, the high one alone.
            let native = place >> (64 - usize::BITS);
            let hash = if usize::BITS == 64 {
                place
            } else {
                native << 32
            };
            let expected = (u128::from(native) * buckets as u128) >> usize::BITS;
            let bucket = NativeHash::new(hash).bucket(buckets);
            assert_eq!(bucket as u128, expected);
            assert!(bucket == last || bucket > last && bucket < buckets);
            last = bucket;
        }
        assert_eq!(last, buckets - 1);
    }
}

#[test]
fn a_label_is_the_low_bits() {
    assert_eq!(NativeHash::new(0xBEEF).label(), 0xBEEF);
    assert_eq!(NativeHash::new(0x1_BEEF).label(), 0xBEEF);
}
