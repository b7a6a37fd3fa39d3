//! Has a cell measured by another process of this program and watches over it: a peer that hangs or
//! crashes costs that process, and the cell is measured again without it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::measure::Effort;
use crate::message::{Message, Round};
use crate::peers::Peer;
use crate::workload::Cell;

/// What became of a peer in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It was measured; where its results were wrong, in what way.
    Measured(Vec<Round>, Option<String>),
    /// It said nothing for too long.
    Hangs,
    /// Its process ended: the last line of what it said.
    Fails(String),
}

/// What became of the peers, by name. A peer that does not take part is not among them.
pub type Outcomes = BTreeMap<&'static str, Outcome>;

/// Measures the cell; a peer hangs when nothing is heard for `patience`.
pub fn cell(
    cell: &Cell,
    peers: &[&'static Peer],
    effort: Effort,
    patience: Duration,
) -> Result<Outcomes> {
    let mut peers: Vec<_> = peers
        .iter()
        .copied()
        .filter(|peer| peer.takes(cell))
        .collect();
    let mut lost = Outcomes::new();
    while !peers.is_empty() {
        let attempt = Attempt::start(cell, &peers, effort)?;
        match attempt.watch(&peers, patience)? {
            End::Done(mut measured) => {
                measured.append(&mut lost);
                return Ok(measured);
            }
            End::Lost(name, outcome) => {
                peers.retain(|peer| peer.name != name);
                lost.insert(name, outcome);
            }
        }
    }
    Ok(lost)
}

enum End {
    Done(Outcomes),
    Lost(&'static str, Outcome),
}

/// The process is killed when this is dropped.
struct Attempt(Child);

impl Drop for Attempt {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Attempt {
    fn start(cell: &Cell, peers: &[&'static Peer], effort: Effort) -> Result<Self> {
        let names: Vec<_> = peers.iter().map(|peer| peer.name).collect();
        let mut command = Command::new(std::env::current_exe().context("who am I?")?);
        command.args(["cell", &serde_json::to_string(cell)?, &names.join(",")]);
        for (option, value) in [
            ("--rounds", effort.rounds),
            ("--operations", effort.operations),
            ("--slice-ms", effort.slice.as_millis() as usize),
            ("--budget-ms", effort.budget.as_millis() as usize),
        ] {
            command.args([option, &value.to_string()]);
        }
        // The process ends when its input does: also when this one is killed.
        command.stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(Self(command.spawn().context("cannot start a process")?))
    }

    fn watch(mut self, peers: &[&'static Peer], patience: Duration) -> Result<End> {
        let (line, lines) = mpsc::channel();
        let _open = self.0.stdin.take();
        let stdout = self.0.stdout.take().context("no stdout")?;
        thread::spawn(move || {
            for read in BufReader::new(stdout).lines().map_while(|read| read.ok()) {
                if line.send(read).is_err() {
                    break;
                }
            }
        });
        let stderr = self.0.stderr.take().context("no stderr")?;
        let complaint = thread::spawn(move || last_words(stderr));

        let mut turn = "";
        let mut measured = Outcomes::new();
        loop {
            match lines.recv_timeout(patience) {
                Ok(line) => {
                    let message = serde_json::from_str(&line)
                        .with_context(|| format!("not what a cell says: {line}"))?;
                    match message {
                        Message::Turn { peer } => turn = known(&peer, peers)?,
                        Message::Round { peer, round } => {
                            let outcome = measured.entry(known(&peer, peers)?);
                            let outcome =
                                outcome.or_insert_with(|| Outcome::Measured(Vec::new(), None));
                            if let Outcome::Measured(rounds, _) = outcome {
                                rounds.push(round);
                            }
                        }
                        Message::Wrong { peer, what } => {
                            let outcome = measured.entry(known(&peer, peers)?);
                            let outcome =
                                outcome.or_insert_with(|| Outcome::Measured(Vec::new(), None));
                            if let Outcome::Measured(_, wrong) = outcome {
                                *wrong = Some(what);
                            }
                        }
                        Message::Done => return Ok(End::Done(measured)),
                    }
                }
                Err(_) if turn.is_empty() => bail!("the process of a cell does not start"),
                Err(RecvTimeoutError::Timeout) => return Ok(End::Lost(turn, Outcome::Hangs)),
                Err(RecvTimeoutError::Disconnected) => {
                    let words = complaint.join().unwrap_or_default();
                    return Ok(End::Lost(turn, Outcome::Fails(words)));
                }
            }
        }
    }
}

fn known(name: &str, peers: &[&'static Peer]) -> Result<&'static str> {
    let found = peers.iter().find(|peer| peer.name == name);
    Ok(found
        .with_context(|| format!("no peer is called {name}"))?
        .name)
}

/// The line that says why a process ended: that of the panic, or the last one.
fn last_words(mut stderr: impl Read) -> String {
    let mut text = Vec::new();
    // What was read so far will do.
    let _ = stderr.read_to_end(&mut text);
    let text = String::from_utf8_lossy(&text);
    let mut lines = text.lines().filter(|line| !line.is_empty());
    let panic = lines
        .clone()
        .skip_while(|line| !line.contains("panicked at"))
        .nth(1);
    let words = panic.or_else(|| lines.next_back());
    words.unwrap_or("without a word").to_owned()
}
