//! One table: subjects that take turns, and the medians of their rounds.

use std::hint::black_box;
use std::time::Instant;

/// One thing to measure.
pub struct Subject {
    name: String,
    /// Does one round and returns a checksum of what it saw.
    round: Box<dyn FnMut() -> u64>,
    nanos: Vec<f64>,
}

impl Subject {
    /// A subject whose round ends in a checksum.
    pub fn new(name: impl Into<String>, round: impl FnMut() -> u64 + 'static) -> Self {
        Self {
            name: name.into(),
            round: Box::new(round),
            nanos: Vec::new(),
        }
    }

    fn median(&mut self) -> f64 {
        self.nanos.sort_by(f64::total_cmp);
        self.nanos[self.nanos.len() / 2]
    }
}

/// Runs the subjects in turns, prints ns per operation and the ratio to the first, and returns their names
/// and nanoseconds.
///
/// All must come to the same checksum: a subject that reads something else is a bug.
pub fn run(
    title: &str,
    operations: usize,
    rounds: usize,
    mut subjects: Vec<Subject>,
) -> Vec<(String, f64)> {
    println!("\n{title}");
    let mut expected = None;
    // The first round warms up and is not counted.
    for round in 0..=rounds {
        for subject in &mut subjects {
            let start = Instant::now();
            let checksum = black_box((subject.round)());
            let nanos = start.elapsed().as_nanos() as f64 / operations as f64;
            let expected = *expected.get_or_insert(checksum);
            assert_eq!(checksum, expected, "{} saw something else", subject.name);
            if round > 0 {
                subject.nanos.push(nanos);
            }
        }
    }
    let first = subjects[0].median();
    for subject in &mut subjects {
        let median = subject.median();
        println!(
            "  {:<44} {median:>8.2} ns {:>6.2}x",
            subject.name,
            median / first
        );
    }
    subjects
        .into_iter()
        .map(|mut subject| (subject.name.clone(), subject.median()))
        .collect()
}

/// Keys that are put in, and as many that are not.
pub fn keys(count: usize, seed: u64) -> (Vec<u64>, Vec<u64>) {
    let mut random = fastrand::Rng::with_seed(seed);
    let present = (0..count).map(|_| random.u64(..) | 1).collect();
    let absent = (0..count).map(|_| random.u64(..) & !1).collect();
    (present, absent)
}

/// `count` of the keys in random order, with repetition.
pub fn shuffled(keys: &[u64], count: usize) -> Vec<u64> {
    let mut random = fastrand::Rng::with_seed(count as u64);
    (0..count)
        .map(|_| keys[random.usize(..keys.len())])
        .collect()
}

/// Sums what `get` says for each key: the same loop for every subject.
#[inline(always)]
pub fn sum(keys: &[u64], get: impl Fn(u64) -> u64) -> u64 {
    keys.iter()
        .fold(0, |sum, &key| sum.wrapping_add(get(black_box(key))))
}
