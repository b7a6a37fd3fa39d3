//! The layer `fuzz`: the corpus, then inputs made from it and from nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use fuzz::{Fault, Input, check, minimise};
use verify::{Effort, Report};

/// Inputs of a quick run: about ten seconds on one core.
const QUICK: u64 = 600_000;
/// How long a full run takes.
const FULL: Duration = Duration::from_secs(180);
/// Inputs in which a planted fault has to be found.
const PLANTED: u64 = 10_000;
/// The longest input that is made, in bytes.
const LONGEST: usize = 1024;
/// Inputs between two progress lines.
const STEP: u64 = 1000;

fn main() -> ExitCode {
    // A panic is a finding and is reported; its own message would come a thousand times when one is
    // minimised.
    std::panic::set_hook(Box::new(|_| ()));
    verify::main(|effort, report| match effort {
        Effort::Quick => layer(report, 0, Some(QUICK)),
        Effort::Full => layer(report, fastrand::u64(..), None),
        Effort::SelfTest => self_test(report),
    })
}

fn layer(report: &mut Report<'_>, seed: u64, inputs: Option<u64>) -> Result<()> {
    let corpus = corpus()?;
    let mut tried = Tried::default();
    for (path, bytes) in &corpus {
        if let Err(failure) = tried.one(bytes, None) {
            report.failure(format!("{}: {failure}", path.display()));
            break;
        }
    }
    report.tried("corpus files", corpus.len() as u64);
    let mut random = fastrand::Rng::with_seed(seed);
    let start = Instant::now();
    while !report.failed() {
        let (done, total) = match inputs {
            Some(inputs) => (tried.inputs, inputs),
            None => (start.elapsed().as_secs(), FULL.as_secs()),
        };
        if done >= total {
            break;
        }
        if tried.inputs % STEP == 0 {
            report.progress(done, total, format!("{} inputs", tried.inputs));
        }
        let bytes = make(&mut random, &corpus);
        if let Err(failure) = tried.one(&bytes, None) {
            report.failure(format!("a random input: {failure}"));
        }
    }
    report.tried("inputs", tried.inputs);
    report.tried("operations", tried.operations);
    Ok(())
}

/// Each planted fault has to be found, and nothing else.
fn self_test(report: &mut Report<'_>) -> Result<()> {
    for (done, fault) in (0u64..).zip(Fault::ALL) {
        report.progress(done, Fault::ALL.len() as u64, fault.what());
        let mut random = fastrand::Rng::with_seed(0);
        let mut tried = Tried::default();
        let mut found = None;
        while found.is_none() && tried.inputs < PLANTED {
            let bytes = make(&mut random, &[]);
            if tried.one(&bytes, None).is_err() {
                report.failure("the subject without a fault fails");
                return Ok(());
            }
            found = tried.one(&bytes, Some(fault)).err();
        }
        match found {
            Some(text) => report.found(fault.what(), format!("a random input: {text}")),
            None => report.failure(format!("not found in {PLANTED} inputs: {}", fault.what())),
        }
        report.tried("inputs", tried.inputs);
        report.tried("operations", tried.operations);
    }
    Ok(())
}

/// What was run.
#[derive(Default)]
struct Tried {
    inputs: u64,
    operations: u64,
}

impl Tried {
    /// Runs an input. The error is what the least input that fails does.
    fn one(&mut self, bytes: &[u8], fault: Option<Fault>) -> Result<(), String> {
        let input = Input::decode(bytes);
        self.inputs += 1;
        match check(&input, fault) {
            Ok(operations) => {
                self.operations += operations;
                Ok(())
            }
            Err(_) => {
                let (least, failure) = minimise(&input, fault);
                Err(format!("{failure}, after {least:?}"))
            }
        }
    }
}

/// The committed inputs.
fn corpus() -> Result<Vec<(PathBuf, Vec<u8>)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let entries = fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?;
    paths.sort();
    ensure!(!paths.is_empty(), "{}: no inputs", folder.display());
    let read = |path: PathBuf| Ok((path.clone(), fs::read(path)?));
    paths.into_iter().map(read).collect()
}

/// Random bytes, or an input of the corpus that is cut, joined to another one and changed in places.
fn make(random: &mut fastrand::Rng, corpus: &[(PathBuf, Vec<u8>)]) -> Vec<u8> {
    if corpus.is_empty() || random.bool() {
        let mut bytes = vec![0; random.usize(1..LONGEST)];
        random.fill(&mut bytes);
        return bytes;
    }
    let any = |random: &mut fastrand::Rng| {
        let bytes = &corpus[random.usize(..corpus.len())].1;
        bytes[..random.usize(..=bytes.len())].to_vec()
    };
    let mut bytes = any(random);
    if random.bool() {
        bytes.extend(any(random));
    }
    bytes.truncate(LONGEST);
    for _ in 0..random.usize(..8) {
        if !bytes.is_empty() {
            let at = random.usize(..bytes.len());
            bytes[at] = random.u8(..);
        }
    }
    bytes
}
