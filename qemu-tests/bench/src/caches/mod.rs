//! The cache beside others, on traces of requests: hit ratios, and how long a request takes.
//!
//! A request looks a key up and, if it is not there, puts it in. Hit ratios are those of one thread. With
//! several, each goes through the whole trace, and begins at another place of it.

mod chart;
mod simulation;
mod subjects;
mod trace;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::{fs, thread};

use anyhow::{Context, Result, bail, ensure};
use comfy_table::{CellAlignment, Table, presets};
use indicatif::ProgressBar;
use serde::Serialize;

use crate::drive::Tally;
use crate::page;
use crate::team::{self, Report, Start};
use subjects::{SUBJECTS, Subject};
use trace::Trace;

/// What is measured, and where it goes.
#[derive(clap::Args)]
pub struct Options {
    /// Traces: files, or folders of files, named `*.lis` or `*.lis.zst`, of lines `START COUNT ...`
    #[arg(required = true)]
    traces: Vec<PathBuf>,
    /// Hit ratios only: nothing is timed
    #[arg(long)]
    ratios: bool,
    /// Numbers of threads that are timed
    #[arg(long, value_delimiter = ',', default_value = "1,2")]
    threads: Vec<usize>,
    /// Rounds of which the median is taken
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// At most so many requests of each trace are timed
    #[arg(long, default_value_t = 1_000_000)]
    requests: usize,
    /// Where the table as CSV and the plots go
    #[arg(long, default_value = "target/bench/caches")]
    out: PathBuf,
    /// Write the tables into this page, too
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
}

/// How many entries the caches keep.
pub const SIZES: [usize; 3] = [1_000, 5_000, 10_000];

/// By how many percent a cache of ours may be behind the simulation of its policy.
const MARGIN: f64 = 0.5;

/// What a subject did with a trace.
#[derive(Serialize)]
pub struct Row {
    trace: String,
    entries: usize,
    subject: &'static str,
    hit_ratio: f64,
    /// Nanoseconds a request, of all threads together, for each number of threads.
    #[serde(skip)]
    nanos: Vec<Option<f64>>,
}

impl Row {
    /// Whether it is of the same trace and size.
    fn is_like(&self, other: &Self) -> bool {
        self.trace == other.trace && self.entries == other.entries
    }
}

/// A line of the CSV file of times.
#[derive(Serialize)]
struct Timed<'a> {
    trace: &'a str,
    entries: usize,
    subject: &'static str,
    threads: usize,
    nanos_a_request: f64,
}

/// Measures, prints, and draws.
pub fn run(options: &Options) -> Result<()> {
    ensure!(
        options.threads.iter().all(|threads| *threads > 0),
        "a number of threads of zero"
    );
    if let Some(path) = &options.page {
        page::check(path, &page::CACHES)?;
    }
    let traces = trace::load(&options.traces)?;
    let mut rows = Vec::new();
    let rounds = if options.ratios {
        0
    } else {
        options.rounds as usize
    };
    let steps = SUBJECTS.len() * (1 + rounds * options.threads.len());
    let bar = ProgressBar::new((traces.len() * SIZES.len() * steps) as u64);
    for trace in &traces {
        for (size, entries) in SIZES.into_iter().enumerate() {
            let ratios = SUBJECTS.iter().map(|subject| {
                bar.inc(1);
                let hits = (subject.run[size])(&trace.requests, 1).hits;
                100.0 * hits as f64 / trace.requests.len() as f64
            });
            let ratios: Vec<f64> = ratios.collect();
            let mut nanos = vec![Vec::new(); SUBJECTS.len()];
            for &threads in &options.threads {
                for (index, median) in time(trace, size, threads, rounds, options, &bar)
                    .into_iter()
                    .enumerate()
                {
                    nanos[index].push(median);
                }
            }
            for ((subject, hit_ratio), nanos) in SUBJECTS.iter().zip(ratios).zip(nanos) {
                rows.push(Row {
                    trace: trace.name.clone(),
                    entries,
                    subject: subject.name,
                    hit_ratio,
                    nanos,
                });
            }
        }
    }
    bar.finish_and_clear();
    show(&rows, &traces, options)?;
    check(&rows)
}

/// The medians of rounds in which the subjects take turns; `None` for those that are not timed.
fn time(
    trace: &Trace,
    size: usize,
    threads: usize,
    rounds: usize,
    options: &Options,
    bar: &ProgressBar,
) -> Vec<Option<f64>> {
    let requests = &trace.requests[..trace.requests.len().min(options.requests)];
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); SUBJECTS.len()];
    for round in 0..rounds {
        for turn in 0..SUBJECTS.len() {
            let index = (round + turn) % SUBJECTS.len();
            let Subject { timed, run, .. } = &SUBJECTS[index];
            if *timed {
                times[index].push((run[size])(requests, threads).nanos);
            }
            bar.inc(1);
        }
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).copied()
    };
    times.iter_mut().map(median).collect()
}

/// Prints the tables, and writes them and the plots.
fn show(rows: &[Row], traces: &[Trace], options: &Options) -> Result<()> {
    let mut ratios = table("hit ratio, %", traces);
    for subject in &SUBJECTS {
        let cells = rows.iter().filter(|row| row.subject == subject.name);
        let cells = cells.map(|row| format!("{:.2}", row.hit_ratio));
        ratios.add_row([subject.name.to_string()].into_iter().chain(cells));
    }
    println!("{ratios}");
    let mut text = format!("{ratios}\n");
    fs::create_dir_all(&options.out)
        .with_context(|| format!("cannot make {}", options.out.display()))?;
    write(&options.out.join("hit-ratios.csv"), rows)?;
    chart::draw(
        &options.out.join("hit-ratios.svg"),
        "hit ratio in percent (more is better)",
        rows,
        |row| Some(row.hit_ratio),
    )?;
    if options.ratios {
        return Ok(());
    }
    let mut lines = Vec::new();
    let to = |row: &&Row| row.subject == subjects::COMPARED_TO;
    let others: Vec<&Row> = rows.iter().filter(to).collect();
    for (at, &threads) in options.threads.iter().enumerate() {
        let mut times = table(&format!("ns a request, threads: {threads}"), traces);
        for subject in SUBJECTS.iter().filter(|subject| subject.timed) {
            let rows = rows.iter().filter(|row| row.subject == subject.name);
            let mut cells = vec![subject.name.to_string()];
            for row in rows {
                let nanos = row.nanos[at].context("it is timed")?;
                let other = others.iter().find(|other| other.is_like(row));
                let other = other.and_then(|other| other.nanos[at]);
                let ratio = nanos / other.context("it is timed, too")?;
                cells.push(format!("{nanos:.1} ({ratio:.2}x)"));
                lines.push(Timed {
                    trace: &row.trace,
                    entries: row.entries,
                    subject: subject.name,
                    threads,
                    nanos_a_request: nanos,
                });
            }
            times.add_row(cells);
        }
        println!("{times}");
        let _ = writeln!(text, "\n{times}");
        let path = options.out.join(format!("requests-threads-{threads}.svg"));
        let title = format!("million requests per second, threads: {threads} (more is better)");
        chart::draw(&path, &title, rows, |row| {
            row.nanos[at].map(|nanos| 1e3 / nanos)
        })?;
    }
    write(&options.out.join("times.csv"), &lines)?;
    let path = options.page.as_deref();
    path.map_or(Ok(()), |path| page::write(path, &page::CACHES, &text))
}

/// A table with a column for each trace and size.
fn table(what: &str, traces: &[Trace]) -> Table {
    let mut table = Table::new();
    table.load_preset(presets::ASCII_MARKDOWN);
    let cells = traces.iter().flat_map(|trace| {
        let name = &trace.name;
        SIZES.iter().map(move |size| format!("{name} {size}"))
    });
    table.set_header([what.to_string()].into_iter().chain(cells));
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn write<T: Serialize>(path: &std::path::Path, rows: &[T]) -> Result<()> {
    let mut file =
        csv::Writer::from_path(path).with_context(|| format!("cannot write {}", path.display()))?;
    for row in rows {
        file.serialize(row)?;
    }
    Ok(file.flush()?)
}

/// Whether ours come up to the simulation of their policy.
fn check(rows: &[Row]) -> Result<()> {
    let mut behind = Vec::new();
    for cell in rows.chunks(SUBJECTS.len()) {
        let simulated = cell.iter().find(|row| row.subject == subjects::SIMULATION);
        let simulated = simulated.context("it is one of the subjects")?.hit_ratio;
        let short =
            |row: &&Row| row.subject.starts_with("Cache") && row.hit_ratio < simulated - MARGIN;
        behind.extend(cell.iter().filter(short).map(|row| {
            format!(
                "{} {} {}: {:.2}, simulated {simulated:.2}",
                row.trace, row.entries, row.subject, row.hit_ratio
            )
        }));
    }
    if !behind.is_empty() {
        bail!(
            "behind the simulation by more than {MARGIN}:\n{}",
            behind.join("\n")
        );
    }
    println!("ours are at least the simulation's, less {MARGIN}, in every column");
    Ok(())
}

/// What came of a run.
pub struct Done {
    hits: u64,
    /// Nanoseconds a request, of all threads together.
    nanos: f64,
}

/// Runs each of the threads through the requests, from a place of its own on, and adds up the hits.
///
/// One thread is timed by the time that it had a core, several from the first one's beginning to the last
/// one's end.
fn go_through<S: Sync>(
    subject: &S,
    requests: &[u64],
    threads: usize,
    request: impl Fn(&S, u64) -> bool + Sync,
) -> Done {
    let start = Start::new(threads);
    let work = |thread: usize| {
        let (head, tail) = requests.split_at(requests.len() / threads * thread);
        let begun = start.wait();
        let hit = |key: &&u64| request(subject, **key);
        let hits = tail.iter().filter(hit).count() + head.iter().filter(hit).count();
        let tally = Tally {
            operations: requests.len() as u64,
            checksum: hits as u64,
            refused: 0,
        };
        begun.end(tally, None)
    };
    let reports: Vec<Report> = thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..threads)
            .map(|at| scope.spawn(move || work(at)))
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join());
        joined
            .map(|done| done.expect("no subject panics"))
            .collect()
    });
    let time = match &reports[..] {
        [alone] => alone.busy,
        all => team::wall(all),
    };
    let mut all = Tally::default();
    for report in reports {
        all += report.tally;
    }
    Done {
        hits: all.checksum,
        nanos: time.as_nanos() as f64 / all.operations as f64,
    }
}
