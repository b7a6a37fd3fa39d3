//! Faults that loom has to find, so that its silence about the other models says something.

use crate::models::{model, together};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use std::boxed::Box;
use std::vec;

#[test]
#[should_panic(expected = "store buffering")]
fn a_missing_fence_is_found() {
    model(|| {
        let words = Arc::new([AtomicUsize::new(0), AtomicUsize::new(0)]);
        let one = |own: usize| {
            let words = words.clone();
            Box::new(move || {
                words[own].swap(1, Ordering::AcqRel);
                words[1 - own].load(Ordering::Acquire)
            }) as _
        };
        let seen = together::<usize>(vec![one(0), one(1)]);
        assert_ne!(seen, [0, 0], "store buffering");
    });
}
