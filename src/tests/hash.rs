//! The default hash, word for word, and the buckets that it chooses.

use crate::hash::{NativeHash, buckets};
use crate::{DefaultHashBuilder, placed};
use core::hash::{BuildHasher, Hasher};

/// What a map makes of the hash of what `write` writes.
fn hash(seed: usize, write: impl Fn(&mut dyn Hasher)) -> u64 {
    let mut hasher = DefaultHashBuilder::with_seed(seed).build_hasher();
    write(&mut hasher);
    NativeHash::new(hasher.finish()).whole() as u64
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
        0x1319_8A2E_0370_7344,
        0x18AF_319D_32F3_9DCA,
        0x10A5_98DE_2121_84CA,
        0x374D_E17E_CB0B_823A,
        0x0D2D_4EDD_6D7A_7F83,
        0x124C_5CC5_28C5_0651,
        0x937C_7FFE_FC6D_9DD9,
        0x32BD_4A42_AD7F_5796,
        0x22DD_4060_FE41_03B1,
        0x6C65_6175_2DE0_1CC8,
        0x7443_6450_0495_28B3,
    ];
    #[cfg(target_pointer_width = "32")]
    let expected = [
        0xE4F8_9560,
        0xC99E_C2DB,
        0xE8EC_BBAB,
        0x912D_E4D7,
        0x9B12_9799,
        0xB001_61B4,
        0xF7A5_9F15,
        0xD566_67F2,
        0x7471_53AE,
        0xD833_2ADB,
        0x3CD0_C91D,
    ];
    assert_eq!(hashes, expected);
}

/// What is left of a string behind its last whole word is put into one with its length in the last byte: that
/// is not the whole word of another string.
#[test]
fn a_string_is_not_taken_for_one_that_ends_with_its_length() {
    const WORD: usize = size_of::<usize>();
    let mut longer = [b'a'; WORD];
    longer[WORD - 1] = WORD as u8 - 1;
    let shorter = &longer[..WORD - 1];
    let alike = |seed: &usize| {
        hash(*seed, |hasher| hasher.write(shorter)) == hash(*seed, |hasher| hasher.write(&longer))
    };
    assert_eq!((0..100).filter(alike).count(), 0);
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
            let bucket = NativeHash::new(placed(hash)).bucket(buckets);
            assert_eq!(bucket as u128, expected);
            assert!(bucket == last || bucket > last && bucket < buckets);
            last = bucket;
        }
        assert_eq!(last, buckets - 1);
    }
}

#[test]
fn a_label_is_the_low_bits() {
    assert_eq!(NativeHash::new(placed(0xBEEF)).label(), 0xBEEF);
    assert_eq!(NativeHash::new(placed(0x1_BEEF)).label(), 0xBEEF);
}
