//! What a test plan is made of.

use std::path::PathBuf;
use std::time::Duration;

use machine_code::Target;

use crate::boards::Board;
use crate::examples::Example;
use crate::need::Need;
use crate::verify::layers::Layer;
use crate::workspace::Unit;

/// For what takes a few seconds.
pub const SHORT: Duration = Duration::from_secs(120);
/// For what may have to build much.
pub const LONG: Duration = Duration::from_secs(600);
/// For model checkers, which would take all day if a test let them, and for what builds much.
pub const MODEL: Duration = Duration::from_secs(1200);
/// For what the default leaves out.
pub const HOURS: Duration = Duration::from_secs(4 * 3600);

/// A value of `DEFMT_LOG` and the levels that it lets through.
pub type Level = (&'static str, &'static [&'static str]);

/// One row of the plan.
#[derive(Clone, Debug)]
pub struct Step {
    /// The name of its result, or the prefix of its results' names.
    pub name: String,
    /// The board that it is about; `--board` selects by it.
    pub board: Option<Board>,
    /// What has to be installed.
    pub needs: Vec<Need>,
    /// After this time it is killed and counts as failed. A build that has to come first has its
    /// own limit.
    pub timeout: Duration,
    /// What it does.
    pub work: Work,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum Work {
    /// Runs commands of cargo, which must all succeed: one result.
    Commands(Vec<Cargo>),
    /// Packages the published crates and builds them from that: one result.
    Published,
    /// Builds the published crates with the oldest versions that they say they work with: one result.
    MinimalVersions,
    /// Runs a package's tests: a result for each, named `STEP::UNIT::TEST`.
    Tests(Box<Tests>),
    /// Runs the scenarios' image: a result for each scenario, named `STEP::SCENARIO`.
    Image {
        /// On so many cores.
        cores: usize,
        /// The image's arguments.
        args: &'static [&'static str],
        /// Whether the machine counts instructions instead of time.
        icount: bool,
    },
    /// Runs the scenarios' image twice, with the machine counting instructions, and compares what
    /// the two runs print: one result.
    Twice {
        /// On so many cores.
        cores: usize,
        /// The image's arguments.
        args: &'static [&'static str],
    },
    /// Runs the flow table on a capture: one result.
    Flow {
        /// On so many cores.
        cores: usize,
        /// The program's arguments.
        args: &'static [&'static str],
        /// What it gets.
        input: Input,
        /// What must come out.
        expect: Expect,
    },
    /// Runs the small example with this name and compares what it prints: one result.
    Example(String),
    /// Builds the image that logs with each of these values of `DEFMT_LOG`, and compares what it logs:
    /// one result.
    Log {
        /// On so many cores.
        cores: usize,
        /// The values and what they let through.
        levels: &'static [Level],
    },
    /// Looks into a program that was built for the board: one result.
    Evidence {
        /// The program's package.
        program: &'static str,
        /// What it must show.
        evidence: Evidence,
    },
    /// Checks the machine code of the maps' methods: one result.
    Code {
        /// For this target.
        target: &'static Target,
        /// What is checked.
        aspect: Aspect,
    },
    /// Runs one layer of `cargo qemu verify`: one result.
    Verify {
        /// The layer.
        layer: &'static Layer,
        /// How much of it: an option of the command.
        effort: &'static str,
    },
    /// Compares the documentation's page "targets" with what the tools say: one result.
    Docs,
    /// Counts instructions on the board: one result.
    Counts(Counts),
    /// A result that is known without running anything: always a failure, with its reason.
    Broken(String),
}

/// A call of cargo.
#[derive(Clone, Debug, Default)]
pub struct Cargo {
    /// Another toolchain than the one that runs us.
    pub toolchain: Option<String>,
    /// Its arguments.
    pub args: Vec<String>,
    /// Variables for it.
    pub env: Vec<(&'static str, String)>,
    /// A folder of its own in the target folder, for builds with other flags.
    pub target: Option<&'static str>,
    /// The board whose flags it needs.
    pub board: Option<Board>,
    /// The example that stands alone, in whose folder it is called.
    pub alone: Option<Example>,
}

/// The tests of a package, run by cargo.
#[derive(Clone, Debug)]
pub struct Tests {
    /// The package.
    pub package: &'static str,
    /// Which of its units.
    pub units: fn(&Unit) -> bool,
    /// How cargo is called; the unit's arguments go behind these.
    pub cargo: Cargo,
    /// Which of their tests.
    pub which: Which,
}

/// Which tests of a unit: those whose names contain one of the parts, or none of them.
#[derive(Clone, Copy, Debug)]
pub enum Which {
    All,
    With(&'static [&'static str]),
    Without(&'static [&'static str]),
}

impl Which {
    /// What the test program is told.
    pub fn arguments(self) -> Vec<&'static str> {
        match self {
            Which::All => Vec::new(),
            Which::With(parts) => parts.to_vec(),
            Which::Without(parts) => parts.iter().flat_map(|part| ["--skip", part]).collect(),
        }
    }
}

/// The input of a run of the flow table.
#[derive(Clone, Debug)]
pub enum Input {
    /// This file.
    File(PathBuf),
    /// A file with these bytes.
    Bytes(&'static [u8]),
}

/// What a run of the flow table must end with.
#[derive(Clone, Debug)]
pub enum Expect {
    /// Success, and these lines on stdout.
    Lines(PathBuf),
    /// Success, and no line on stdout.
    NoLines,
    /// A failure of the program's own, with this text on stderr, and no panic.
    Failure(&'static str),
}

/// What is to be shown of the built programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// No allocator is linked.
    NoAllocator,
    /// The maps' statics take no space in the image.
    Bss,
}

/// What is to be checked of the machine code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// Which atomic instructions there are: `cargo qemu asm`.
    Asm,
    /// What the maps cost: `cargo qemu size`.
    Size,
    /// What the maps of a plan cost: `cargo qemu size --capacity`.
    Sizing,
}

/// What is to be shown of the counts of instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// None is much greater than the committed one.
    Committed,
    /// A second run counts exactly the same.
    Repeat,
}

/// A step about no board that needs nothing.
pub fn step(name: &str, timeout: Duration, work: Work) -> Step {
    Step {
        name: name.into(),
        board: None,
        needs: Vec::new(),
        timeout,
        work,
    }
}

/// A call of cargo.
pub fn cargo(args: &[&str]) -> Cargo {
    Cargo {
        args: args.iter().map(ToString::to_string).collect(),
        ..Cargo::default()
    }
}

impl Step {
    /// The same, run on this board, with all that the board needs.
    pub fn on(mut self, board: Board) -> Step {
        self.board = Some(board);
        self.needs.extend(board.needs());
        self
    }

    /// The same, about what is built for this board and does not run there: no emulator is needed.
    pub fn built_for(mut self, board: Board) -> Step {
        self.board = Some(board);
        self.needs.extend(board.build_needs());
        self
    }

    /// The same, with one more thing that has to be installed.
    pub fn need(mut self, need: Need) -> Step {
        self.needs.push(need);
        self
    }

    /// Whether its results have names of their own below its name.
    pub fn expands(&self) -> bool {
        matches!(self.work, Work::Tests(_) | Work::Image { .. })
    }
}
