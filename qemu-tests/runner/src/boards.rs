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

    /// Whether there is memory for a program's input file.
    pub fn takes_files(self) -> bool {
        match self {
            Board::Host => true,
            Board::Guest(board) => board.file_max > 0,
        }
    }

    /// An error unless an example, which gets a file, can run there.
    pub fn must_take_files(self) -> Result<()> {
        if self.takes_files() {
            return Ok(());
        }
        let able: Vec<_> = Board::all()
            .filter(|board| board.takes_files())
            .map(Board::name)
            .collect();
        Err(usage(format!(
            "board {} has too little memory for a capture and its flows; these have enough: {}",
            self.name(),
            able.join(", ")
        )))
    }

    /// The number of cores that the user asked for, or an error that names the allowed ones.
    pub fn cores(self, text: Option<&str>) -> Result<usize> {
        let Some(text) = text else {
            return Ok(DEFAULT_CORES.clamp(self.min_cores(), self.max_cores()));
        };
        match text.parse() {
            Ok(cores) if (self.min_cores()..=self.max_cores()).contains(&cores) => Ok(cores),
            _ => Err(usage(format!(
                "--cores {text}: board {} runs on {} cores",
                self.name(),
                range(self.min_cores(), self.max_cores(), " to ")
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
    let mut rows = vec![
        [
            "BOARD",
            "CPU",
            "CORES",
            "ATOMICS",
            "SHOWS",
            "PROGRAM",
            "INSTALLED",
        ]
        .map(String::from),
    ];
    for board in Board::all() {
        rows.push(match board {
            Board::Host => [
                "host".into(),
                std::env::consts::ARCH.into(),
                format!("1-{HOST_CORES}"),
                "native".into(),
                "threads at the same time".into(),
                "-".into(),
                "yes".into(),
            ],
            Board::Guest(board) => [
                board.name.into(),
                board.cpu.into(),
                cores(board.cores),
                board.atomics.into(),
                board.proves.into(),
                board.program.into(),
                installed(board.program),
            ],
        });
    }
    let mut widths = [0; 7];
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
        let text = error.to_string();
        let start = "no board is called 'vax'; there are: host, aarch64";
        assert!(text.starts_with(start), "{text}");
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
        assert_eq!(table.lines().count(), 1 + Board::all().count());
        assert!(table.contains("\nhost "));
        assert!(table.contains("\naarch64 "));
    }
}
