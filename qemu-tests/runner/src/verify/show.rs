//! What the user sees of the layers: a bar while one runs, and the table at the end.

use std::time::Duration;

use comfy_table::{ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use verify::Line;

use crate::verify::layers::Layer;

/// How often the bar moves by itself.
const TICK: Duration = Duration::from_millis(250);

/// A layer that runs.
pub struct Show {
    bar: ProgressBar,
    outcome: Outcome,
}

/// What a layer's run came to.
pub struct Outcome {
    layer: &'static Layer,
    tried: Vec<(String, u64)>,
    found: Vec<(String, String)>,
    failures: Vec<String>,
    notes: Vec<String>,
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
        Show {
            bar,
            outcome: Outcome {
                layer,
                tried: Vec::new(),
                found: Vec::new(),
                failures: Vec::new(),
                notes: Vec::new(),
                time: Duration::ZERO,
            },
        }
    }

    /// One more line of its report.
    pub fn line(&mut self, line: Line) {
        match line {
            Line::Progress { done, total, what } => {
                self.bar.set_length(total.max(1));
                self.bar.set_position(done);
                self.bar.set_message(what);
            }
            Line::Tried { what, count } => {
                let tried = &mut self.outcome.tried;
                match tried.iter_mut().find(|(name, _)| *name == what) {
                    Some((_, sum)) => *sum += count,
                    None => tried.push((what, count)),
                }
            }
            Line::Found { fault, by } => self.outcome.found.push((fault, by)),
            Line::Failure(text) => {
                self.bar
                    .suspend(|| eprintln!("FAILED {}: {text}", self.outcome.layer.name));
                self.outcome.failures.push(text);
            }
            Line::Note(text) => self.outcome.notes.push(text),
        }
    }

    /// It has ended.
    pub fn finish(mut self, time: Duration) -> Outcome {
        self.bar.finish_and_clear();
        self.outcome.time = time;
        self.outcome
    }
}

impl Outcome {
    /// Whether anything was wrong.
    pub fn failed(&self) -> bool {
        !self.failures.is_empty()
    }

    /// The layer's name.
    pub fn name(&self) -> &'static str {
        self.layer.name
    }

    /// What it says below the table.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What stands behind its name in a table of the documentation.
    pub fn cells(&self) -> String {
        let Layer { what, blind, .. } = self.layer;
        let seconds = self.time.as_secs_f64();
        format!(" {what} | {} | {blind} | {seconds:.0} s |", self.counts())
    }

    /// The counts, as in the table: `1,234 operations, 5 histories`.
    fn counts(&self) -> String {
        let counts = self
            .tried
            .iter()
            .map(|(what, count)| format!("{} {what}", grouped(*count)));
        counts.collect::<Vec<_>>().join(", ")
    }
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
    for outcome in outcomes {
        for (fault, by) in &outcome.found {
            println!("{}: planted {fault}: found by {by}", outcome.layer.name);
        }
        for note in &outcome.notes {
            println!("{}: {note}", outcome.layer.name);
        }
    }
    let mut table = Table::new();
    table
        .load_preset(presets::ASCII_MARKDOWN)
        .set_content_arrangement(ContentArrangement::Dynamic)
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
            format!("{:.1} s", outcome.time.as_secs_f64()),
            if outcome.failed() { "FAILED" } else { "ok" }.to_owned(),
        ]);
    }
    println!("{table}");
}

#[cfg(test)]
mod tests {
    use super::*;

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
