//! The suite: which cells are measured with which peers, and what becomes of the results.
//!
//! # Method
//!
//! * A cell (a workload, a size, a load, numbers of threads) is measured in a process of its own, in
//!   which all peers take turns, round by round, each round beginning with another peer. The threads
//!   live as long as the cell and are set off together.
//! * One thread is timed by the time that it had a core, more threads from the first one's beginning
//!   to the last one's end. A round in which the kernel took a core from a thread is done again, up
//!   to [`TRIES`](crate::measure::TRIES) times as often as asked for, and does not count as long as
//!   [`FEWEST`](crate::measure::FEWEST) others do. A row of disturbed rounds alone is marked.
//! * A figure is the median of the rounds. Ratios are to one peer in the same cell and run: they
//!   carry over to other machines better than the times do.
//! * Every peer gets the same keys in the same order. Where the results are determined, they are
//!   compared, and a peer that differs is marked.
//! * A peer that hangs or crashes takes the cell's process along. It is listed as such, and the
//!   others are measured again without it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::builder::PossibleValuesParser;
use indicatif::{ProgressBar, ProgressStyle};

use crate::measure::Effort;
use crate::peers::{PEERS, Peer, SIZES, Takes};
use crate::results::Row;
use crate::watch::Outcome;
use crate::workload::{Cell, Workload};
use crate::{page, plot, results, show, watch};

/// What to measure, how long, and where to put it.
#[derive(clap::Args)]
pub struct Options {
    /// A first look: capacities 2^10 and 2^16, half full, 1 and 2 threads, few rounds
    #[arg(long)]
    quick: bool,
    /// Only these workloads
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    workload: Vec<Workload>,
    /// Only these capacities [possible values: 1024, 65536, 1048576]
    #[arg(long, value_delimiter = ',', value_name = "NUMBERS", value_parser = size)]
    size: Vec<usize>,
    /// How full the maps are, in percent [default: 50,90,99; quick: 50]
    #[arg(long, value_delimiter = ',', value_name = "PERCENTS", value_parser = clap::value_parser!(u8).range(1..=100))]
    load: Vec<u8>,
    /// Numbers of threads [default: 1, 2, 4, 8, 16 up to this machine's]
    #[arg(long, value_delimiter = ',', value_name = "NUMBERS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Vec<u16>,
    /// Only these peers
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    #[arg(value_parser = PossibleValuesParser::new(PEERS.iter().map(|peer| peer.name)))]
    peer: Vec<String>,
    /// The peer that ratios are to; if it is not measured, the first one that is
    #[arg(long, default_value = "copymap", value_name = "NAME")]
    #[arg(value_parser = PossibleValuesParser::new(PEERS.iter().map(|peer| peer.name)))]
    ratio_to: String,
    /// Rounds of which the median is taken [default: 21; quick: 7]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rounds: Option<u32>,
    /// Operations of a thread in a round [default: 2^18, of several threads
    /// 2^16, at least the capacity]
    #[arg(long, value_parser = clap::value_parser!(u32).range(64..))]
    operations: Option<u32>,
    /// No further round of a cell begins after so many seconds [default: 30; quick: 5]
    #[arg(long, value_name = "S", value_parser = clap::value_parser!(u32).range(1..=3600))]
    budget: Option<u32>,
    /// A peer that says nothing for so many seconds hangs
    #[arg(long, default_value_t = 10, value_name = "S", value_parser = clap::value_parser!(u32).range(1..=3600))]
    patience: u32,
    /// Where the CSV file and the plots go [default: target/bench]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Also draw into this folder the few plots that a page would show, under names that stay
    #[arg(long, value_name = "DIR")]
    plots: Option<PathBuf>,
    /// Also write the tables into this page
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
}

fn size(text: &str) -> Result<usize, String> {
    let size = text.parse().ok().filter(|size| SIZES.contains(size));
    size.ok_or_else(|| format!("there are maps of {SIZES:?} entries"))
}

/// Measures, prints tables, and writes CSV and plots.
pub fn run(options: &Options) -> Result<()> {
    let peers = options.peers();
    let cells = options.cells();
    ensure!(
        !cells.is_empty(),
        "no workload has a cell with these numbers of threads"
    );
    if let Some(path) = &options.page {
        page::check(path, &page::PEERS)?;
    }
    let out = options.out.clone().unwrap_or_else(target);
    for folder in [Some(&out), options.plots.as_ref()].into_iter().flatten() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make {}", folder.display()))?;
    }

    let style = "{elapsed_precise} {bar:30} {pos}/{len} {wide_msg}";
    let bar = ProgressBar::new(cells.len() as u64).with_style(ProgressStyle::with_template(style)?);
    let mut rows = Vec::new();
    for cell in cells {
        bar.set_message(cell.to_string());
        let patience = Duration::from_secs(options.patience.into());
        let outcomes = watch::cell(&cell, &peers, options.effort(&cell), patience)?;
        for peer in &peers {
            let Some(outcome) = outcomes.get(peer.name) else {
                continue;
            };
            match outcome {
                Outcome::Hangs => bar.println(format!("{} hangs: {cell}", peer.label)),
                Outcome::Fails(why) => bar.println(format!("{} fails: {cell}: {why}", peer.label)),
                Outcome::Measured(_, Some(why)) => {
                    bar.println(format!("{} is wrong: {cell}: {why}", peer.label));
                }
                Outcome::Measured(_, None) => {}
            }
            rows.push(Row::new(cell, peer, outcome));
        }
        // What was measured so far is safe if the rest is interrupted.
        results::write(&out.join("results.csv"), &rows)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    results::relate(&mut rows, &options.ratio_to);
    results::write(&out.join("results.csv"), &rows)?;
    let tables = show::tables(&rows, &peers);
    print!("{tables}");
    if let Some(path) = &options.page {
        page::write(path, &page::PEERS, &tables)?;
    }
    plot::all(&out, &rows)?;
    if let Some(plots) = &options.plots {
        plot::chosen(plots, &rows)?;
    }
    println!("\nresults.csv and the plots are in {}", out.display());
    Ok(())
}

/// Where cargo builds, seen from this program in it.
fn target() -> PathBuf {
    let here = std::env::current_exe().ok();
    let target = here.as_deref().and_then(|exe| exe.parent()?.parent());
    target
        .map_or_else(|| "target".into(), PathBuf::from)
        .join("bench")
}

impl Options {
    fn peers(&self) -> Vec<&'static Peer> {
        PEERS
            .iter()
            .filter(|peer| match &self.peer[..] {
                [] => peer.takes != Takes::Named,
                names => names.iter().any(|name| name == peer.name),
            })
            .collect()
    }

    fn effort(&self, cell: &Cell) -> Effort {
        // A round of several threads is undisturbed more often if it is short.
        let operations = if cell.threads == 1 { 1 << 18 } else { 1 << 16 };
        Effort {
            rounds: self.rounds.unwrap_or(if self.quick { 7 } else { 21 }) as usize,
            operations: match self.operations {
                Some(operations) => operations as usize,
                None => operations.max(cell.size),
            },
            slice: Duration::from_millis(5),
            budget: Duration::from_secs(
                self.budget
                    .unwrap_or(if self.quick { 5 } else { 30 })
                    .into(),
            ),
        }
    }

    fn cells(&self) -> Vec<Cell> {
        let workloads = or(&self.workload, || Workload::all().collect());
        let sizes = or(&self.size, || {
            SIZES[..if self.quick { 2 } else { 3 }].into()
        });
        let loads = or(&self.load, || {
            if self.quick {
                vec![50]
            } else {
                vec![50, 90, 99]
            }
        });
        let threads = or(&self.threads, || {
            let cores = std::thread::available_parallelism().map_or(1, usize::from) as u16;
            let most = if self.quick { cores.min(2) } else { cores };
            [1, 2, 4, 8, 16]
                .into_iter()
                .filter(|&count| count <= most)
                .collect()
        });
        let mut cells = Vec::new();
        for &size in &sizes {
            for &load in &loads {
                for &threads in &threads {
                    for &workload in &workloads {
                        let threads = usize::from(threads);
                        for writers in writers(workload, threads) {
                            cells.push(Cell {
                                workload,
                                size,
                                load: load.into(),
                                threads,
                                writers,
                            });
                        }
                    }
                }
            }
        }
        cells
    }
}

fn or<T: Clone>(chosen: &[T], default: impl FnOnce() -> Vec<T>) -> Vec<T> {
    match chosen {
        [] => default(),
        chosen => chosen.to_vec(),
    }
}

/// The numbers of writers among so many threads that make a cell each.
fn writers(workload: Workload, threads: usize) -> Vec<usize> {
    match (workload, threads) {
        (Workload::Beside | Workload::Latency, 1) => Vec::new(),
        (Workload::Latency, _) | (Workload::Beside, 2 | 3) => vec![1],
        (Workload::Beside, _) => vec![1, threads / 2, threads - 1],
        _ => vec![0],
    }
}
