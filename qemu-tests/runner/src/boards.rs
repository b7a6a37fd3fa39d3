//! The boards as the command line names them.

use std::fmt::Write as _;
use std::process::Command;

use anyhow::Result;

use crate::failure::usage;
use crate::install::{Need, on_path};

/// How many threads a run on the host may use at most.
const HOST_CORES: usize = 64;
/// How many cores a run gets when nobody says.
const DEFAULT_CORES: usize = 4;

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

    /// The board with this name, or an error that lists them all.
    pub fn parse(name: &str) -> Result<Board> {
        Board::all()
            .find(|board| board.name() == name)
            .ok_or_else(|| {
                let names: Vec<_> = Board::all().map(Board::name).collect();
                usage(format!(
                    "no board is called '{name}'; there are: {}",
                    names.join(", ")
                ))
            })
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
            Board::Guest(board) => board.max_cores,
        }
    }

    /// The number of cores that the user asked for, or an error that names the allowed ones.
    pub fn cores(self, text: Option<&str>) -> Result<usize> {
        let Some(text) = text else {
            return Ok(DEFAULT_CORES);
        };
        match text.parse() {
            Ok(cores) if (1..=self.max_cores()).contains(&cores) => Ok(cores),
            _ => Err(usage(format!(
                "--cores {text}: board {} runs on 1 to {} cores",
                self.name(),
                self.max_cores()
            ))),
        }
    }

    /// What has to be installed to build for it and run on it.
    pub fn needs(self) -> Vec<Need> {
        match self {
            Board::Host => Vec::new(),
            Board::Guest(board) => {
                vec![
                    Need::Target(board.triple.into()),
                    Need::Program(board.program),
                ]
            }
        }
    }
}

/// The table of `cargo qemu boards`.
pub fn table() -> String {
    let mut rows =
        vec![["BOARD", "CPU", "CORES", "ATOMICS", "PROGRAM", "INSTALLED"].map(String::from)];
    for board in Board::all() {
        rows.push(match board {
            Board::Host => [
                "host".into(),
                std::env::consts::ARCH.into(),
                format!("1-{HOST_CORES}"),
                "native, on threads".into(),
                "-".into(),
                "yes".into(),
            ],
            Board::Guest(board) => [
                board.name.into(),
                board.cpu.into(),
                format!("1-{}", board.max_cores),
                atomics(board).into(),
                board.program.into(),
                installed(board.program),
            ],
        });
    }
    let mut widths = [0; 6];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            let _ = write!(line, "{cell:width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// How the board's processors do an atomic read-modify-write: the class of code that it proves.
fn atomics(board: &protocol::Board) -> &'static str {
    match (board.triple.split('-').next(), board.cpu) {
        (Some("aarch64"), "cortex-a72") => "LL/SC (ldxr, stxr)",
        (Some("aarch64"), _) => "LL/SC or LSE",
        (Some("x86_64"), _) => "CAS (lock cmpxchg)",
        _ => "unknown",
    }
}

fn installed(program: &str) -> String {
    if !on_path(program) {
        return "no (`cargo qemu setup`)".into();
    }
    // "QEMU emulator version 7.2.22 (Debian ...)"
    Command::new(program)
        .arg("--version")
        .output()
        .ok()
        .and_then(|output| {
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            text.split_whitespace().nth(3).map(|v| format!("yes, {v}"))
        })
        .unwrap_or_else(|| "yes, but it does not start".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{USAGE, code_of};

    #[test]
    fn names_are_known_and_errors_list_them() {
        for name in ["host", "aarch64", "x86_64"] {
            assert_eq!(Board::parse(name).unwrap().name(), name);
        }
        let error = Board::parse("vax").unwrap_err();
        assert_eq!(code_of(&error), USAGE);
        assert_eq!(
            error.to_string(),
            "no board is called 'vax'; there are: host, aarch64, x86_64"
        );
    }

    #[test]
    fn cores_within_the_board() {
        let board = Board::parse("aarch64").unwrap();
        assert_eq!(board.cores(None).unwrap(), DEFAULT_CORES);
        assert_eq!(board.cores(Some("8")).unwrap(), 8);
        for bad in ["0", "9", "99", "abc", "", "-1", "4.0"] {
            let error = board.cores(Some(bad)).unwrap_err();
            assert_eq!(code_of(&error), USAGE, "{bad}");
            assert!(error.to_string().contains("1 to 8"), "{error}");
        }
        assert!(Board::Host.cores(Some("99")).is_err());
    }

    #[test]
    fn the_table_names_every_board() {
        let table = table();
        assert!(!table.contains("unknown"), "{table}");
        assert_eq!(table.lines().count(), 1 + Board::all().count());
        assert!(table.contains("\nhost "));
        assert!(table.contains("\naarch64 "));
    }
}
