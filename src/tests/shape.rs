//! Sizes and initial bytes: what a map costs in memory, and that a fresh one is all zero bits.

use crate::{CopyMap, Map};
use core::mem::{size_of, size_of_val};
use std::string::String;

/// The bytes of one more cell.
const fn cell<Small, Large>(more: usize) -> usize {
    (size_of::<Large>() - size_of::<Small>()) / more
}

type Copy64<const N: usize, const EXTRA: usize> = CopyMap<u64, u64, N, EXTRA>;

#[test]
#[cfg(target_pointer_width = "64")]
fn a_cell_of_words_is_26_bytes() {
    assert_eq!(cell::<Copy64<64, 0>, Copy64<320, 0>>(256), 26);
    assert_eq!(cell::<Copy64<64, 0>, Copy64<64, 256>>(256), 26);
    assert_eq!(size_of::<Copy64<256, 0>>() % 64, 0);
}

#[test]
#[cfg(target_pointer_width = "64")]
fn small_keys_and_values_cost_a_word_each() {
    type Small<const N: usize> = CopyMap<u32, u8, N>;
    assert_eq!(cell::<Small<64>, Small<320>>(256), 26);
    type Set<const N: usize> = CopyMap<u64, (), N>;
    assert_eq!(
        cell::<Set<64>, Set<320>>(256),
        26,
        "also nothing costs a word"
    );
    type Odd<const N: usize> = CopyMap<[u8; 3], [u8; 13], N>;
    assert_eq!(cell::<Odd<64>, Odd<320>>(256), 34);
}

#[test]
#[cfg(target_pointer_width = "64")]
fn a_guarded_cell_is_two_words_and_the_entry() {
    type Words<const N: usize> = Map<u64, u64, N>;
    assert_eq!(cell::<Words<64>, Words<320>>(256), 34);
    type Halves<const N: usize> = Map<u32, u32, N>;
    assert_eq!(cell::<Halves<64>, Halves<320>>(256), 26);
}

/// What `Watched` says of its memory.
#[test]
fn a_watcher_is_four_words() {
    const WORD: usize = size_of::<usize>();
    type Plain = CopyMap<u32, u32, 4>;
    type Watches<const N: usize> = crate::Watched<Plain, N>;
    assert_eq!(cell::<Watches<8>, Watches<24>>(16), 4 * WORD);
    let rest = size_of::<Watches<8>>() - size_of::<Plain>() - 8 * 4 * WORD;
    if WORD == 4 {
        assert_eq!(rest, 43 * WORD);
    } else {
        assert!(rest <= 1536, "{rest}");
    }
}

#[test]
fn the_default_hasher_costs_a_word_at_most() {
    #[derive(Clone, Copy)]
    struct NoHasher;
    let with = size_of::<CopyMap<u64, u64, 64>>();
    let without = size_of::<CopyMap<u64, u64, 64, 8, NoHasher>>();
    assert!(with - without <= 64, "{with} {without}");
}

/// Asserts that every byte of `fresh` is zero, padding included. Read through the operating system,
/// for padding may not be read by a program.
#[cfg(all(target_os = "linux", not(miri)))]
fn assert_zero<T>(fresh: &'static T) {
    use std::os::unix::fs::FileExt;
    let memory = std::fs::File::open("/proc/self/mem").unwrap();
    let mut bytes = std::vec![0xFF; size_of_val(fresh)];
    let address = core::ptr::from_ref(fresh).expose_provenance() as u64;
    memory.read_exact_at(&mut bytes, address).unwrap();
    assert_eq!(bytes.iter().position(|&byte| byte != 0), None);
}

#[cfg(all(target_os = "linux", not(miri)))]
#[test]
fn fresh_maps_are_all_zero_bits() {
    static COPY: CopyMap<u64, u64, 16> = CopyMap::new();
    static ODD: CopyMap<[u8; 3], [u8; 13], 5> = CopyMap::new();
    static TEXT: Map<String, String, 16> = Map::new();
    static REFERENCES: Map<&str, core::num::NonZeroU32, 3> = Map::new();
    assert_zero(&COPY);
    assert_zero(&ODD);
    assert_zero(&TEXT);
    assert_zero(&REFERENCES);
    static WATCHED: crate::Watched<Map<String, String, 3>, 5> = crate::Watched::new(Map::new());
    assert_zero(&WATCHED);
    assert!(COPY.is_empty() && ODD.is_empty() && TEXT.is_empty() && REFERENCES.is_empty());
}

#[test]
fn fresh_maps_have_only_free_cells() {
    let map: Map<u32, u32, 5> = Map::default();
    let stats = map.stats();
    assert_eq!((stats.capacity, stats.cells, stats.free), (5, 13, 13));
    assert_eq!((stats.live, stats.removed, stats.in_progress), (0, 0, 0));
    assert_eq!((stats.buckets_used, stats.fullest_bucket), (0, 0));
    assert_eq!(stats.buckets, 3);
    let copy: CopyMap<u32, u32, 5> = CopyMap::default();
    assert_eq!(copy.stats(), stats);
    assert!(
        map.get(&0).is_none() && copy.get(&0).is_none(),
        "a zero key is not there"
    );
}

#[test]
fn maps_can_be_made_at_compile_time_with_any_hasher() {
    use super::config::Spread;
    const fn make() -> CopyMap<u8, u8, 4, 0, Spread> {
        CopyMap::with_hasher(Spread::OneChain)
    }
    static MAP: CopyMap<u8, u8, 4, 0, Spread> = make();
    MAP.insert(1, 1).unwrap();
    MAP.insert(2, 2).unwrap();
    assert_eq!(MAP.stats().fullest_bucket, 2);
}
