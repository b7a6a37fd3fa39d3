//! The results of one test program, reported as its lines come.

use crate::process::Stream;
use crate::test::parse::{Reader, Verdict};
use crate::test::report::Report;

/// Which of a step's results are wanted.
#[derive(Clone, Copy, Debug)]
pub enum Pick<'a> {
    /// All.
    All,
    /// Those whose names contain this.
    Containing(&'a str),
}

impl Pick<'_> {
    fn takes(self, name: &str) -> bool {
        match self {
            Pick::All => true,
            Pick::Containing(text) => name.contains(text),
        }
    }
}

/// Reports the lines of one test program as they come.
pub struct Lines<'r> {
    prefix: String,
    pick: Pick<'r>,
    report: &'r mut Report,
    /// What was read of them.
    pub reader: Reader,
    log: Vec<u8>,
    /// How many tests the program reported, wanted or not.
    pub found: usize,
    /// Reported at the end, when their texts are known.
    failed: Vec<String>,
}

impl<'r> Lines<'r> {
    /// Nothing read yet.
    pub fn new(prefix: &str, pick: Pick<'r>, report: &'r mut Report) -> Lines<'r> {
        Lines {
            prefix: prefix.into(),
            pick,
            report,
            reader: Reader::default(),
            log: Vec::new(),
            found: 0,
            failed: Vec::new(),
        }
    }

    /// More of the program's output.
    pub fn feed(&mut self, stream: Stream, bytes: &[u8]) {
        self.log.extend_from_slice(bytes);
        if stream == Stream::Err {
            return;
        }
        let Lines {
            prefix,
            pick,
            report,
            reader,
            found,
            failed,
            ..
        } = self;
        reader.feed(bytes, &mut |name, verdict| {
            *found += 1;
            let full = format!("{prefix}::{name}");
            if !pick.takes(&full) {
                return;
            }
            if verdict == Verdict::Failed {
                failed.push(name.into());
            } else {
                report.result(&full, verdict, None, "");
            }
        });
    }

    /// It has ended.
    pub fn finish(self, complaint: Option<String>) {
        let log = String::from_utf8_lossy(&self.log);
        for name in &self.failed {
            let full = format!("{}::{name}", self.prefix);
            let text = self.reader.section(name).unwrap_or(&log);
            self.report.result(&full, Verdict::Failed, None, text);
        }
        if let Some(complaint) = complaint {
            let text = format!("{log}\n{complaint}\n");
            self.report
                .result(&self.prefix, Verdict::Failed, None, &text);
        }
    }
}
