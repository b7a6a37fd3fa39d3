//! The layers, in the order in which they run.

use anyhow::Result;
use verify::{Effort, Report};

use crate::need::Need;
use crate::verify::board_stops;
use crate::verify::histories;
use crate::verify::interrupts;
use crate::verify::models;
use crate::verify::program::Program;
use crate::workspace::Workspace;

/// One layer of the net.
#[derive(Debug)]
pub struct Layer {
    /// As on the command line.
    pub name: &'static str,
    /// What it does, for the table.
    pub what: &'static str,
    /// What it cannot see, for the table.
    pub blind: &'static str,
    /// How it runs.
    pub work: Work,
}

impl Layer {
    /// Whether it can run on such a host. Where it cannot, its program says why, and fails.
    pub fn runs_on(&self, os: &str, arch: &str) -> bool {
        self.name != "kills" || (os, arch) == ("linux", "x86_64")
    }
}

/// How a layer runs.
#[derive(Debug)]
pub enum Work {
    /// A program of the workspace that reports through the crate `verify`.
    Program(Program),
    /// A part of the runner.
    Inside {
        /// What has to be installed.
        needs: fn() -> Vec<Need>,
        /// Runs it.
        run: fn(&Workspace, Effort, &mut Report<'_>) -> Result<()>,
    },
}

/// All layers.
pub const LAYERS: &[Layer] = &[
    Layer {
        name: "histories",
        what: "operations of threads, recorded: some order must explain every answer",
        blind: "orders that this machine does not show: weakly ordered processors",
        work: Work::Program(Program {
            package: "history",
            bin: "history",
            rustflags: "",
            target: None,
            args: &[],
            needs: Vec::new,
        }),
    },
    Layer {
        name: "board-histories",
        what: "operations of the cores of boards, recorded: some order must explain every answer",
        blind: "orders that an x86 host does not show: missing acquires and releases",
        work: Work::Inside {
            needs: histories::needs,
            run: histories::run,
        },
    },
    Layer {
        name: "stops",
        what: "each operation suspended before each access, interrupted there by each other one, or failing there",
        blind: "weak memory; instructions between accesses; `stats`",
        work: Work::Program(Program {
            package: "stopped",
            bin: "stops",
            rustflags: "--cfg tagged_arena_hooks",
            target: Some("hooks"),
            args: &[],
            needs: Vec::new,
        }),
    },
    Layer {
        name: "kills",
        what: "each operation single-stepped; what one killed after an instruction leaves in memory is checked",
        blind: "weak memory; processors other than x86_64; more than one killed context; `stats`",
        work: Work::Program(Program {
            package: "stopped",
            bin: "kills",
            rustflags: "",
            target: None,
            args: &[],
            needs: Vec::new,
        }),
    },
    Layer {
        name: "board-stops",
        what: "each operation stopped at each instruction on boards, by the debugger; the other core goes on",
        blind: "weak memory; more than one stopped core; `stats`; most states of reads and of six maps",
        work: Work::Inside {
            needs: board_stops::needs,
            run: board_stops::run,
        },
    },
    Layer {
        name: "interrupts",
        what: "an interrupt at every instruction of each operation on boards; at samples of them, one within it",
        blind: "several cores at the same time; weak memory; instructions that only a disturbed or a full map executes",
        work: Work::Inside {
            needs: interrupts::needs,
            run: interrupts::run,
        },
    },
    Layer {
        name: "orderings",
        what: "each memory ordering weaker and each fence gone: some test must notice",
        blind: "orderings that are too weak already; what no test does",
        work: Work::Program(gate(&["orderings"])),
    },
    Layer {
        name: "logic",
        what: "each step of the protocol broken: some test must notice",
        blind: "steps that are not in the list",
        work: Work::Program(gate(&["logic"])),
    },
    Layer {
        name: "fuzz",
        what: "sequences of operations made from bytes, against HashMap and a list of identifiers",
        blind: "more than one thread",
        work: Work::Program(Program {
            package: "fuzz",
            bin: "fuzz",
            rustflags: "",
            target: None,
            args: &[],
            needs: Vec::new,
        }),
    },
    Layer {
        name: "schedules",
        what: "random programs of 3 or 4 threads under chosen schedules, random and PCT, each history checked",
        blind: "weak memory; which answers of len and iter are possible",
        work: Work::Program(Program {
            package: "schedules",
            bin: "schedules",
            rustflags: "--cfg tagged_arena_shuttle",
            target: Some("shuttle"),
            args: &[],
            needs: Vec::new,
        }),
    },
    Layer {
        name: "models",
        what: "small cases of both crates under loom: all interleavings and memory orders, up to some preemptions",
        blind: "load buffering; cases that nobody has written down; more preemptions",
        work: Work::Inside {
            needs: Vec::new,
            run: models::run,
        },
    },
    Layer {
        name: "programs",
        what: "random programs of 2 or 3 contexts under loom: each answer must fit an order of the whole map",
        blind: "load buffering; programs of more operations, more preemptions than it says",
        work: Work::Program(Program {
            package: "programs",
            bin: "programs",
            rustflags: "--cfg tagged_arena_loom",
            target: Some("loom"),
            args: &[],
            needs: Vec::new,
        }),
    },
];

/// A part of the program that plants faults.
const fn gate(args: &'static [&'static str]) -> Program {
    Program {
        package: "gate",
        bin: "gate",
        rustflags: "",
        target: None,
        args,
        needs: || vec![Need::Miri],
    }
}
