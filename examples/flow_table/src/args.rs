//! The command line.

use core::fmt;

use getargs::{Arg, Options};

use crate::flows::{LARGEST, SMALL, USUAL};

/// Whether there are files and a terminal.
const ON_HOST: bool = cfg!(not(target_os = "none"));

/// What `--help` prints first.
const HELP: &str = "\
flow_table: counts packets and bytes per TCP/UDP flow of a capture, on all cores in one map.

  --capture FILE  a capture: pcap or pcapng, also compressed with gzip; - is the standard input
  --tsv           print every flow to standard output, sorted, one line each:
                  protocol, source, port, destination, port, packets, bytes (tab separated);
                  the report then goes to the console
  --loops L       go through the capture L times, 1 to 1000000; packets and bytes add up
                  (default: 1 with --tsv, else as often as 2 seconds allow)
  --top N         how many of the busiest flows the report names (default: 10)
  --flows N       count in a map for at least N flows: there are maps for 16, 4096 (the default)
                  and 65536; on 32-bit boards for 16 and 4080
  --small         as --flows 16: to see it run full
";

/// What only the program on this machine has.
const HELP_ON_HOST: &str = "\
  --watch         draw on the terminal how full the map is, its chains and each core's rate, until
                  Ctrl-C or the last of --loops
  --report FILE   write a page with plots: one HTML file that needs no other
";

/// What `--help` prints last.
const HELP_END: &str = "\
  --help          print this text

Ends with 0 when every frame was counted and a single-core recount agrees, with 1 when a frame
could not be counted or the capture cannot be read, and with 2 for a wrong argument.";

/// Prints what `--help` asks for.
pub fn print_help() {
    let on_host = if ON_HOST { HELP_ON_HOST } else { "" };
    targets::println!("{HELP}{on_host}{HELP_END}");
}

/// The most passes that `--loops` allows: keeps the work cursor far from its end.
const MAX_LOOPS: u32 = 1_000_000;

/// The arguments of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Args<'a> {
    /// Print all flows as tab separated values.
    pub tsv: bool,
    /// How often to go through the capture; `None`: as often as a fixed time allows.
    pub loops: Option<u64>,
    /// How many flows the report names.
    pub top: usize,
    /// How many flows the map must hold.
    pub flows: usize,
    /// The capture's name, on the host.
    pub capture: Option<&'a str>,
    /// Draw a live view, on the host.
    pub watch: bool,
    /// Where to write a page, on the host.
    pub report: Option<&'a str>,
    /// Only print the help text.
    pub help: bool,
}

impl<'a> Args<'a> {
    /// Reads the arguments (without the program's name).
    pub fn parse(args: impl Iterator<Item = &'a str>) -> Result<Self, Error<'a>> {
        let mut parsed = Self {
            tsv: false,
            loops: None,
            top: 10,
            flows: USUAL,
            capture: None,
            watch: false,
            report: None,
            help: false,
        };
        let mut options = Options::new(args);
        while let Some(arg) = options.next_arg()? {
            match arg {
                Arg::Long("tsv") => parsed.tsv = true,
                Arg::Long("small") => parsed.flows = SMALL,
                Arg::Long("flows") => {
                    let value = options.value()?;
                    parsed.flows = match value.parse() {
                        Ok(flows @ 1..=LARGEST) => flows,
                        _ => return Err(Error::Flows(value)),
                    };
                }
                Arg::Long("capture") if ON_HOST => parsed.capture = Some(options.value()?),
                Arg::Long("watch") if ON_HOST => parsed.watch = true,
                Arg::Long("report") if ON_HOST => parsed.report = Some(options.value()?),
                Arg::Long(option @ ("watch" | "report")) => return Err(Error::Board(option)),
                Arg::Long("help") | Arg::Short('h') => parsed.help = true,
                Arg::Long("loops") => {
                    let value = options.value()?;
                    parsed.loops = match value.parse() {
                        Ok(loops @ 1..=MAX_LOOPS) => Some(u64::from(loops)),
                        _ => return Err(Error::Loops(value)),
                    };
                }
                Arg::Long("top") => {
                    let value = options.value()?;
                    parsed.top = value.parse().map_err(|_| Error::Top(value))?;
                }
                other => return Err(Error::Unknown(other)),
            }
        }
        if parsed.tsv && parsed.loops.is_none() {
            parsed.loops = Some(1);
        }
        Ok(parsed)
    }
}

/// Why a command line was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error<'a> {
    /// An argument that is not known.
    Unknown(Arg<&'a str>),
    /// A value is missing, or there is one where none belongs.
    Value(getargs::Error<&'a str>),
    /// Not a possible value of `--loops`.
    Loops(&'a str),
    /// Not a possible value of `--top`.
    Top(&'a str),
    /// Not a possible value of `--flows`.
    Flows(&'a str),
    /// A board has neither a terminal nor files.
    Board(&'a str),
}

impl<'a> From<getargs::Error<&'a str>> for Error<'a> {
    fn from(error: getargs::Error<&'a str>) -> Self {
        Self::Value(error)
    }
}

impl fmt::Display for Error<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(arg) => write!(f, "unknown argument '{arg}'")?,
            Self::Value(error) => write!(f, "{error}")?,
            Self::Loops(value) => {
                write!(
                    f,
                    "--loops takes a number from 1 to {MAX_LOOPS}, not {value:?}"
                )?;
            }
            Self::Flows(value) => {
                write!(
                    f,
                    "--flows takes a number from 1 to {LARGEST} on this target, not {value:?}"
                )?;
            }
            Self::Board(option) => write!(
                f,
                "--{option} is for the program on this machine: \
                 cargo run --release --package flow_table -- --{option}"
            )?,
            Self::Top(value) => write!(f, "--top takes a number, not {value:?}")?,
        }
        write!(f, "; --help names the arguments")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse<'a>(args: &[&'a str]) -> Result<Args<'a>, Error<'a>> {
        Args::parse(args.iter().copied())
    }

    #[test]
    fn defaults() {
        let args = parse(&[]).unwrap();
        assert_eq!((args.tsv, args.loops, args.top), (false, None, 10));
        assert!(!args.help && !args.watch);
        assert_eq!((args.flows, args.capture, args.report), (USUAL, None, None));
    }

    #[test]
    fn tsv_means_one_pass_unless_told_otherwise() {
        assert_eq!(parse(&["--tsv"]).unwrap().loops, Some(1));
        assert_eq!(parse(&["--tsv", "--loops", "7"]).unwrap().loops, Some(7));
        assert_eq!(parse(&["--loops=7", "--tsv"]).unwrap().loops, Some(7));
    }

    #[test]
    fn every_argument() {
        let args = parse(&["--small", "--top", "3", "--help"]).unwrap();
        assert!(args.help);
        assert_eq!((args.flows, args.top), (SMALL, 3));
        assert_eq!(parse(&["--flows", "5000"]).unwrap().flows, 5000);
        let args = parse(&["--capture", "-", "--watch", "--report=x.html"]).unwrap();
        assert_eq!((args.capture, args.report), (Some("-"), Some("x.html")));
        assert!(args.watch);
        assert!(parse(&["-h"]).unwrap().help);
    }

    #[test]
    fn wrong_arguments_are_named() {
        for (args, message) in [
            (&["--fast"][..], "unknown argument '--fast'; "),
            (&[""], "unknown argument ''; "),
            (&["-x"], "unknown argument '-x'; "),
            (&["a.pcap"], "unknown argument 'a.pcap'; "),
            (&["--loops"], "option requires a value: --loops; "),
            (&["--tsv=yes"], "option does not require a value: --tsv; "),
            (
                &["--loops", "0"],
                "--loops takes a number from 1 to 1000000, not \"0\"; ",
            ),
            (
                &["--loops", "1000001"],
                "--loops takes a number from 1 to 1000000, not \"1000001\"; ",
            ),
            (
                &["--flows", "0"],
                "--flows takes a number from 1 to 65536 on this target, not \"0\"; ",
            ),
            (
                &["--flows=65537"],
                "--flows takes a number from 1 to 65536 on this target, not \"65537\"; ",
            ),
            (&["--capture"], "option requires a value: --capture; "),
            (&["--top", "-1"], "--top takes a number, not \"-1\"; "),
        ] {
            let error = parse(args).unwrap_err().to_string();
            assert_eq!(error, format!("{message}--help names the arguments"));
        }
    }
}
