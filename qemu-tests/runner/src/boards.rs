//! The boards as the command line names them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;

use anyhow::{Context, Result};
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::failure::usage;
use crate::need::{Need, on_path};

/// How many threads a run on the host may use at most.
const HOST_CORES: usize = 64;
/// How many cores a run gets when nobody says.
const DEFAULT_CORES: usize = 4;
/// How many columns the table of the boards has at most.
const WIDTH: usize = 120;

/// A place where an example or the scenarios run.
#[derive(Clone, Copy, Debug)]
pub enum Board {
    /// Threads of this machine.
    Host,
    /// A machine that QEMU emulates.
    Guest(&'static protocol::Board),
}

impl Board {
    /// All boards, the host first.
    pub fn all() -> impl Iterator<Item = Board> {
        [Board::Host]
            .into_iter()
            .chain(protocol::BOARDS.map(Board::Guest))
    }

    /// The board with this name.
    pub fn parse(name: &str) -> Result<Board> {
        let mut all = Board::all();
        all.find(|board| board.name() == name)
            .with_context(|| format!("no board is called '{name}'"))
    }

    /// Reads a board's name on a command line.
    pub fn parser() -> impl TypedValueParser<Value = Board> {
        let names = Board::all().map(Board::name);
        PossibleValuesParser::new(names).try_map(|name| Board::parse(&name))
    }

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Board::Host => "host",
            Board::Guest(board) => board.name,
        }
    }

    /// The target triple to build for; `None` builds for the host.
    pub fn triple(self) -> Option<&'static str> {
        match self {
            Board::Host => None,
            Board::Guest(board) => Some(board.triple),
        }
    }

    /// The most cores that a run may have.
    pub fn max_cores(self) -> usize {
        match self {
            Board::Host => HOST_CORES,
            Board::Guest(board) => board.cores.most(),
        }
    }

    /// The fewest cores that a run may have.
    pub fn min_cores(self) -> usize {
        match self {
            Board::Host => 1,
            Board::Guest(board) => board.cores.least(),
        }
    }

    /// Flags of the compiler that belong to the board.
    pub fn rustflags(self) -> &'static [&'static str] {
        match self {
            Board::Host => &[],
            Board::Guest(board) => board.rustflags,
        }
    }

    /// Whether code is built for size, so that it fits into its flash.
    pub fn has_little_flash(self) -> bool {
        self.rustflags().contains(&"-Copt-level=s")
    }

    /// Whether it has but one core, on which tasks stand in for others. Then it always counts
    /// instructions: each run does the same, and interrupts come where they should.
    pub fn has_one_core(self) -> bool {
        matches!(
            self,
            Board::Guest(protocol::Board {
                cores: protocol::Cores::One { .. },
                ..
            })
        )
    }

    /// Whether it has several cores, and a timer that interrupts operations: completely only when
    /// instructions are counted, and then cores do not run at the same time.
    pub fn interrupts_by_count(self) -> bool {
        matches!(self, Board::Guest(_)) && !self.has_one_core()
    }

    /// Whether a word has 32 bits, as the triple says: then a map there has at most 4,095 cells.
    pub fn is_32_bit(self) -> bool {
        self.triple().is_some_and(|triple| !triple.contains("64"))
    }

    /// Whether there is memory for a program's input file.
    pub fn takes_files(self) -> bool {
        match self {
            Board::Host => true,
            Board::Guest(board) => board.file_max > 0,
        }
    }

    /// The number of cores that the user asked for, or an error that names the allowed ones.
    pub fn cores(self, wanted: Option<usize>) -> Result<usize> {
        let Some(cores) = wanted else {
            return Ok(DEFAULT_CORES.clamp(self.min_cores(), self.max_cores()));
        };
        match (self.min_cores()..=self.max_cores()).contains(&cores) {
            true => Ok(cores),
            false => Err(usage(format!(
                "--cores {cores}: board {} runs on {} {}",
                self.name(),
                range(self.min_cores(), self.max_cores(), " to "),
                match self.max_cores() {
                    1 => "core (its tasks take turns on it)",
                    _ => "cores",
                }
            ))),
        }
    }

    /// What has to be installed to build for it.
    pub fn build_needs(self) -> impl Iterator<Item = Need> {
        self.triple()
            .map(|triple| Need::Target(triple.into()))
            .into_iter()
    }

    /// What has to be installed to build for it and run on it.
    pub fn needs(self) -> Vec<Need> {
        let emulator = match self {
            Board::Host => None,
            Board::Guest(board) => Some(Need::Program(board.program)),
        };
        self.build_needs().chain(emulator).collect()
    }
}

/// A board in words.
#[derive(Clone, Debug)]
pub struct About {
    /// Its name on the command line.
    pub name: &'static str,
    /// Its processor.
    pub cpu: &'static str,
    /// How many cores, or tasks that stand in for them.
    pub cores: String,
    /// What its atomics are made of.
    pub atomics: &'static str,
    /// What a run there shows.
    pub shows: &'static str,
}

impl Board {
    /// The board in words.
    pub fn about(self) -> About {
        match self {
            Board::Host => About {
                name: "host",
                cpu: std::env::consts::ARCH,
                cores: format!("1-{HOST_CORES}"),
                atomics: "native",
                shows: "threads at the same time",
            },
            Board::Guest(board) => About {
                name: board.name,
                cpu: board.cpu,
                cores: cores(board.cores),
                atomics: board.atomics,
                shows: board.proves,
            },
        }
    }
}

/// The table of `cargo qemu boards`.
pub fn table() -> String {
    let heading = ["BOARD", "CPU", "CORES", "ATOMICS", "QEMU", "SHOWS"];
    let mut rows = vec![heading.map(String::from)];
    let mut missing = BTreeSet::new();
    for board in Board::all() {
        let version = match board {
            Board::Host => "-".into(),
            Board::Guest(board) if on_path(board.program) => version(board.program),
            Board::Guest(board) => {
                missing.insert(board.program);
                "missing".into()
            }
        };
        let About {
            name,
            cpu,
            cores,
            atomics,
            shows,
        } = board.about();
        let texts = [name, cpu, &cores, atomics, &version, shows];
        rows.push(texts.map(String::from));
    }
    let mut text = lines(&rows);
    if !missing.is_empty() {
        let programs: Vec<_> = missing.into_iter().collect();
        let programs = programs.join(", ");
        text.push_str(&format!(
            "\nmissing: {programs}; `cargo qemu setup` installs what is missing\n"
        ));
    }
    text
}

/// The rows as lines no wider than a terminal; the last column is broken where it has to be.
fn lines(rows: &[[String; 6]]) -> String {
    let mut widths = [0; 5];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let last = widths.iter().map(|width| width + 2).sum::<usize>();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            let _ = write!(line, "{cell:width$}  ");
        }
        for word in row[5].split(' ') {
            let length = line.chars().count();
            if length > last && length + 1 + word.chars().count() > WIDTH {
                text.push_str(line.trim_end());
                text.push('\n');
                line = " ".repeat(last);
            } else if length > last {
                line.push(' ');
            }
            line.push_str(word);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// "1 to 4", or only "2".
fn range(least: usize, most: usize, to: &str) -> String {
    if least == most {
        format!("{most}")
    } else {
        format!("{least}{to}{most}")
    }
}

fn cores(cores: protocol::Cores) -> String {
    match cores {
        protocol::Cores::One { tasks } => format!("1 ({tasks} tasks)"),
        _ => range(cores.least(), cores.most(), "-"),
    }
}

/// "QEMU emulator version 7.2.22 (Debian ...)" is version 7.2.22.
fn version(program: &str) -> String {
    Command::new(program)
        .arg("--version")
        .output()
        .ok()
        .and_then(|output| {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            text.split_whitespace().nth(3).map(String::from)
        })
        .unwrap_or_else(|| "broken".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{USAGE, code_of};

    #[test]
    fn names_are_known() {
        for name in ["host", "aarch64", "x86_64"] {
            assert_eq!(Board::parse(name).unwrap().name(), name);
        }
        assert!(Board::parse("vax").is_err());
    }

    #[test]
    fn cores_within_the_board() {
        let board = Board::parse("aarch64").unwrap();
        assert_eq!(board.cores(None).unwrap(), DEFAULT_CORES);
        assert_eq!(board.cores(Some(8)).unwrap(), 8);
        for bad in [0, 9, 99] {
            let error = board.cores(Some(bad)).unwrap_err();
            assert_eq!(code_of(&error), USAGE, "{bad}");
            assert!(error.to_string().contains("1 to 8"), "{error}");
        }
        assert!(Board::Host.cores(Some(99)).is_err());
    }

    #[test]
    fn the_table_names_every_board() {
        let table = table();
        for board in Board::all() {
            let About {
                name, cpu, atomics, ..
            } = board.about();
            let line = table
                .lines()
                .find(|line| line.starts_with(&format!("{name} ")));
            assert!(
                line.is_some_and(|line| line.contains(cpu) && line.contains(atomics)),
                "{table}"
            );
            assert!(line.is_some_and(|line| line.contains(&board.about().cores)));
        }
    }

    #[test]
    fn the_table_fits_a_terminal_and_loses_no_word() {
        let table = table();
        let widest = table.lines().map(|line| line.chars().count()).max();
        assert!(widest.is_some_and(|widest| widest <= WIDTH), "{table}");
        let words = |text: &str| -> Vec<String> {
            let mut words: Vec<_> = text.split_whitespace().map(String::from).collect();
            words.sort_unstable();
            words
        };
        let all = words(&table);
        for board in Board::all() {
            let shows = words(board.about().shows);
            assert!(shows.iter().all(|word| all.contains(word)), "{table}");
        }
    }

    #[test]
    fn only_the_last_column_is_broken() {
        let long = "word ".repeat(40);
        let row = |last: &str| ["a", "b", "c", "d", "e", last].map(String::from);
        let text = lines(&[row("SHOWS"), row(long.trim_end())]);
        assert_eq!(text.matches("word").count(), 40);
        let broken: Vec<_> = text.lines().skip(2).collect();
        assert!(!broken.is_empty());
        assert!(
            broken
                .iter()
                .all(|line| line.starts_with("               word"))
        );
    }
}
