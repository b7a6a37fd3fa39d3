//! How loom's models of this crate and of `arenamap` are run.

use loom::thread;
use std::boxed::Box;
use std::vec::Vec;

/// The number of preemptions from outside, or two.
fn preemptions() -> usize {
    loom::model::Builder::new().preemption_bound.unwrap_or(2)
}

/// Runs a model to its end: nothing but the number of preemptions bounds it.
pub fn model(f: impl Fn() + Sync + Send + 'static) {
    model_of(preemptions(), f);
}

/// The same with one preemption less than from outside: for larger models.
pub fn large_model(f: impl Fn() + Sync + Send + 'static) {
    model_of(preemptions().saturating_sub(1).max(1), f);
}

/// The same with so many.
pub fn model_of(preemptions: usize, f: impl Fn() + Sync + Send + 'static) {
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
    // For whoever counts them: a line in this file, with the number of preemptions.
    if let Some(file) = std::env::var_os("LOOM_EXECUTIONS") {
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.append(true).create(true).open(file).unwrap();
        let line = std::format!("{preemptions} {executions:?}\n");
        std::io::Write::write_all(&mut file, line.as_bytes()).unwrap();
    }
}

/// What a thread of a model does.
pub type Work<T> = Box<dyn FnOnce() -> T>;

/// Spawns one thread for each closure, joins them, returns what they returned.
pub fn together<T: 'static>(work: Vec<Work<T>>) -> Vec<T> {
    let threads: Vec<_> = work.into_iter().map(|f| thread::spawn(f)).collect();
    threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect()
}
