//! `cargo qemu bench`: measures, on the host or elsewhere.

mod host;

use anyhow::Result;

use crate::failure::usage;
use crate::workspace::Workspace;

/// What the command line asks for.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Where: host
    place: String,
    /// Options of the benchmark; `-- --help` lists them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

/// Runs it and returns the exit status of the program.
pub fn run(workspace: &Workspace, options: &Options) -> Result<u8> {
    match options.place.as_str() {
        "host" => host::run(workspace, &options.args),
        other => Err(usage(format!(
            "no benchmark runs on '{other}'; there are: host"
        ))),
    }
}
