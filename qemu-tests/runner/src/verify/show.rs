//! What the user sees of the layers: a bar while one runs, and the table at the end.

use std::collections::HashSet;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use verify::Line;

use crate::process;
use crate::verify::layers::Layer;

/// How often the bar moves by itself.
const TICK: Duration = Duration::from_millis(250);

/// What the phases are called in which nothing is tried yet.
const BUILDING: &str = "building";

/// How wide the table is where there is no terminal, and at least.
const WIDTH: u16 = 110;
const LEAST_WIDTH: u16 = 60;

/// A layer that runs.
pub struct Show {
    bar: ProgressBar,
    /// What was said of its phases where there is no terminal.
    phases: HashSet<String>,
    outcome: Outcome,
    /// When something was done for the first time.
    began: Option<Instant>,
}

/// What a layer's run came to.
pub struct Outcome {
    layer: &'static Layer,
    tried: Vec<(String, u64)>,
    found: Vec<(String, String)>,
    failures: Vec<String>,
    notes: Vec<String>,
    /// How far it had come when the user ended it.
    interrupted: Option<String>,
    time: Duration,
}

impl Show {
    /// A layer that has not said anything yet.
    pub fn new(layer: &'static Layer) -> Show {
        let bar = ProgressBar::new(1);
        let style = ProgressStyle::with_template("{prefix:12} [{bar:30}] {msg} ({elapsed})");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_prefix(layer.name);
        bar.enable_steady_tick(TICK);
        let mut show = Show {
            bar,
            phases: HashSet::new(),
            outcome: Outcome {
                layer,
                tried: Vec::new(),
                found: Vec::new(),
                failures: Vec::new(),
                notes: Vec::new(),
                interrupted: None,
                time: Duration::ZERO,
            },
            began: None,
        };
        show.phase(BUILDING.into());
        show
    }

    /// What goes on now: in the bar, or in a line where there is no terminal.
    fn phase(&mut self, what: String) {
        if !what.contains(BUILDING) {
            self.began.get_or_insert_with(Instant::now);
        }
        if !io::stderr().is_terminal() && self.phases.insert(phase(&what)) {
            let _ = writeln!(io::stderr(), "{}: {what}", self.outcome.layer.name);
        }
        self.bar.set_message(what);
    }

    /// One more line of its report.
    pub fn line(&mut self, line: Line) {
        match line {
            Line::Progress { done, total, what } => {
                self.bar.set_length(total.max(1));
                self.bar.set_position(done);
                self.phase(what);
            }
            Line::Tried { what, count } => {
                let tried = &mut self.outcome.tried;
                match tried.iter_mut().find(|(name, _)| *name == what) {
                    Some((_, sum)) => *sum += count,
                    None => tried.push((what, count)),
                }
            }
            Line::Found { fault, by } => self.outcome.found.push((fault, by)),
            // What was killed has not failed.
            Line::Failure(_) if process::interrupted() => {}
            Line::Failure(text) => {
                self.bar
                    .suspend(|| eprintln!("FAILED {}: {text}", self.outcome.layer.name));
                self.outcome.failures.push(text);
            }
            Line::Note(text) => self.outcome.notes.push(text),
        }
    }

    /// It has ended. Its time is without what was built before it began.
    pub fn finish(mut self) -> Outcome {
        if process::interrupted() {
            let (done, total) = (self.bar.position(), self.bar.length().unwrap_or_default());
            let what = self.bar.message();
            self.outcome.interrupted = Some(match done {
                0 => what,
                _ => format!("{what}, {done} of {total}"),
            });
        }
        self.bar.finish_and_clear();
        self.outcome.time = self.began.map_or(Duration::ZERO, |began| began.elapsed());
        self.outcome
    }
}

impl Outcome {
    /// Whether anything was wrong.
    pub fn failed(&self) -> bool {
        !self.failures.is_empty()
    }

    /// Whether anything was tried.
    pub fn tried(&self) -> bool {
        self.tried.iter().any(|(_, count)| *count > 0)
    }

    /// The layer's name.
    pub fn name(&self) -> &'static str {
        self.layer.name
    }

    /// What it says below the table.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What was tried, for the documentation: `1,234 operations, 5 histories`; and how long it took.
    pub fn cells(&self) -> [String; 2] {
        let seconds = self.time.as_secs_f64();
        [self.counts(), format!("{seconds:.0} s")]
    }

    /// What was found of what was planted, and the counts.
    fn counts(&self) -> String {
        let found = self.found.len();
        let found = (found > 0).then(|| format!("{found} planted faults found"));
        let failed = self.failures.len();
        let failed = (failed > 0).then(|| format!("{failed} failures"));
        let counts = self.tried.iter();
        let counts = counts.map(|(what, count)| format!("{} {what}", grouped(*count)));
        let interrupted = self.interrupted.iter();
        let interrupted = interrupted.map(|where_| format!("interrupted: {where_}"));
        let texts = found
            .into_iter()
            .chain(failed)
            .chain(counts)
            .chain(interrupted);
        let texts: Vec<_> = texts.collect();
        texts.join(", ")
    }

    fn result(&self) -> &'static str {
        match self {
            _ if self.failed() => "FAILED",
            Outcome {
                interrupted: Some(_),
                ..
            } => "interrupted",
            _ => "ok",
        }
    }

    fn seconds(&self) -> String {
        format!("{:.1} s", self.time.as_secs_f64())
    }
}

/// The same text without ends of lines.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is the same in all texts of a phase, which may have counts in them.
fn phase(what: &str) -> String {
    what.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// A number with a comma before each third digit from the right.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Prints what the layers came to.
pub fn table(outcomes: &[Outcome]) {
    let columns = console::Term::stdout().size_checked();
    let width = columns.map_or(WIDTH, |(_, columns)| columns.max(LEAST_WIDTH));
    // A reader that has gone away wants no table; the exit status still tells.
    let _ = io::stdout().write_all(text(outcomes, width).as_bytes());
}

/// One layer in paragraphs, several as a table.
fn text(outcomes: &[Outcome], width: u16) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        let name = outcome.layer.name;
        for (fault, by) in &outcome.found {
            let by = one_line(by);
            text += &format!("{name}: planted: {fault}; found by {by}\n");
        }
        for note in &outcome.notes {
            text += &format!("{name}: {note}\n");
        }
    }
    if let [outcome] = outcomes {
        let Layer {
            name, what, blind, ..
        } = outcome.layer;
        let (tried, result, time) = (outcome.counts(), outcome.result(), outcome.seconds());
        text += &format!(
            "{name}: {what}\n\ntried: {tried}\n\ncannot see: {blind}\n\n{result} in {time}\n"
        );
        return text;
    }
    let mut table = Table::new();
    table
        .load_preset(presets::ASCII_MARKDOWN)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width)
        .set_header([
            "layer",
            "what it does",
            "tried",
            "cannot see",
            "time",
            "result",
        ]);
    for outcome in outcomes {
        table.add_row([
            outcome.layer.name.to_owned(),
            outcome.layer.what.to_owned(),
            outcome.counts(),
            outcome.layer.blind.to_owned(),
            outcome.seconds(),
            outcome.result().to_owned(),
        ]);
    }
    text + &format!("{table}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::layers::LAYERS;

    fn outcome(at: usize) -> Outcome {
        let mut show = Show::new(&LAYERS[at]);
        for count in [1000, 234] {
            let what = "operations".into();
            show.line(Line::Tried { what, count });
        }
        let mut outcome = show.finish();
        outcome.time = Duration::from_millis(1500);
        outcome
    }

    #[test]
    fn the_table_fits_the_terminal() {
        let all: Vec<_> = (0..LAYERS.len()).map(outcome).collect();
        for width in [80, 110, 200] {
            let text = text(&all, width);
            assert!(
                text.contains("operations") && text.contains("1.5 s"),
                "{text}"
            );
            let widest = text.lines().map(|line| line.chars().count()).max();
            assert!(widest <= Some(width.into()), "{text}");
        }
    }

    #[test]
    fn one_layer_is_told_in_paragraphs() {
        let text = text(&[outcome(0)], 80);
        let Layer { blind, .. } = LAYERS[0];
        let paragraphs =
            format!("\n\ntried: 1,234 operations\n\ncannot see: {blind}\n\nok in 1.5 s\n");
        assert!(text.ends_with(&paragraphs), "{text}");
    }

    #[test]
    fn a_self_test_tells_how_many_of_the_planted_faults_are_found() {
        let mut show = Show::new(&LAYERS[0]);
        let (fault, by) = ("a lost update".into(), "a test:\n no order".into());
        show.line(Line::Found { fault, by });
        let mut found = show.finish();
        assert_eq!(found.counts(), "1 planted faults found");
        found.failures.push("not found".into());
        assert_eq!(found.counts(), "1 planted faults found, 1 failures");
        found.interrupted = Some("here".into());
        assert_eq!(found.result(), "FAILED", "what has failed has failed");
        found.failures.clear();
        let text = text(&[found], 80);
        assert!(
            text.contains("planted: a lost update; found by a test: no order\n"),
            "{text}"
        );
    }

    #[test]
    fn a_count_begins_no_phase() {
        assert_eq!(phase("1000 inputs"), phase("20 inputs"));
        assert_ne!(phase("the copy"), phase("faults planted, loom"));
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }
}
