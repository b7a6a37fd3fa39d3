//! Models of a seed that comes while others hash.

use super::*;
use crate::seed::{Seed, SeedError};

const FIRST: [u8; 16] = [1; 16];
const SECOND: [u8; 16] = [2; 16];

/// What two contexts are told of a key, one of them twice: the same, the whole key or none.
#[test]
fn whoever_needs_a_key_is_told_of_the_same_one() {
    model(|| {
        let seed = Arc::new(Seed::new());
        let (one, other, third) = (seed.clone(), seed.clone(), seed.clone());
        let put = thread::spawn(move || one.put(FIRST));
        let twice = thread::spawn(move || [other.get(), other.get()]);
        let once = thread::spawn(move || third.get());
        let put = put.join().unwrap();
        let told = match put {
            Ok(()) => Some(FIRST),
            Err(SeedError::InUse) => None,
            Err(SeedError::Seeded) => panic!("by nobody else"),
        };
        assert_eq!(twice.join().unwrap(), [told; 2]);
        assert_eq!(once.join().unwrap(), told);
        assert_eq!((seed.get(), seed.is_set()), (told, put.is_ok()));
    });
}

/// Of two that put a key in, one wins, and its key is whole.
#[test]
fn one_of_two_seeds_is_taken() {
    model(|| {
        let seed = Arc::new(Seed::new());
        let (one, other) = (seed.clone(), seed.clone());
        let one = thread::spawn(move || one.put(FIRST));
        let other = thread::spawn(move || other.put(SECOND));
        let won = match (one.join().unwrap(), other.join().unwrap()) {
            (Ok(()), Err(SeedError::Seeded)) => FIRST,
            (Err(SeedError::Seeded), Ok(())) => SECOND,
            both => panic!("{both:?}"),
        };
        assert_eq!(seed.get(), Some(won));
    });
}
