//! A seed that comes at run time.

use crate::seed::{Seed, SeedError};

const KEY: [u8; 16] = [
    0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF,
];

#[test]
fn a_seed_is_taken_once_and_stays() {
    let seed = Seed::new();
    assert!(!seed.is_set());
    assert_eq!(seed.put(KEY), Ok(()));
    assert_eq!((seed.get(), seed.is_set()), (Some(KEY), true));
    assert_eq!(seed.put([9; 16]), Err(SeedError::Seeded));
    assert_eq!(seed.get(), Some(KEY));
    assert_eq!(Seed::with(KEY).get(), Some(KEY));
}

#[test]
fn a_seed_that_comes_after_the_first_use_is_refused() {
    let seed = Seed::new();
    assert_eq!(seed.get(), None);
    assert_eq!(seed.put(KEY), Err(SeedError::InUse));
    assert_eq!((seed.get(), seed.is_set()), (None, false));
}

#[cfg(feature = "siphash")]
mod state {
    use super::*;
    use crate::{CopyMap, CopySet, Map, SeededState, Set};
    use core::hash::{BuildHasher, Hasher};
    use std::format;
    use std::vec::Vec;

    /// The test vectors of SipHash's reference implementation, which are of SipHash-2-4, say nothing of this
    /// one: as the standard library's SipHash-1-3 has it, with no key (`DefaultHasher`).
    #[test]
    #[allow(deprecated)]
    fn it_is_the_hash_function_of_the_standard_library() {
        let ours = |write: fn(&mut dyn Hasher)| {
            let mut hasher = SeededState::new().build_hasher();
            write(&mut hasher);
            let mut theirs = std::hash::DefaultHasher::new();
            write(&mut theirs);
            assert_eq!(hasher.finish(), theirs.finish());
        };
        ours(|_| ());
        ours(|hasher| hasher.write(b"some bytes"));
        ours(|hasher| {
            hasher.write_u8(1);
            hasher.write_u16(2);
            hasher.write_u32(3);
            hasher.write_u64(4);
            hasher.write_usize(5);
        });
    }

    #[test]
    fn every_bit_of_the_seed_counts() {
        let hash = |seed| SeededState::with_seed(seed).hash_one(5u32);
        let mut hashes: Vec<u64> = (0..128)
            .map(|bit| {
                let mut seed = KEY;
                seed[bit / 8] ^= 1 << (bit % 8);
                hash(seed)
            })
            .collect();
        hashes.push(hash(KEY));
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 129);
    }

    static LATE: CopyMap<u32, u32, 16, 8, SeededState> = CopyMap::with_hasher(SeededState::new());
    static IN_TIME: Map<u32, u32, 16, 8, SeededState> = Map::with_hasher(SeededState::new());

    #[test]
    fn a_map_that_was_used_before_keeps_its_entries() {
        assert_eq!(LATE.insert(1, 10), Ok(None));
        assert_eq!(LATE.hasher().seed(KEY), Err(SeedError::InUse));
        assert_eq!((LATE.get(&1), LATE.len()), (Some(10), 1));
        assert!(!LATE.hasher().is_seeded());
    }

    #[test]
    fn a_map_that_was_seeded_in_time_hashes_by_the_seed() {
        assert_eq!(IN_TIME.hasher().seed(KEY), Ok(()));
        assert!(IN_TIME.insert(1, 10).is_ok());
        assert_eq!(IN_TIME.hasher().seed(KEY), Err(SeedError::Seeded));
        assert_eq!(IN_TIME.get_copied(&1), Some(10));
        let other = SeededState::with_seed(KEY);
        assert_eq!(IN_TIME.hasher().hash_one(1), other.hash_one(1));
        assert_ne!(other.hash_one(1), SeededState::new().hash_one(1));
    }

    #[test]
    fn sets_give_their_hasher_too() {
        let copies: CopySet<u32, 4, 8, SeededState> = CopySet::with_hasher(SeededState::new());
        let members: Set<u32, 4, 8, SeededState> = Set::with_hasher(SeededState::new());
        assert_eq!(copies.hasher().seed(KEY), Ok(()));
        assert_eq!(members.hasher().seed(KEY), Ok(()));
        assert!(copies.insert(1).is_ok() && members.insert(1).is_ok());
        assert!(copies.contains(&1) && members.contains(&1));
    }

    #[test]
    fn a_new_one_is_all_zero_bits() {
        let state = SeededState::new();
        let start = core::ptr::from_ref(&state).cast::<u8>();
        for at in 0..size_of::<SeededState>() {
            // SAFETY: a byte of `state`, which has no padding: all its fields are words.
            assert_eq!(unsafe { start.add(at).read() }, 0, "byte {at}");
        }
    }

    /// Whoever can print it must not learn the seed.
    #[test]
    fn debug_shows_no_seed() {
        let seeded = SeededState::with_seed([0xAB; 16]);
        let shown = format!("{seeded:?} {:?}", seeded.build_hasher());
        assert_eq!(
            shown,
            "SeededState { seeded: true, .. } SeededHasher { .. }"
        );
    }

    #[cfg(not(tagged_arena_tiny))]
    #[test]
    fn threads_that_start_at_once_agree() {
        for _ in 0..if cfg!(miri) { 3 } else { 200 } {
            let map: CopyMap<u32, u32, 16, 8, SeededState> =
                CopyMap::with_hasher(SeededState::new());
            let seeds = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..3)
                    .map(|thread| {
                        let map = &map;
                        scope.spawn(move || {
                            let seeded = thread < 2 && map.hasher().seed([thread; 16]).is_ok();
                            map.insert(u32::from(thread), 1).unwrap();
                            seeded
                        })
                    })
                    .collect();
                threads
                    .into_iter()
                    .map(|thread| thread.join().unwrap())
                    .filter(|&won| won)
                    .count()
            });
            assert_eq!(seeds, usize::from(map.hasher().is_seeded()));
            assert!((0..3).all(|key| map.get(&key) == Some(1)), "{map:?}");
        }
    }
}
