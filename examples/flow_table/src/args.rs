//! The command line.

use core::fmt;

use getargs::{Arg, Options};

/// What `--help` prints.
pub const HELP: &str = "\
flow_table: counts packets and bytes per TCP/UDP flow of a capture, on all cores in one map.

The capture is the file handed to the program: a classic pcap of Ethernet frames.

  --tsv       print every flow to standard output, sorted, one line each:
              protocol, source, port, destination, port, packets, bytes (tab separated);
              the report then goes to the console
  --loops L   go through the capture L times, 1 to 1000000; packets and bytes add up
              (default: 1 with --tsv, else as often as 2 seconds allow)
  --top N     how many of the busiest flows the report names (default: 10)
  --small     count in a map for 16 flows instead of 4096, to see it run full
  --help      print this text

Ends with 0 when every frame was counted and a single-core recount agrees, with 1 when a frame
could not be counted or the capture cannot be read, and with 2 for a wrong argument.";

/// The most passes that `--loops` allows: keeps the work cursor far from its end.
const MAX_LOOPS: u32 = 1_000_000;

/// The arguments of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Args {
    /// Print all flows as tab separated values.
    pub tsv: bool,
    /// How often to go through the capture; `None`: as often as a fixed time allows.
    pub loops: Option<u64>,
    /// How many flows the report names.
    pub top: usize,
    /// Count in the small map.
    pub small: bool,
    /// Only print the help text.
    pub help: bool,
}

impl Args {
    /// Reads the arguments (without the program's name).
    pub fn parse<'a>(args: impl Iterator<Item = &'a str>) -> Result<Self, Error<'a>> {
        let mut parsed = Self {
            tsv: false,
            loops: None,
            top: 10,
            small: false,
            help: false,
        };
        let mut options = Options::new(args);
        while let Some(arg) = options.next_arg()? {
            match arg {
                Arg::Long("tsv") => parsed.tsv = true,
                Arg::Long("small") => parsed.small = true,
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
            Self::Top(value) => write!(f, "--top takes a number, not {value:?}")?,
        }
        write!(f, "; --help names the arguments")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse<'a>(args: &[&'a str]) -> Result<Args, Error<'a>> {
        Args::parse(args.iter().copied())
    }

    #[test]
    fn defaults() {
        let args = parse(&[]).unwrap();
        assert_eq!((args.tsv, args.loops, args.top), (false, None, 10));
        assert!(!args.small && !args.help);
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
        assert!(args.small && args.help);
        assert_eq!(args.top, 3);
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
            (&["--top", "-1"], "--top takes a number, not \"-1\"; "),
        ] {
            let error = parse(args).unwrap_err().to_string();
            assert_eq!(error, format!("{message}--help names the arguments"));
        }
    }
}
