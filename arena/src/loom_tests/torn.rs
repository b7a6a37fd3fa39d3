//! Bits that are read while others are stored in their place.

use super::model;
use crate::Plain;
use crate::plain::AtomicPlain;
use crate::sync::Init;
use core::num::NonZero;
use core::sync::atomic::{AtomicBool, Ordering};
use loom::sync::Arc;
use loom::thread;

/// A mixture is read, and is not taken for a value. (It would be one that is undefined behaviour.)
#[test]
fn a_mixture_is_refused() {
    type Wide = NonZero<u128>;
    static SEEN: AtomicBool = AtomicBool::new(false);
    model(|| {
        let (low, high) = (Wide::new(1).unwrap(), Wide::new(1 << 64).unwrap());
        let place = Arc::new(AtomicPlain::<Wide>::init());
        place.store(low.to_bits());
        let writer = {
            let place = place.clone();
            thread::spawn(move || place.store(high.to_bits()))
        };
        let reader = thread::spawn(move || {
            let bits = place.load();
            match Wide::from_bits(bits) {
                Some(value) => assert_eq!(value.get(), bits),
                None => SEEN.store(bits == 0, Ordering::Relaxed),
            }
        });
        writer.join().unwrap();
        reader.join().unwrap();
    });
    assert!(SEEN.load(Ordering::Relaxed), "nothing was torn");
}
