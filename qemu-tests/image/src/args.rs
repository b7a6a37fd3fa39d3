//! The command line.

use core::fmt;
use getargs::{Arg, Options};
use scenarios::Scale;

/// What `--help` prints.
pub const HELP: &str = "\
image: runs the scenarios, which change one map from all cores at once and check it.

  FILTER     run the scenarios whose names contain this text (default: all)
  --skip X   not those whose names contain this text
  --seed S   the seed of the random numbers, 0 to 2^64 - 1 (default: 1)
  --scale X  how much to do: small, normal or large (default: normal)
  --list     only list the scenarios
  --help     print this text

Ends with 0 when every scenario passed, with 1 when one failed or none was selected, and with 2 for
a wrong argument.";

/// The seed of a plain run.
const DEFAULT_SEED: u64 = 1;

/// A scale and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedScale {
    /// As on the command line.
    pub name: &'static str,
    /// The scale.
    pub scale: Scale,
}

const SCALES: [NamedScale; 3] = [
    NamedScale {
        name: "small",
        scale: Scale::Small,
    },
    NamedScale {
        name: "normal",
        scale: Scale::Normal,
    },
    NamedScale {
        name: "large",
        scale: Scale::Large,
    },
];

/// The arguments of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Args<'a> {
    /// What the names of the scenarios to run contain.
    pub filter: Option<&'a str>,
    /// What the names of the scenarios to leave out contain.
    pub skip: Option<&'a str>,
    /// The seed.
    pub seed: u64,
    /// How much to do.
    pub scale: NamedScale,
    /// Only list the scenarios.
    pub list: bool,
    /// Only print the help text.
    pub help: bool,
}

impl<'a> Args<'a> {
    /// Reads the arguments (without the program's name).
    pub fn parse(args: impl Iterator<Item = &'a str>) -> Result<Self, Error<'a>> {
        let mut parsed = Self {
            filter: None,
            skip: None,
            seed: DEFAULT_SEED,
            scale: SCALES[1],
            list: false,
            help: false,
        };
        let mut options = Options::new(args);
        while let Some(arg) = options.next_arg()? {
            match arg {
                Arg::Long("list") => parsed.list = true,
                Arg::Long("help") | Arg::Short('h') => parsed.help = true,
                Arg::Long("skip") => parsed.skip = Some(options.value()?),
                Arg::Long("seed") => {
                    let value = options.value()?;
                    parsed.seed = value.parse().map_err(|_| Error::Seed(value))?;
                }
                Arg::Long("scale") => {
                    let value = options.value()?;
                    let named = SCALES.into_iter().find(|scale| scale.name == value);
                    parsed.scale = named.ok_or(Error::Scale(value))?;
                }
                Arg::Positional(text) if parsed.filter.is_none() => parsed.filter = Some(text),
                other => return Err(Error::Unknown(other)),
            }
        }
        Ok(parsed)
    }

    /// Whether to run the scenario with this name.
    pub fn selects(&self, name: &str) -> bool {
        self.filter.is_none_or(|filter| name.contains(filter))
            && !self.skip.is_some_and(|skip| name.contains(skip))
    }
}

/// Why a command line was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error<'a> {
    /// An argument that is not known, or a second filter.
    Unknown(Arg<&'a str>),
    /// A value is missing, or there is one where none belongs.
    Value(getargs::Error<&'a str>),
    /// Not a possible value of `--seed`.
    Seed(&'a str),
    /// Not a possible value of `--scale`.
    Scale(&'a str),
}

impl<'a> From<getargs::Error<&'a str>> for Error<'a> {
    fn from(error: getargs::Error<&'a str>) -> Self {
        Self::Value(error)
    }
}

impl fmt::Display for Error<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(Arg::Positional(text)) => {
                write!(f, "a second filter {text:?}: only one is possible")?;
            }
            Self::Unknown(arg) => write!(f, "unknown argument '{arg}'")?,
            Self::Value(error) => write!(f, "{error}")?,
            Self::Seed(value) => {
                write!(f, "--seed takes a number from 0 to 2^64 - 1, not {value:?}")?;
            }
            Self::Scale(value) => write!(f, "--scale takes small, normal or large, not {value:?}")?,
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
        let args = parse(&[
            "--seed",
            "18446744073709551615",
            "pool",
            "--scale=large",
            "--skip=pool::c",
        ])
        .unwrap();
        assert_eq!(args.seed, u64::MAX);
        assert_eq!(args.scale.scale, Scale::Large);
        assert!(args.selects("pool::plain") && !args.selects("drops::map"));
        assert!(!args.selects("pool::counted"));
        assert!(!args.list && !args.help);
        assert!(parse(&["--list"]).unwrap().list);
        assert!(parse(&[]).unwrap().selects("anything"));
    }

    #[test]
    fn wrong_arguments_are_named() {
        for (args, text) in [
            (&["--seed", "x"][..], "not \"x\""),
            (&["--seed", "-1"], "not \"-1\""),
            (&["--seed"], "--seed"),
            (&["--scale", "huge"], "small, normal or large"),
            (&["--fast"], "'--fast'"),
            (&["a", "b"], "second filter \"b\""),
        ] {
            let error = parse(args).unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
            assert!(error.contains("--help"), "{error}");
        }
    }
}
