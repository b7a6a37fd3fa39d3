//! What `cargo qemu test` prints: a line for each test, the failures again, and the sums.

use std::io::{self, IsTerminal, Write};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar};

use crate::failure::STDOUT_CLOSED;
use crate::process;
use crate::screen;
use crate::test::parse::{Counts, Verdict};

/// How often a log without a terminal is told that a long step still runs.
const HEARTBEAT: Duration = Duration::from_secs(60);
/// How much of a failed test's output is repeated at the end.
const SHOWN_LINES: usize = 200;

/// Collects and prints the results of steps that run one after the other.
pub struct Report {
    all: Arc<Mutex<All>>,
    bars: MultiProgress,
    now: Option<Now>,
}

/// What those that run beside each other have together.
struct All {
    start: Instant,
    counts: Counts,
    failures: Vec<(String, String)>,
}

impl Report {
    /// A report of nothing.
    pub fn new() -> Report {
        let all = All {
            start: Instant::now(),
            counts: Counts::default(),
            failures: Vec::new(),
        };
        Report {
            all: Arc::new(Mutex::new(all)),
            bars: MultiProgress::new(),
            now: None,
        }
    }

    /// The same report, for steps that run beside those of this one.
    pub fn beside(&self) -> Report {
        Report {
            all: self.all.clone(),
            bars: self.bars.clone(),
            now: None,
        }
    }

    fn all(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says which step runs now.
    pub fn begin(&mut self, name: &str) {
        let Counts { passed, failed, .. } = self.all().counts;
        let text = format!("{name} [{passed} passed, {failed} failed]");
        let bar = screen::spinner_among(&self.bars, text);
        self.now = Some(Now::begin(name, bar));
    }

    /// The step that ran is over.
    pub fn end(&mut self) {
        self.now = None;
    }

    /// Prints a result; `output` is shown again at the end if the test failed.
    pub fn result(&mut self, name: &str, verdict: Verdict, time: Option<Duration>, output: &str) {
        self.keep(name, verdict, output);
        let word = match verdict {
            Verdict::Passed => "ok",
            Verdict::Failed => "FAILED",
            Verdict::Ignored => "ignored",
        };
        let time = time.map_or(String::new(), |time| {
            format!(" ({:.1} s)", time.as_secs_f64())
        });
        self.print(&format!("test {name} ... {word}{time}\n"));
    }

    fn keep(&self, name: &str, verdict: Verdict, output: &str) {
        let mut all = self.all();
        all.counts.add(verdict);
        if verdict == Verdict::Failed {
            all.failures.push((name.into(), last_lines(output)));
        }
    }

    /// Prints something worth knowing that is no failure.
    pub fn note(&self, text: &str) {
        self.print(&format!("note: {text}\n"));
    }

    /// How many results there are.
    pub fn results(&self) -> usize {
        let counts = &self.all().counts;
        counts.passed + counts.failed + counts.ignored
    }

    /// Prints the failures and the sums, and tells whether all is well.
    pub fn finish(mut self) -> bool {
        self.now = None;
        let all = self.all();
        let mut text = String::new();
        if !all.failures.is_empty() {
            text.push_str("\nfailures:\n\n");
            for (name, output) in &all.failures {
                text.push_str(&format!(
                    "---- {name} ----\n{output}run this one again: cargo qemu test '{name}'\n\n"
                ));
            }
            text.push_str("failures:\n");
            for (name, _) in &all.failures {
                text.push_str(&format!("    {name}\n"));
            }
        }
        let good = all.failures.is_empty();
        let Counts {
            passed,
            failed,
            ignored,
        } = all.counts;
        text.push_str(&format!(
            "\ntest result: {}. {passed} passed; {failed} failed; {ignored} ignored; \
             finished in {:.1} s\n{passed} passed, {failed} failed\n",
            if good { "ok" } else { "FAILED" },
            all.start.elapsed().as_secs_f64()
        ));
        self.print(&text);
        good
    }

    fn print(&self, text: &str) {
        let print = || {
            let mut out = io::stdout().lock();
            out.write_all(text.as_bytes()).and_then(|()| out.flush())
        };
        if self.bars.suspend(print).is_err() {
            // Nobody reads the results: `cargo qemu test | head`.
            process::kill_all_and_exit(STDOUT_CLOSED);
        }
    }
}

/// The sign of life while a step runs.
struct Now {
    bar: ProgressBar,
    stop: Option<Sender<()>>,
    heart: Option<JoinHandle<()>>,
}

impl Now {
    fn begin(name: &str, bar: ProgressBar) -> Now {
        if io::stderr().is_terminal() {
            return Now {
                bar,
                stop: None,
                heart: None,
            };
        }
        let _ = writeln!(io::stderr(), "running {name}");
        let (stop, stopped) = mpsc::channel();
        let name = name.to_owned();
        let heart = thread::spawn(move || {
            let start = Instant::now();
            while stopped.recv_timeout(HEARTBEAT) == Err(RecvTimeoutError::Timeout) {
                let seconds = start.elapsed().as_secs();
                let _ = writeln!(io::stderr(), "running {name}: {seconds} s so far");
            }
            let seconds = start.elapsed().as_secs_f64();
            let _ = writeln!(io::stderr(), "done {name} in {seconds:.1} s");
        });
        Now {
            bar,
            stop: Some(stop),
            heart: Some(heart),
        }
    }
}

impl Drop for Now {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        self.stop = None;
        if let Some(heart) = self.heart.take() {
            let _ = heart.join();
        }
    }
}

fn last_lines(output: &str) -> String {
    let count = output.lines().count();
    let skipped = count.saturating_sub(SHOWN_LINES);
    let mut text = String::new();
    if skipped > 0 {
        text.push_str(&format!("[{skipped} lines before this]\n"));
    }
    for line in output.lines().skip(skipped) {
        text.push_str(line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_beside_counts_as_well() {
        // Nothing is printed: whoever runs these tests reads such lines.
        let report = Report::new();
        let other = report.beside();
        report.keep("one", Verdict::Passed, "");
        other.keep("another", Verdict::Failed, "why");
        assert_eq!((report.results(), other.results()), (2, 2));
        let failure = ("another".to_string(), "why\n".to_string());
        assert_eq!(report.all().failures, [failure]);
    }

    #[test]
    fn long_output_keeps_its_end() {
        let all: String = (0..1000).map(|n| format!("line {n}\n")).collect();
        let shown = last_lines(&all);
        assert!(shown.starts_with("[800 lines before this]\nline 800\n"));
        assert!(shown.ends_with("line 999\n"));
        assert_eq!(last_lines("a\nb"), "a\nb\n");
    }
}
