//! The command line.

use core::fmt;
use getargs::{Arg, Options};

/// What `--help` prints.
pub const HELP: &str = "\
bench-image: measures the map beside locked maps, for the runner: cargo qemu bench BOARD.

  counts     units of the board's counter per operation; on one core
  smp        operations per second on 1, 2, 4, ... cores
  --rounds R how often each throughput is measured, 1 to 1000 (default: 15)
  --ms M     how long each time, in milliseconds, 1 to 10000 (default: 20)
  --help     print this text

Ends with 0, with 1 when a map did not do what was expected, and with 2 for a wrong argument.";

/// What to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Only print the help text.
    Help,
    /// Units of the counter per operation.
    Counts,
    /// Operations per second on several cores.
    Smp,
}

/// The arguments of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Args {
    /// What to measure.
    pub what: What,
    /// How often each throughput is measured.
    pub rounds: u32,
    /// How long each time.
    pub milliseconds: u32,
}

impl Args {
    /// Reads the arguments (without the program's name).
    pub fn parse<'a>(args: impl Iterator<Item = &'a str>) -> Result<Self, Error<'a>> {
        let mut what = None;
        let (mut rounds, mut milliseconds) = (15, 20);
        let mut options = Options::new(args);
        while let Some(arg) = options.next_arg()? {
            match arg {
                Arg::Long("help") | Arg::Short('h') => what = Some(What::Help),
                Arg::Long("rounds") => rounds = number(options.value()?, 1000)?,
                Arg::Long("ms") => milliseconds = number(options.value()?, 10_000)?,
                Arg::Positional("counts") if what.is_none() => what = Some(What::Counts),
                Arg::Positional("smp") if what.is_none() => what = Some(What::Smp),
                other => return Err(Error::Unknown(other)),
            }
        }
        Ok(Self {
            what: what.ok_or(Error::Nothing)?,
            rounds,
            milliseconds,
        })
    }
}

fn number(text: &str, most: u32) -> Result<u32, Error<'_>> {
    match text.parse() {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(Error::Number(text, most)),
    }
}

/// Why a command line was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error<'a> {
    /// An argument that is not known, or a second thing to measure.
    Unknown(Arg<&'a str>),
    /// A value is missing, or there is one where none belongs.
    Value(getargs::Error<&'a str>),
    /// Not a number from 1 to this one.
    Number(&'a str, u32),
    /// Nothing to measure.
    Nothing,
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
            Self::Number(text, most) => write!(f, "a number from 1 to {most}, not {text:?}")?,
            Self::Nothing => write!(f, "counts or smp?")?,
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
    fn all_arguments() {
        let args = parse(&["smp", "--rounds", "3", "--ms=7"]).unwrap();
        assert_eq!(
            (args.what, args.rounds, args.milliseconds),
            (What::Smp, 3, 7)
        );
        assert_eq!(parse(&["counts"]).unwrap().what, What::Counts);
    }

    #[test]
    fn wrong_arguments_are_named() {
        for (args, text) in [
            (&["smp", "--rounds", "0"][..], "\"0\""),
            (&["smp", "--ms", "10001"], "10000"),
            (&["smp", "--ms"], "--ms"),
            (&["smp", "counts"], "'counts'"),
            (&["--fast"], "'--fast'"),
            (&[], "counts or smp"),
        ] {
            let error = parse(args).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
            assert!(error.contains("--help"), "{error}");
        }
    }
}
