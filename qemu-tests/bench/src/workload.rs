//! What is measured: the workloads, and the cells that they make with sizes, loads and threads.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What the threads of a cell do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Workload {
    /// Gets of present keys, all equally likely.
    Read,
    /// Gets of absent keys.
    Miss,
    /// Gets of present keys, Zipf-distributed with exponent 0.99.
    Zipf,
    /// 98 % get, 1 % insert, 1 % remove; keys from twice as many as are present.
    Mix98,
    /// 50 % get, 25 % insert, 25 % remove; keys from twice as many as are present.
    Mix50,
    /// Remove an entry, insert another key: each pair counts as two operations.
    Churn,
    /// Add one to the value of one key, the same for all threads.
    Hot,
    /// Gets of one key, the same for all threads.
    Hotget,
    /// Readers of present keys beside churning writers: rates of both.
    Beside,
    /// How long single gets take beside one churning writer, in nanoseconds, clock included.
    Latency,
}

impl Workload {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Workload> {
        Self::value_variants().iter().copied()
    }

    /// Its name on the command line and in the output.
    pub fn name(self) -> &'static str {
        match self {
            Workload::Read => "read",
            Workload::Miss => "miss",
            Workload::Zipf => "zipf",
            Workload::Mix98 => "mix98",
            Workload::Mix50 => "mix50",
            Workload::Churn => "churn",
            Workload::Hot => "hot",
            Workload::Hotget => "hotget",
            Workload::Beside => "beside",
            Workload::Latency => "latency",
        }
    }

    /// Its heading in a table.
    pub fn heading(self) -> &'static str {
        match self {
            Workload::Mix98 => "98/1/1",
            Workload::Mix50 => "50/25/25",
            Workload::Hot => "hot update",
            Workload::Hotget => "hot get",
            other => other.name(),
        }
    }

    /// What is measured of it, in the order of the figures of a round.
    pub fn figures(self) -> &'static [&'static str] {
        match self {
            Workload::Beside => &["M reads/s", "M writes/s"],
            Workload::Latency => &["p50 ns", "p99 ns", "p99.9 ns"],
            _ => &["ns/op"],
        }
    }

    /// Whether some threads read while others write.
    pub fn has_roles(self) -> bool {
        matches!(self, Workload::Beside | Workload::Latency)
    }
}

/// One thing to measure: a workload on maps of one size and load, by some threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cell {
    /// What the threads do.
    pub workload: Workload,
    /// The capacity of the maps.
    pub size: usize,
    /// How full they are, in percent.
    pub load: usize,
    /// How many threads there are in all.
    pub threads: usize,
    /// How many of them write, where readers and writers differ; else 0.
    pub writers: usize,
}

impl Cell {
    /// The entries in the map.
    pub fn entries(&self) -> usize {
        self.size * self.load / 100
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Cell {
            workload,
            size,
            load,
            threads,
            writers,
        } = self;
        let name = workload.name();
        write!(f, "{name}, capacity {size}, {load} % full, ")?;
        match writers {
            0 => write!(f, "{threads} thread(s)"),
            _ => write!(f, "{} reader(s), {writers} writer(s)", threads - writers),
        }
    }
}
