//! Measures one cell, in a process of its own: all its peers, in turns, round by round.

use std::collections::HashSet;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use crate::drive::{Bench, Tally};
use crate::message::{Message, Round};
use crate::peers::Peer;
use crate::script::{Script, Task};
use crate::team::{Order, Report, Team, wall};
use crate::workload::{Cell, Workload};

/// How much to do.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Rounds that no other program disturbed; one more warms up.
    pub rounds: usize,
    /// Operations of a thread in a round.
    pub operations: usize,
    /// How long a round of readers beside writers lasts.
    pub slice: Duration,
    /// No further round begins after this time, if there have been [`FEWEST`].
    pub budget: Duration,
}

/// A median of fewer rounds would say nothing.
pub const FEWEST: usize = 3;

struct Contestant {
    peer: &'static Peer,
    bench: Arc<dyn Bench>,
    tasks: Arc<Vec<Mutex<Task>>>,
    calm: usize,
    added: u64,
}

/// A round that another program disturbed is done again, but not more often than this.
pub const TRIES: usize = 8;

/// Measures, and says so line by line.
pub fn cell(cell: &Cell, peers: &[&'static Peer], effort: Effort, out: &mut impl Write) {
    let mut say = |message: Message| {
        let line = serde_json::to_string(&message).expect("plain data");
        // A parent that is gone has no use for us.
        if writeln!(out, "{line}").and_then(|()| out.flush()).is_err() {
            std::process::exit(1);
        }
    };
    let script = Script::new(cell);
    let mut contestants = Vec::new();
    for peer in peers {
        say(turn(peer));
        if let Some(contestant) = Contestant::new(peer, cell, &script) {
            contestants.push(contestant);
        }
    }
    let team = Team::new(cell.threads);
    let begun = Instant::now();
    let mut reported = HashSet::new();
    for round in 0..=effort.rounds * TRIES {
        if round > FEWEST && begun.elapsed() > effort.budget {
            break;
        }
        let mut sums = Vec::new();
        // Whoever is first has the caches of whoever was last: let all be first.
        let count = contestants.len();
        for turn_of in 0..count {
            let contestant = &mut contestants[(round + turn_of) % count];
            if contestant.calm == effort.rounds {
                continue;
            }
            let name = contestant.peer.name;
            say(turn(contestant.peer));
            let (done, tally) = contestant.round(cell, &team, effort);
            if is_determined(cell) && done.refused == 0 {
                sums.push((name, tally.checksum));
            }
            if round > 0 {
                contestant.calm += usize::from(done.was_calm(cell.threads));
                let peer = name.into();
                say(Message::Round { peer, round: done });
            }
        }
        for (name, what) in deviations(&sums) {
            if reported.insert(name) {
                say(wrong(name, what));
            }
        }
    }
    if cell.workload == Workload::Hot {
        for contestant in &contestants {
            if let Some(what) = contestant.lost_updates(script.present[0]) {
                say(wrong(contestant.peer.name, what));
            }
        }
    }
    say(Message::Done);
}

fn turn(peer: &Peer) -> Message {
    let peer = peer.name.into();
    Message::Turn { peer }
}

fn wrong(peer: &str, what: String) -> Message {
    let peer = peer.into();
    Message::Wrong { peer, what }
}

impl Contestant {
    fn new(peer: &'static Peer, cell: &Cell, script: &Script) -> Option<Self> {
        let bench = (peer.make)(cell.size)?;
        bench.fill(&script.present);
        Some(Self {
            peer,
            bench: bench.into(),
            tasks: Arc::new(script.tasks.iter().cloned().map(Mutex::new).collect()),
            calm: 0,
            added: 0,
        })
    }

    /// What is wrong with the value of the key that all rounds added to.
    fn lost_updates(&self, key: u64) -> Option<String> {
        let value = self.bench.get(key);
        let expected = key + self.added;
        let right = match self.peer.name {
            "copymap-u32" => value.map(|value| value as u32) == Some(expected as u32),
            _ => value == Some(expected),
        };
        (!right).then(|| format!("lost updates: {value:?} instead of {expected}"))
    }

    fn round(&mut self, cell: &Cell, team: &Team, effort: Effort) -> (Round, Tally) {
        let reports = if cell.workload.has_roles() {
            self.with_roles(cell, team, effort)
        } else {
            self.alike(cell, team, effort)
        };
        let mut tally = Tally::default();
        for report in &reports {
            tally += report.tally;
        }
        self.added += tally.operations + reports.len() as u64 * warm_up(cell, effort) as u64;
        let round = Round {
            figures: figures(cell, &reports, tally),
            switches: reports.iter().map(|report| report.switches).sum(),
            refused: tally.refused,
        };
        (round, tally)
    }

    /// Every thread does the same: so many operations.
    fn alike(&self, cell: &Cell, team: &Team, effort: Effort) -> Vec<Report> {
        let (bench, tasks) = (self.bench.clone(), self.tasks.clone());
        let (workload, warm_up) = (cell.workload, warm_up(cell, effort));
        let order: Order = Arc::new(move |thread, start| {
            let mut task = tasks[thread].lock().expect("one thread a task");
            bench.run(workload, &mut task, warm_up);
            let begun = start.wait();
            let tally = bench.run(workload, &mut task, effort.operations);
            begun.end(tally, None)
        });
        team.run(&order, || ())
    }

    /// The first threads churn, the others read, until the time is over.
    fn with_roles(&self, cell: &Cell, team: &Team, effort: Effort) -> Vec<Report> {
        let (bench, tasks, cell) = (self.bench.clone(), self.tasks.clone(), *cell);
        let stop = Arc::new(AtomicBool::new(false));
        let over = stop.clone();
        let order: Order = Arc::new(move |thread, start| {
            let mut task = tasks[thread].lock().expect("one thread a task");
            let begun = start.wait();
            if thread < cell.writers {
                return begun.end(bench.churn_until(&mut task, &stop), None);
            }
            if cell.workload == Workload::Beside {
                return begun.end(bench.read_until(&mut task, &stop), None);
            }
            let mut times = histogram();
            let tally = bench.time_until(&mut task, &stop, &mut times);
            begun.end(tally, Some(times))
        });
        team.run(&order, || {
            std::thread::sleep(effort.slice);
            over.store(true, Relaxed);
        })
    }
}

/// Whether all peers must come to the same results.
fn is_determined(cell: &Cell) -> bool {
    match cell.workload {
        Workload::Read | Workload::Miss | Workload::Zipf => true,
        Workload::Churn | Workload::Hot | Workload::Hotget => true,
        Workload::Mix98 | Workload::Mix50 => cell.threads == 1,
        Workload::Beside | Workload::Latency => false,
    }
}

/// Who came to something else than most did; of two results with as many votes, the one that came
/// first is taken for the right one.
fn deviations<'a>(sums: &[(&'a str, u64)]) -> Vec<(&'a str, String)> {
    let votes = |sum: u64| sums.iter().filter(|other| other.1 == sum).count();
    let Some((_, expected)) = sums.iter().rev().max_by_key(|(_, sum)| votes(*sum)) else {
        return Vec::new();
    };
    sums.iter()
        .filter(|(_, sum)| sum != expected)
        .map(|(name, sum)| {
            let what = format!("its results sum up to {sum} instead of {expected}");
            (*name, what)
        })
        .collect()
}

/// Operations before a round that bring the map back into the caches.
fn warm_up(cell: &Cell, effort: Effort) -> usize {
    (effort.operations / 4).max(cell.entries().min(effort.operations))
}

/// Up to ten seconds, to a hundredth.
fn histogram() -> Histogram<u64> {
    Histogram::new_with_max(10_000_000_000, 2).expect("sound bounds")
}

fn figures(cell: &Cell, reports: &[Report], tally: Tally) -> Vec<f64> {
    let wall = wall(reports).as_nanos() as f64;
    let (writers, readers) = reports.split_at(cell.writers);
    match cell.workload {
        Workload::Beside => {
            let rate = |reports: &[Report]| {
                let operations: u64 = reports.iter().map(|report| report.tally.operations).sum();
                operations as f64 / wall * 1e3
            };
            vec![rate(readers), rate(writers)]
        }
        Workload::Latency => {
            let mut all = histogram();
            for times in readers.iter().filter_map(|report| report.times.as_ref()) {
                all.add(times).expect("equal bounds");
            }
            [0.5, 0.99, 0.999]
                .map(|quantile| all.value_at_quantile(quantile) as f64)
                .into()
        }
        // One thread waits for nobody: the time that it had a core is what it took.
        _ => match reports {
            [alone] => vec![alone.busy.as_nanos() as f64 / tally.operations as f64],
            _ => vec![wall / tally.operations as f64],
        },
    }
}
