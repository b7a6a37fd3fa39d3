//! What the models have in common: how they are run, and the maps that they are about.

use crate::{CopyMap, Map, placed};
use core::hash::{BuildHasher, Hasher};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use std::boxed::Box;
pub(super) use tagged_arena::models::{Work, large_model, model, model_of, together};

/// Runs closures over clones of one map, each in a thread of its own.
macro_rules! on {
    ($map:expr; $($work:expr),+ $(,)?) => {
        together(vec![$(over(&$map, $work)),+])
    };
}

#[derive(Default)]
pub(super) struct OneChain;

impl BuildHasher for OneChain {
    type Hasher = Zero;
    fn build_hasher(&self) -> Zero {
        Zero
    }
}

pub(super) struct Zero;

impl Hasher for Zero {
    fn finish(&self) -> u64 {
        0
    }
    fn write(&mut self, _: &[u8]) {}
}

pub(super) type Copies = CopyMap<usize, usize, 2, 1, OneChain>;
pub(super) type Guarded = Map<usize, Token, 2, 1, OneChain>;

/// A value that knows what it should be and counts its drops.
pub(super) struct Token {
    pub(super) content: usize,
    pub(super) drops: Arc<AtomicUsize>,
}

impl Drop for Token {
    fn drop(&mut self) {
        self.content = usize::MAX;
        self.drops.fetch_add(1, Ordering::Relaxed);
    }
}

pub(super) fn copies(entries: &[(usize, usize)]) -> Arc<Copies> {
    let map = Copies::default();
    for &(key, value) in entries {
        assert_eq!(map.insert(key, value), Ok(None));
    }
    Arc::new(map)
}

/// Boxes a closure over a clone of the map.
pub(super) fn over<M: 'static, T: 'static>(
    map: &Arc<M>,
    work: impl FnOnce(&M) -> T + 'static,
) -> Work<T> {
    let map = map.clone();
    Box::new(move || work(&map))
}

/// Even keys in the first group, odd ones in the other, if there are two.
#[derive(Default)]
pub(super) struct TwoChains(u64);

impl BuildHasher for TwoChains {
    type Hasher = Self;
    fn build_hasher(&self) -> Self {
        Self(0)
    }
}

impl Hasher for TwoChains {
    fn finish(&self) -> u64 {
        placed(self.0 << 63)
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_usize(&mut self, key: usize) {
        self.0 = key as u64;
    }
}

pub(super) fn guarded(entries: &[(usize, usize)]) -> (Arc<Guarded>, Arc<AtomicUsize>) {
    let drops = Arc::new(AtomicUsize::new(0));
    let map = Guarded::default();
    for &(key, content) in entries {
        let drops = drops.clone();
        assert!(map.insert(key, Token { content, drops }).is_ok());
    }
    (Arc::new(map), drops)
}

pub(super) fn dropped_exactly(map: Arc<Guarded>, drops: &AtomicUsize, made: usize) {
    drop(map);
    assert_eq!(
        drops.load(Ordering::Relaxed),
        made,
        "each dropped exactly once"
    );
}
