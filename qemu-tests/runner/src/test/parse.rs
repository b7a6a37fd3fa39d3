//! Reads the output of a test program: libtest's lines, which the scenarios' image prints too.

use std::collections::BTreeMap;

/// What a test program said of one test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// `ok`
    Passed,
    /// `FAILED`
    Failed,
    /// `ignored`
    Ignored,
}

/// How many tests there were of each verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Passed tests.
    pub passed: usize,
    /// Failed tests.
    pub failed: usize,
    /// Ignored tests.
    pub ignored: usize,
}

impl Counts {
    /// Counts one more.
    pub fn add(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed => self.failed += 1,
            Verdict::Ignored => self.ignored += 1,
        }
    }
}

/// The reader: feed it the standard output as it comes.
#[derive(Debug, Default)]
pub struct Reader {
    partial: Vec<u8>,
    /// A test whose line was broken by other output.
    open: Option<String>,
    seen: Counts,
    /// The sum of all `running N tests` lines.
    announced: Option<usize>,
    /// The sum of all summary lines: documentation tests come in more than one block.
    stated: Option<Counts>,
    /// The name of the test whose failure text is being read.
    section: Option<String>,
    sections: BTreeMap<String, String>,
}

impl Reader {
    /// Takes the next bytes; `found` gets each test and its verdict.
    pub fn feed(&mut self, bytes: &[u8], found: &mut dyn FnMut(&str, Verdict)) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.partial.extend_from_slice(part);
            if part.ends_with(b"\n") {
                let line = std::mem::take(&mut self.partial);
                let line = String::from_utf8_lossy(&line);
                if let Some((name, verdict)) = self.line(line.trim_end()) {
                    self.seen.add(verdict);
                    found(&name, verdict);
                }
            }
        }
    }

    fn line(&mut self, line: &str) -> Option<(String, Verdict)> {
        if let Some(counts) = summary(line) {
            self.section = None;
            let stated = self.stated.get_or_insert_default();
            stated.passed += counts.passed;
            stated.failed += counts.failed;
            stated.ignored += counts.ignored;
            return None;
        }
        if let Some(name) = line
            .strip_prefix("---- ")
            .and_then(|rest| rest.strip_suffix(" ----"))
        {
            self.section = Some(name.trim_end_matches(" stdout").into());
            return None;
        }
        if line == "failures:" {
            self.section = None;
            return None;
        }
        if let Some(name) = &self.section {
            let text = self.sections.entry(name.clone()).or_default();
            text.push_str(line);
            text.push('\n');
            return None;
        }
        if let Some(number) = announcement(line) {
            *self.announced.get_or_insert(0) += number;
            return None;
        }
        if let Some((name, rest)) = line
            .strip_prefix("test ")
            .and_then(|rest| rest.split_once(" ... "))
        {
            // Some harnesses fill the names up to the same width.
            let name = name.trim_end().trim_end_matches(" - should panic");
            let name = name.to_owned();
            return match verdict(rest) {
                Some(verdict) => {
                    self.open = None;
                    Some((name, verdict))
                }
                None => {
                    self.open = Some(name);
                    None
                }
            };
        }
        let verdict = match line {
            "ok" => Verdict::Passed,
            "FAILED" => Verdict::Failed,
            _ => return None,
        };
        self.open.take().map(|name| (name, verdict))
    }

    /// The text that a failed test printed, if the program gave one.
    pub fn section(&self, name: &str) -> Option<&str> {
        self.sections.get(name).map(String::as_str)
    }

    /// Why the program cannot be believed, if so, given whether it ended with success.
    pub fn complaint(&self, success: bool) -> Option<String> {
        let Counts {
            passed,
            failed,
            ignored,
        } = self.seen;
        let Some(stated) = self.stated else {
            return Some(format!(
                "the test program ended without a summary line, after {passed} passed and {failed} failed"
            ));
        };
        if stated != self.seen {
            return Some(format!(
                "the summary line says {} passed, {} failed, {} ignored; the lines say {passed}, \
                 {failed}, {ignored}",
                stated.passed, stated.failed, stated.ignored
            ));
        }
        let seen = passed + failed + ignored;
        if let Some(announced) = self.announced.filter(|announced| *announced != seen) {
            return Some(format!("{announced} tests were announced, {seen} reported"));
        }
        if success != (failed == 0) {
            return Some(format!(
                "{failed} tests failed, but the exit status says {}",
                if success { "success" } else { "failure" }
            ));
        }
        None
    }
}

/// `ok`, `FAILED`, `ignored, because of …`, also with a time behind it.
fn verdict(text: &str) -> Option<Verdict> {
    let word = text.split([' ', ',', '\t']).next().unwrap_or_default();
    match word {
        "ok" => Some(Verdict::Passed),
        "FAILED" => Some(Verdict::Failed),
        "ignored" => Some(Verdict::Ignored),
        _ => None,
    }
}

/// `running 3 tests`
fn announcement(line: &str) -> Option<usize> {
    let (number, word) = line.strip_prefix("running ")?.split_once(' ')?;
    (word == "tests" || word == "test")
        .then(|| number.parse().ok())
        .flatten()
}

/// `test result: ok. 3 passed; 1 failed; 0 ignored; 0 measured; …`
fn summary(line: &str) -> Option<Counts> {
    let rest = line.strip_prefix("test result: ")?;
    let (_, numbers) = rest.split_once(". ")?;
    let mut counts = Counts::default();
    let mut known = 0;
    for part in numbers.split(';') {
        let Some((number, word)) = part.trim().split_once(' ') else {
            continue;
        };
        let Ok(number) = number.parse() else { continue };
        match word {
            "passed" => counts.passed = number,
            "failed" => counts.failed = number,
            "ignored" => counts.ignored = number,
            _ => continue,
        }
        known += 1;
    }
    (known >= 2).then_some(counts)
}

/// The names in the output of `--list`: lines of the form `NAME: test`.
pub fn listed(output: &str) -> impl Iterator<Item = &str> {
    output
        .lines()
        .filter_map(|line| line.strip_suffix(": test"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<(String, Verdict)>, Reader) {
        let mut reader = Reader::default();
        let mut found = Vec::new();
        for bytes in text.as_bytes().chunks(7) {
            reader.feed(bytes, &mut |name, verdict| {
                found.push((name.into(), verdict))
            });
        }
        (found, reader)
    }

    const GOOD: &str = "\
running 4 tests
test a::b ... ok
test src/lib.rs - Map<K, V>::get (line 3) - compile fail ... ok
test c has been running for over 60 seconds
test c - should panic   ... ok
test d ... ignored, needs luck

test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s
";

    #[test]
    fn a_good_run() {
        let (found, reader) = read(GOOD);
        let names: Vec<_> = found.iter().map(|(name, _)| &**name).collect();
        let doc = "src/lib.rs - Map<K, V>::get (line 3) - compile fail";
        assert_eq!(names, ["a::b", doc, "c", "d"]);
        assert_eq!(found[3].1, Verdict::Ignored);
        assert_eq!(reader.complaint(true), None);
        assert!(reader.complaint(false).is_some());
    }

    #[test]
    fn a_failure_keeps_its_text() {
        let text = "\
running 2 tests
test a ... FAILED
test b ... ok

failures:

---- a stdout ----
panicked at src/lib.rs:1
test x ... ok

failures:
    a

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out
";
        let (found, reader) = read(text);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], ("a".into(), Verdict::Failed));
        assert!(reader.section("a").unwrap().contains("panicked at"));
        assert_eq!(reader.complaint(false), None);
        assert!(reader.complaint(true).is_some());
    }

    #[test]
    fn output_between_a_name_and_its_verdict() {
        let text = "test a ... warning: slow\nmore\nok\nok\ntest result: ok. 1 passed; 0 failed; 0 ignored\n";
        let (found, reader) = read(text);
        assert_eq!(found, [("a".into(), Verdict::Passed)]);
        assert_eq!(reader.complaint(true), None);
    }

    #[test]
    fn a_program_that_stops_early_is_not_believed() {
        let (_, reader) = read("running 2 tests\ntest a ... ok\n");
        assert!(
            reader
                .complaint(true)
                .unwrap()
                .contains("without a summary")
        );
        let (_, reader) = read(&GOOD.replace("4 tests", "5 tests"));
        assert!(reader.complaint(true).unwrap().contains("5 tests were"));
        let (_, reader) = read("test a ... ok\ntest result: ok. 2 passed; 0 failed; 0 ignored\n");
        assert!(reader.complaint(true).unwrap().contains("the lines say 1"));
    }

    #[test]
    fn blocks_add_up() {
        let (found, reader) = read(&[GOOD, GOOD].concat());
        assert_eq!(found.len(), 8);
        assert_eq!(reader.complaint(true), None);
    }

    #[test]
    fn lists() {
        let text =
            "a::b: test\nsrc/lib.rs - X (line 2): test\nc: benchmark\n\n2 tests, 1 benchmark\n";
        let names: Vec<_> = listed(text).collect();
        assert_eq!(names, ["a::b", "src/lib.rs - X (line 2)"]);
    }
}
