//! The live view, and the samples of a run that a page shows.

use std::mem;
use std::string::String;
use std::sync::Mutex;
use std::vec::Vec;

use arenamap::Stats;
use console::Term;

use crate::args::Args;
use crate::flows::{FlowKey, Totals};
use crate::monitor::Moment;
use crate::report::Scaled;

/// The time between two pictures.
const PICTURE_NS: u64 = 200_000_000;
/// The time between two samples, at first.
const SAMPLE_NS: u64 = 1_000_000;
/// When there are so many samples, every other one goes, and they are taken half as often.
const SAMPLES: usize = 400;
/// How many samples there are at most of the map while it fills, which takes a moment only.
const FILLING: usize = 400;
/// After so many looks without a new flow it has filled.
const PATIENCE: usize = 64;
/// How wide a bar is.
const BAR: usize = 40;

/// What was seen at a moment of the run.
#[derive(Clone, Debug)]
pub struct Sample {
    /// When, and what the cores had done.
    pub moment: Moment,
    /// The map.
    pub stats: Stats,
}

/// What was seen of a run.
#[derive(Clone, Debug, Default)]
pub struct Samples {
    /// The whole run, in steps of one length.
    pub run: Vec<Sample>,
    /// The map while it filled, each time that there were more flows.
    pub filling: Vec<Sample>,
}

/// Core 0 leaves the samples here for the page.
static TAKEN: Mutex<Samples> = Mutex::new(Samples {
    run: Vec::new(),
    filling: Vec::new(),
});

/// What was seen of the run that has ended.
pub fn samples() -> Samples {
    mem::take(&mut *TAKEN.lock().unwrap_or_else(|error| error.into_inner()))
}

/// Says why there can be no view.
pub fn must_be_terminal() -> Result<(), String> {
    match Term::stderr().features().is_attended() {
        true => Ok(()),
        false => Err(
            "--watch draws on a terminal, but the standard error output is none; the runner's is not \
             either: start the program itself, cargo run --release --package flow_table -- --watch"
                .into(),
        ),
    }
}

/// Undoes what a picture did to the terminal.
pub fn show_cursor() {
    // Nobody is left to be told when the terminal is gone.
    let _ = Term::stderr().show_cursor();
}

/// What core 0 sees of the run.
#[derive(Debug)]
pub struct View {
    draws: bool,
    picture: Option<Picture>,
    picture_due: u64,
    keeps: bool,
    samples: Samples,
    /// Looks since there was a new flow.
    idle: usize,
    sample_due: u64,
    sample_every: u64,
}

/// What stands on the terminal.
#[derive(Debug)]
struct Picture {
    lines: usize,
    moment: Moment,
}

impl View {
    /// As the command line wants it.
    pub fn new(args: &Args<'_>) -> Self {
        Self {
            draws: args.watch,
            picture: None,
            picture_due: 0,
            keeps: args.report.is_some(),
            samples: Samples::default(),
            idle: 0,
            sample_due: 0,
            sample_every: SAMPLE_NS,
        }
    }

    /// Whether it draws: then nobody else writes to the terminal.
    pub const fn draws(&self) -> bool {
        self.draws
    }

    /// Whether it wants to look.
    pub fn is_due(&self, run_ns: u64) -> bool {
        self.draws && run_ns >= self.picture_due
            || self.keeps && (run_ns >= self.sample_due || self.is_filling())
    }

    fn is_filling(&self) -> bool {
        self.idle < PATIENCE && self.samples.filling.len() < FILLING
    }

    /// Looks.
    pub fn look(&mut self, moment: Moment, stats: Stats, busiest: &[(FlowKey, Totals)]) {
        if self.keeps {
            self.keep(&moment, stats);
        }
        if self.draws && moment.run_ns >= self.picture_due {
            self.picture_due = moment.run_ns + PICTURE_NS;
            self.draw(moment, &stats, busiest);
        }
    }

    fn keep(&mut self, moment: &Moment, stats: Stats) {
        let sample = || Sample {
            moment: moment.clone(),
            stats,
        };
        if self.is_filling() {
            let last = self.samples.filling.last();
            if last.is_none_or(|last| last.stats.live < stats.live) {
                self.samples.filling.push(sample());
                self.idle = 0;
            } else {
                self.idle += 1;
            }
        }
        if moment.run_ns >= self.sample_due {
            if self.samples.run.len() == SAMPLES {
                let mut keep = false;
                self.samples.run.retain(|_| {
                    keep = !keep;
                    keep
                });
                self.sample_every *= 2;
            }
            self.sample_due = moment.run_ns + self.sample_every;
            self.samples.run.push(sample());
        }
    }

    /// The run is over.
    pub fn end(self) {
        if self.draws {
            show_cursor();
        }
        *TAKEN.lock().unwrap_or_else(|error| error.into_inner()) = self.samples;
    }

    fn draw(&mut self, moment: Moment, stats: &Stats, busiest: &[(FlowKey, Totals)]) {
        let last = self.picture.as_ref();
        let (height, width) = Term::stderr().size();
        let lines: Vec<String> = lines(&moment, last.map(|last| &last.moment), stats, busiest)
            .into_iter()
            // A line that wraps, or a page that scrolls, could not be drawn over.
            .take(usize::from(height).saturating_sub(1))
            .map(|line| line.chars().take(usize::from(width)).collect())
            .collect();
        // One write, so that nothing flickers. Nobody is left to be told when the terminal is gone.
        let term = Term::buffered_stderr();
        let _ = term.hide_cursor();
        if let Some(last) = last {
            let _ = term.clear_last_lines(last.lines);
        }
        for line in &lines {
            let _ = term.write_line(line);
        }
        let _ = term.flush();
        self.picture = Some(Picture {
            lines: lines.len(),
            moment,
        });
    }
}

/// The picture's text.
fn lines(
    moment: &Moment,
    last: Option<&Moment>,
    stats: &Stats,
    busiest: &[(FlowKey, Totals)],
) -> Vec<String> {
    let all = moment.all();
    let seconds = moment.run_ns / 1_000_000_000;
    let mut lines = vec![
        format!(
            "{seconds} s: {} frames, {}frames/s, {} without a flow, {} not tracked (Ctrl-C ends)",
            all.frames,
            Scaled(moment.rate(None, last)),
            all.frames.saturating_sub(all.lookups),
            all.not_tracked
        ),
        format!(
            "map      {} {} of {} flows, {} in the fullest of {} used buckets",
            bar(stats.live as u64, stats.capacity as u64),
            stats.live,
            stats.capacity,
            stats.fullest_bucket,
            stats.buckets_used
        ),
        format!(
            "chains   {} {} of {} flows in chains",
            bar(stats.chained as u64, stats.live as u64),
            stats.chained,
            stats.live
        ),
    ];
    let rates: Vec<u64> = (0..moment.shares.len())
        .map(|core| moment.rate(Some(core), last))
        .collect();
    let quickest = rates.iter().copied().max().unwrap_or(0);
    lines.extend((0..).zip(&rates).map(|(core, &rate): (usize, _)| {
        format!(
            "core {core:<3} {} {}frames/s",
            bar(rate, quickest),
            Scaled(rate)
        )
    }));
    lines.extend(busiest.iter().map(|(key, totals)| {
        format!(
            "  {:>9}B in {:>10} packets: {key}",
            std::string::ToString::to_string(&Scaled(totals.bytes)),
            totals.packets
        )
    }));
    lines
}

/// So many of so many.
fn bar(part: u64, whole: u64) -> String {
    let filled = (part.min(whole) * BAR as u64).div_ceil(whole.max(1)) as usize;
    format!("[{:<BAR$}]", "#".repeat(filled))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::Share;

    #[test]
    fn bars() {
        assert_eq!(bar(0, 10), format!("[{}]", " ".repeat(40)));
        assert_eq!(bar(10, 10), format!("[{}]", "#".repeat(40)));
        assert_eq!(bar(11, 10), bar(10, 10));
        assert_eq!(bar(0, 0), bar(0, 1));
        // What is there is seen.
        assert_eq!(bar(1, 4096), bar(1, 40));
        assert_eq!(bar(1, 2), format!("[{:<40}]", "#".repeat(20)));
    }

    fn moment(run_ns: u64, frames: &[u64]) -> Moment {
        let share = |&frames: &u64| Share {
            frames,
            lookups: frames,
            ..Share::default()
        };
        Moment {
            run_ns,
            shares: frames.iter().map(share).collect(),
        }
    }

    #[test]
    fn a_picture_has_the_map_its_chains_and_each_core() {
        let stats = arenamap::Map::<u32, u32, 64>::new().stats();
        let last = moment(1_000_000_000, &[0, 0]);
        let lines = lines(
            &moment(2_000_000_000, &[1000, 500]),
            Some(&last),
            &stats,
            &[],
        );
        assert_eq!(lines.len(), 5);
        assert!(lines[0].starts_with("2 s: 1500 frames, 1.5 kframes/s, 0 without"));
        assert!(lines[1].contains("0 of 64 flows"));
        assert!(lines[2].contains("0 of 0 flows in chains"));
        assert!(lines[3].ends_with("] 1.0 kframes/s"));
        assert!(lines[4].ends_with("] 500 frames/s"));
    }

    #[test]
    fn samples_of_a_long_run_are_as_many_as_of_a_short_one() {
        let stats = arenamap::Map::<u32, u32, 64>::new().stats();
        let args = Args::parse(["--report", "x"].into_iter()).unwrap();
        let mut view = View::new(&args);
        for run_ns in (0..10_000_000_000).step_by(500_000) {
            if view.is_due(run_ns) {
                view.look(moment(run_ns, &[run_ns]), stats, &[]);
            }
        }
        assert!((SAMPLES / 2..=SAMPLES).contains(&view.samples.run.len()));
        let times: Vec<u64> = view.samples.run.iter().map(|it| it.moment.run_ns).collect();
        let steps: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(times[0], 0);
        assert!(steps.iter().all(|step| *step <= view.sample_every));
        assert!(*times.last().unwrap() > 9_900_000_000);
        // It never had a flow: that is one sample.
        assert_eq!(view.samples.filling.len(), 1);
    }
}
