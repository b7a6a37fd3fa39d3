//! What the commands of this runner cannot do without.

/// Something that a command of this runner cannot do without.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The standard library (or only `core`) for a target triple.
    Target(String),
    /// A component of the toolchain that runs us: `rustfmt`, `clippy`, `llvm-tools`.
    Component(&'static str),
    /// The nightly toolchain with Miri and the sources of the standard library.
    Miri,
    /// Another toolchain, by version.
    Toolchain(String),
    /// A QEMU program.
    Program(&'static str),
    /// A sub-command of cargo that does not come with Rust.
    Tool(Tool),
}

/// A sub-command of cargo that does not come with Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// `cargo deny`: licences and sources of dependencies.
    Deny,
    /// `cargo hack`: each feature alone.
    Hack,
}

impl Tool {
    /// All of them.
    pub const ALL: [Tool; 2] = [Tool::Deny, Tool::Hack];

    /// Its name, and the version that is installed where there is none.
    pub fn version(self) -> (&'static str, &'static str) {
        match self {
            Tool::Deny => ("deny", "0.20.2"),
            Tool::Hack => ("hack", "0.6.45"),
        }
    }
}

impl Need {
    /// Its name for people.
    pub fn text(&self) -> String {
        match self {
            Need::Target(triple) => format!("the Rust target {triple}"),
            Need::Component(name) => format!("the Rust component {name}"),
            Need::Miri => "Miri (nightly Rust with miri and rust-src)".into(),
            Need::Toolchain(version) => format!("Rust {version}"),
            Need::Program(name) => format!("the program {name}"),
            Need::Tool(tool) => format!("cargo {}", tool.version().0),
        }
    }
}

/// One command of an installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The program and its arguments.
    pub words: Vec<String>,
    /// Whether the installation goes on when it fails: what follows decides.
    pub optional: bool,
    /// What is run in its place when it fails.
    pub or: Option<Vec<String>>,
}

impl Step {
    /// A step that must succeed.
    pub fn new(words: &[&str]) -> Step {
        Step {
            words: words.iter().map(ToString::to_string).collect(),
            optional: false,
            or: None,
        }
    }
}

/// These commands as one line of a shell.
pub fn joined(steps: &[Step]) -> String {
    let text = |step: &Step| {
        let or = step
            .or
            .iter()
            .map(|words| format!(" || {}", words.join(" ")));
        step.words.join(" ") + &or.collect::<String>()
    };
    steps.iter().map(text).collect::<Vec<_>>().join(" && ")
}

/// Whether a program is on the search path.
pub fn on_path(program: &str) -> bool {
    which::which(program).is_ok()
}
