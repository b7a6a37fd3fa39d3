//! The command line.

use core::fmt;

use getargs::{Arg, Options};

use crate::fault::{FAULTS, Fault};

/// What `--help` prints.
pub const HELP: &str = "\
recorder: lets all cores work on one map after the other and prints what each did and when, as histories.

  --operations N  record at least so many operations (default: 20000)
  --seed S        the seed of the random numbers, 0 to 2^64 - 1 (default: 1)
  --subject X     only the maps whose names contain this text
  --fault F       plant this fault between the recorder and the map
  --faults        only name the faults, each with what the checker must say of it
  --help          print this text

Ends with 0, with 1 when a map was not empty after all its entries were removed or none was selected, and with
2 for a wrong argument.";

/// The arguments of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Args<'a> {
    /// Record at least so many.
    pub operations: u64,
    /// The seed.
    pub seed: u64,
    /// What the names of the maps contain.
    pub subject: &'a str,
    /// A fault to plant.
    pub fault: Option<Fault>,
    /// Only name the faults.
    pub faults: bool,
    /// Only print the help text.
    pub help: bool,
}

impl<'a> Args<'a> {
    /// Reads the arguments (without the program's name).
    pub fn parse(args: impl Iterator<Item = &'a str>) -> Result<Self, Error<'a>> {
        let mut parsed = Self {
            operations: 20_000,
            seed: 1,
            subject: "",
            fault: None,
            faults: false,
            help: false,
        };
        let mut options = Options::new(args);
        while let Some(arg) = options.next_arg()? {
            match arg {
                Arg::Long("help") | Arg::Short('h') => parsed.help = true,
                Arg::Long("faults") => parsed.faults = true,
                Arg::Long("operations") => parsed.operations = number(options.value()?)?,
                Arg::Long("seed") => parsed.seed = number(options.value()?)?,
                Arg::Long("subject") => parsed.subject = options.value()?,
                Arg::Long("fault") => {
                    let value = options.value()?;
                    let named = FAULTS.into_iter().find(|(name, ..)| *name == value);
                    parsed.fault = Some(named.ok_or(Error::Fault(value))?.1);
                }
                other => return Err(Error::Unknown(other)),
            }
        }
        Ok(parsed)
    }
}

fn number(value: &str) -> Result<u64, Error<'_>> {
    value.parse().map_err(|_| Error::Number(value))
}

/// Why a command line was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error<'a> {
    /// An argument that is not known.
    Unknown(Arg<&'a str>),
    /// A value is missing, or there is one where none belongs.
    Value(getargs::Error<&'a str>),
    /// Not a number.
    Number(&'a str),
    /// Not the name of a fault.
    Fault(&'a str),
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
            Self::Number(value) => write!(f, "not a number from 0 to 2^64 - 1: {value:?}")?,
            Self::Fault(value) => {
                write!(f, "there is no fault {value:?}; there are:")?;
                FAULTS
                    .iter()
                    .try_for_each(|(name, ..)| write!(f, " {name}"))?;
            }
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
    fn all_arguments() {
        let args = [
            "--operations=7",
            "--seed",
            "3",
            "--subject",
            "pool",
            "--fault=entry-twice",
        ];
        let args = parse(&args).unwrap();
        assert_eq!((args.operations, args.seed, args.subject), (7, 3, "pool"));
        assert_eq!(args.fault, Some(Fault::Twice));
        assert!(!args.help && parse(&["--help"]).unwrap().help);
    }

    #[test]
    fn wrong_arguments_are_named() {
        for (args, text) in [
            (&["--seed", "x"][..], "\"x\""),
            (&["--operations"], "--operations"),
            (&["--fault", "all"], "stale-read"),
            (&["a"], "'a'"),
        ] {
            let error = parse(args).unwrap_err().to_string();
            assert!(error.contains(text) && error.contains("--help"), "{error}");
        }
    }
}
