//! The page of `--report`: one HTML file that needs no other.

use std::fmt::{Display, Write as _};
use std::fs;
use std::path::Path;
use std::string::{String, ToString};
use std::vec::Vec;

use arenamap::Stats;

use super::plots::{self, Axes, Line};
use super::view::{self, Sample};
use crate::other::OTHERS;
use crate::pcap::Capture;
use crate::recount::Verdict;
use crate::report::{Rows, Scaled};
use crate::work::{Share, Tally};

/// How many flows the table has.
const FLOWS: usize = 100;
/// A rate is that over so much of the run, or the line would be all noise.
const WINDOW: u64 = 40;
/// The plot of ranks has at most about so many points.
const RANKS: usize = 500;

const STYLE: &str = include_str!("page.css");

/// What a run ended with.
pub struct Run<'a, const N: usize> {
    /// What was counted.
    pub capture: &'a Capture<'a>,
    /// How often.
    pub passes: u64,
    /// How long it took.
    pub elapsed_ns: u64,
    /// What each core did.
    pub tallies: &'a [Tally],
    /// The map.
    pub stats: Stats,
    /// The flows.
    pub rows: &'a mut Rows<N>,
    /// What the check said.
    pub verdict: &'a Verdict,
}

/// Says why there can be no page of this name, before anything is counted.
pub fn can_write(path: &str) -> Result<(), String> {
    let cannot = |why: &dyn Display| format!("cannot write the report {path}: {why}");
    let file = Path::new(path);
    if file.is_dir() {
        return Err(cannot(&"it is a folder"));
    }
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    match fs::metadata(folder) {
        Ok(data) if data.is_dir() => Ok(()),
        Ok(_) => Err(cannot(&format_args!("{} is no folder", folder.display()))),
        Err(error) => Err(cannot(&format_args!("{}: {error}", folder.display()))),
    }
}

/// The page's text.
pub fn page<const N: usize>(run: &mut Run<'_, N>) -> Result<String, String> {
    let shares: Vec<Share> = run.tallies.iter().map(Tally::share).collect();
    let all: Share = shares.iter().copied().sum();
    let samples = view::samples();
    let mut page = String::new();
    let title = format!(
        "{} frames, {} flows, {} cores",
        run.capture.frame_count(),
        run.stats.live,
        shares.len()
    );
    let _ = write!(
        page,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>flow_table: {title}</title><style>{STYLE}</style></head><body>\n\
         <h1>flow_table</h1><p>{title}. One lock-free map, counted in by all cores at the same time.</p>\n"
    );
    figures(&mut page, run, &all);
    for note in notes(run) {
        let _ = writeln!(page, "<p class=\"note\">{}</p>", Text(&note));
    }

    let _ = writeln!(page, "<h2>Rate of each core</h2>");
    let (unit, unit_ns) = unit(run.elapsed_ns);
    page += &plots::lines(
        &rates(&samples.run, unit_ns),
        &Axes {
            x: unit,
            y: "frames/s",
            log: false,
        },
    )?;
    table(
        &mut page,
        &["core", "frames", "batches", "with a flow", "not tracked"],
        (0..).zip(&shares).map(|(core, share): (usize, _)| {
            let numbers = [
                share.frames,
                share.batches,
                share.lookups,
                share.not_tracked,
            ];
            [core as u64]
                .into_iter()
                .chain(numbers)
                .map(|it| it.to_string())
                .collect()
        }),
    );

    let _ = writeln!(page, "<h2>The map while it filled</h2>");
    page += &plots::lines(
        &census(&samples.filling),
        &Axes {
            x: "frames counted",
            y: "number",
            log: false,
        },
    )?;
    map(&mut page, &run.stats);

    let _ = writeln!(page, "<h2>Flows by size</h2>");
    let flows: Vec<_> = run
        .rows
        .sorted_by_bytes()
        .map(|(key, totals)| (*key, totals))
        .collect();
    page += &plots::lines(
        &[ranks(
            flows.iter().map(|(_, totals)| totals.bytes).collect(),
        )],
        &Axes {
            x: "rank of the flow",
            y: "bytes",
            log: true,
        },
    )?;
    if flows.len() > FLOWS {
        let _ = writeln!(page, "<p>The {FLOWS} busiest of {} flows.</p>", flows.len());
    }
    table(
        &mut page,
        &["bytes", "packets", "flow"],
        flows.iter().take(FLOWS).map(|(key, totals)| {
            vec![
                totals.bytes.to_string(),
                totals.packets.to_string(),
                key.to_string(),
            ]
        }),
    );

    let (kinds, further) = OTHERS.sorted();
    if !kinds.is_empty() {
        let _ = writeln!(page, "<h2>Frames without a flow</h2>");
        let further = (further > 0).then(|| vec![further.to_string(), "further kinds".into()]);
        let kinds = kinds
            .iter()
            .map(|(kind, frames)| vec![frames.to_string(), kind.to_string()]);
        table(
            &mut page,
            &["frames", "what they are"],
            kinds.chain(further),
        );
    }
    page += "</body></html>\n";
    Ok(page)
}

/// The few numbers at the top.
fn figures<const N: usize>(page: &mut String, run: &Run<'_, N>, all: &Share) {
    let rate = u128::from(all.frames) * 1_000_000_000 / u128::from(run.elapsed_ns.max(1));
    let seconds = run.elapsed_ns as f64 / 1e9;
    let figures = [
        (
            format!("{}frames/s", Scaled(rate as u64)),
            "all cores together",
        ),
        (format!("{}", run.passes), "passes over the capture"),
        (format!("{seconds:.3} s"), "for all passes"),
        (
            format!("{} s", run.capture.duration().as_secs()),
            "covered by the capture",
        ),
        (
            format!("{} of {}", run.stats.live, run.stats.capacity),
            "flows in the map",
        ),
        (format!("{}", all.not_tracked), "frames not tracked"),
    ];
    *page += "<div class=\"figures\">";
    for (figure, what) in figures {
        let _ = write!(page, "<div><b>{figure}</b>{what}</div>");
    }
    *page += "</div>\n";
}

/// What the reader ought to know.
fn notes<const N: usize>(run: &Run<'_, N>) -> Vec<String> {
    let mut notes = vec![run.verdict.to_string()];
    notes.extend(run.capture.cut().map(|cut| cut.to_string()));
    let shortened = run.capture.shortened();
    if shortened > 0 {
        notes.push(format!(
            "{shortened} records say that less was on the wire than was captured"
        ));
    }
    notes
}

/// What time is shown in, and its nanoseconds.
const fn unit(longest_ns: u64) -> (&'static str, f64) {
    match longest_ns {
        ..1_000_000 => ("microseconds", 1e3),
        1_000_000..1_000_000_000 => ("milliseconds", 1e6),
        _ => ("seconds", 1e9),
    }
}

/// For each core its frames in a second, over the run.
fn rates(samples: &[Sample], unit_ns: f64) -> Vec<Line> {
    let Some(last) = samples.last() else {
        return Vec::new();
    };
    let window = last.moment.run_ns / WINDOW;
    (0..last.moment.shares.len())
        .map(|core| {
            let mut since = None;
            let mut points = Vec::new();
            for Sample { moment, .. } in samples {
                let from = since.map_or(0, |since: &crate::monitor::Moment| since.run_ns);
                if moment.run_ns > from && moment.run_ns - from >= window {
                    let rate = moment.rate(Some(core), since) as f64;
                    // The rate held in all of the time before the sample.
                    points.push((from as f64 / unit_ns, rate));
                    points.push((moment.run_ns as f64 / unit_ns, rate));
                    since = Some(moment);
                }
            }
            let name = format!("core {core}");
            Line { name, points }
        })
        .collect()
}

/// What was in the map, over the frames that had been counted.
fn census(samples: &[Sample]) -> Vec<Line> {
    let line = |name: &str, of: fn(&Stats) -> usize| Line {
        name: name.into(),
        // Nothing, at the start.
        points: core::iter::once((0.0, 0.0))
            .chain(
                samples
                    .iter()
                    .map(|sample| (sample.moment.all().frames as f64, of(&sample.stats) as f64)),
            )
            .collect(),
    };
    vec![
        line("flows", |stats| stats.live),
        line("buckets used", |stats| stats.buckets_used),
        line("in chains", |stats| stats.chained),
    ]
}

/// Bytes of the flows, the busiest first. Far down only some of them: the axis is logarithmic.
fn ranks(bytes: Vec<u64>) -> Line {
    let mut next = 1.0_f64;
    let step = (bytes.len().max(2) as f64)
        .powf(1.0 / RANKS as f64)
        .max(1.0);
    let mut points = Vec::new();
    for (rank, bytes) in (1_u32..).zip(bytes) {
        let rank = f64::from(rank);
        if rank >= next {
            // A logarithm of 0 has no place.
            points.push((rank, bytes.max(1) as f64));
            next = (next * step).max(rank + 0.5);
        }
    }
    let name = "flows".into();
    Line { name, points }
}

fn map(page: &mut String, stats: &Stats) {
    let rows = [
        ("flows", stats.live),
        ("places for flows", stats.capacity),
        ("cells", stats.cells),
        ("free cells", stats.free),
        ("buckets", stats.buckets),
        ("used buckets", stats.buckets_used),
        ("flows in the fullest bucket", stats.fullest_bucket),
        ("flows in chains", stats.chained),
    ];
    table(
        page,
        &["", "number"],
        rows.map(|(name, number)| vec![name.into(), number.to_string()]),
    );
}

fn table(page: &mut String, heads: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    *page += "<div class=\"table\"><table><tr>";
    for head in heads {
        let _ = write!(page, "<th>{head}</th>");
    }
    *page += "</tr>\n";
    for row in rows {
        *page += "<tr>";
        for cell in row {
            let is_number = !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit());
            let class = if is_number { " class=\"n\"" } else { "" };
            let _ = write!(page, "<td{class}>{}</td>", Text(&cell));
        }
        *page += "</tr>\n";
    }
    *page += "</table></div>\n";
}

/// Text that is no markup.
struct Text<'a>(&'a str);

impl Display for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '&' => f.write_str("&amp;")?,
                _ => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_keep_the_first_and_thin_out_the_rest() {
        let few = ranks((1..=100).rev().collect());
        assert_eq!(few.points[..3], [(1.0, 100.0), (2.0, 99.0), (3.0, 98.0)]);
        let many = ranks(vec![0; 60_000]);
        assert!((100..=RANKS + 1).contains(&many.points.len()));
        assert_eq!(many.points[0], (1.0, 1.0));
        assert!(ranks(vec![]).points.is_empty());
    }

    #[test]
    fn text_is_no_markup() {
        assert_eq!(Text("a <b> & c").to_string(), "a &lt;b&gt; &amp; c");
    }

    #[test]
    fn a_page_cannot_be_in_a_folder_that_is_not_there() {
        assert!(can_write("report.html").is_ok());
        assert!(
            can_write("/nowhere/at/all/x.html")
                .unwrap_err()
                .contains("/nowhere/at/all")
        );
        assert!(can_write("/").unwrap_err().ends_with("it is a folder"));
    }
}
