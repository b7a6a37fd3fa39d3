//! What the tests vary: how keys spread, and how much is tried.

use crate::{DefaultHashBuilder, DefaultHasher, placed};
use core::hash::{BuildHasher, Hasher};
use core::sync::atomic::{AtomicBool, Ordering};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

/// How a map spreads its keys, chosen at run time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Spread {
    /// The default hasher.
    #[default]
    Even,
    /// The same hash for every key: one chain, equal labels.
    OneChain,
    /// Two buckets at most, four different labels.
    Bad,
    /// One chain, but a different hash for every key.
    OneBucket,
}

/// The hasher of a [`Spread`].
pub(super) struct SpreadHasher {
    spread: Spread,
    inner: DefaultHasher,
}

impl BuildHasher for Spread {
    type Hasher = SpreadHasher;

    fn build_hasher(&self) -> SpreadHasher {
        SpreadHasher {
            spread: *self,
            inner: DefaultHashBuilder::new().build_hasher(),
        }
    }
}

impl Hasher for SpreadHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.inner.write(bytes);
    }

    fn finish(&self) -> u64 {
        match self.spread {
            Spread::Even => self.inner.finish(),
            Spread::OneChain => placed(0x5A5A),
            Spread::Bad => placed(self.inner.finish() & 0x8000_0000_0000_0003),
            Spread::OneBucket => placed(self.inner.finish() & 0xFFFF_FFFF),
        }
    }
}

/// All of them.
pub(super) const SPREADS: [Spread; 4] = [
    Spread::Even,
    Spread::OneChain,
    Spread::Bad,
    Spread::OneBucket,
];

/// Any of them.
pub(super) fn spreads() -> impl Strategy<Value = Spread> {
    (0..SPREADS.len()).prop_map(|at| SPREADS[at])
}

/// `normal`, or `miri` under Miri, which is some thousand times slower.
pub(super) const fn scaled(normal: u32, miri: u32) -> u32 {
    if cfg!(miri) { miri } else { normal }
}

/// All of them, or under Miri the first few.
pub(super) fn some<T>(all: &[T], miri: usize) -> &[T] {
    if cfg!(miri) { &all[..miri] } else { all }
}

/// Calls `check` with `cases` values of `strategy` and reports the smallest that fails.
pub(super) fn for_all<T: Strategy>(cases: u32, strategy: &T, check: impl Fn(T::Value)) {
    let config = Config {
        cases,
        // No file is written, and Miri's isolation stays on.
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(strategy, |value| {
        check(value);
        Ok::<(), TestCaseError>(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

/// Tells other threads that this one has ended, also by a panic: else they would wait for it, and nobody would
/// be told why.
pub(super) struct Over<'a>(pub(super) &'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
