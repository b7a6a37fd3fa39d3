//! What the models have in common: how they are run, and the maps that they are about.

use crate::{CopyMap, Map};
use core::hash::{BuildHasher, Hasher};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use std::boxed::Box;
use std::vec::Vec;

/// Runs a model to its end: nothing but the number of preemptions bounds it.
pub(super) fn model(f: impl Fn() + Sync + Send + 'static) {
    model_of(loom::model::Builder::new().preemption_bound.unwrap_or(2), f);
}

/// The same with one preemption less than from outside: for larger models.
pub(super) fn large_model(f: impl Fn() + Sync + Send + 'static) {
    let outside = loom::model::Builder::new().preemption_bound.unwrap_or(2);
    model_of(outside.saturating_sub(1).max(1), f);
}

/// The same with so many.
pub(super) fn model_of(preemptions: usize, f: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    // A bound on what one execution does: larger maps have more words to fill.
    builder.max_branches = 10_000;
    builder.max_duration = None;
    builder.max_permutations = None;
    builder.checkpoint_file = None;
    let executions = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let count = executions.clone();
    builder.check(move || {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        f();
    });
    // For whoever counts them: a line in this file.
    if let Some(file) = std::env::var_os("LOOM_EXECUTIONS") {
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.append(true).create(true).open(file).unwrap();
        let line = std::format!("{executions:?}\n");
        std::io::Write::write_all(&mut file, line.as_bytes()).unwrap();
    }
}

pub(super) type Work<T> = Box<dyn FnOnce() -> T>;

pub(super) fn together<T: 'static>(work: Vec<Work<T>>) -> Vec<T> {
    let threads: Vec<_> = work.into_iter().map(|f| thread::spawn(f)).collect();
    threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect()
}

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

pub(super) type Copies = CopyMap<usize, usize, 2, OneChain, 1>;
pub(super) type Guarded = Map<usize, Token, 2, OneChain, 1>;

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
        self.0 << 63
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
