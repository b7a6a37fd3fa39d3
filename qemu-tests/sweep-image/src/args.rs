//! The command line: a part, and how much of it.

use core::fmt;
use getargs::{Arg, Options};
use scenarios::reentrant::Sample;

/// Without compare-and-swap an operation takes several times as many instructions: the places in
/// triples are as much farther apart.
const SLOWER: u32 = if cfg!(target_has_atomic = "ptr") {
    1
} else {
    4
};

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// An operation within each other one.
    Pairs,
    /// An operation within one within one.
    Triples,
    /// Where the interrupts come.
    Cover,
    /// The same operations without interrupts, for the emulator's trace.
    Trace,
    /// Pairs of a subject with a planted fault.
    Planted,
    /// Its operation without interrupts.
    PlantedTrace,
}

const PARTS: [(&str, Part); 6] = [
    ("pairs", Part::Pairs),
    ("triples", Part::Triples),
    ("cover", Part::Cover),
    ("trace", Part::Trace),
    ("planted", Part::Planted),
    ("planted-trace", Part::PlantedTrace),
];

/// The arguments of one run.
#[derive(Clone, Copy, Debug)]
pub struct Args<'a> {
    /// What is done.
    pub part: Part,
    /// What the names of the subjects contain.
    pub only: Option<&'a str>,
    /// From one place to the next one tried, in ticks.
    pub stride: u32,
    /// The same for triples.
    pub sample: Sample,
}

impl<'a> Args<'a> {
    /// Reads the arguments (without the program's name).
    pub fn parse(args: impl Iterator<Item = &'a str>) -> Result<Self, Error<'a>> {
        let mut part = None;
        let mut parsed = Self {
            part: Part::Pairs,
            only: None,
            stride: 1,
            sample: Sample {
                outer: 1,
                inner: 1,
                every: 1,
            },
        };
        let mut options = Options::new(args);
        while let Some(arg) = options.next_arg()? {
            let mut number = || -> Result<u32, Error<'a>> {
                let value = options.value()?;
                let number = value.parse().ok().filter(|number| *number > 0);
                number.ok_or(Error::Number(value))
            };
            match arg {
                Arg::Long("stride") => parsed.stride = number()?,
                Arg::Long("outer") => parsed.sample.outer = SLOWER * number()?,
                Arg::Long("inner") => parsed.sample.inner = SLOWER * number()?,
                Arg::Long("every") => parsed.sample.every = number()?,
                Arg::Long("only") => parsed.only = Some(options.value()?),
                Arg::Positional(name) if part.is_none() => {
                    let known = PARTS.iter().find(|known| known.0 == name);
                    part = Some(known.ok_or(Error::Unknown(arg))?.1);
                }
                other => return Err(Error::Unknown(other)),
            }
        }
        parsed.part = part.ok_or(Error::NoPart)?;
        Ok(parsed)
    }

    /// Whether the subject with this name takes part.
    pub fn selects(&self, name: &str) -> bool {
        self.only.is_none_or(|only| name.contains(only))
    }
}

/// Why a command line was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error<'a> {
    /// An argument that is not known.
    Unknown(Arg<&'a str>),
    /// A value is missing, or there is one where none belongs.
    Value(getargs::Error<&'a str>),
    /// Not a number from 1.
    Number(&'a str),
    /// Nothing to do.
    NoPart,
}

impl<'a> From<getargs::Error<&'a str>> for Error<'a> {
    fn from(error: getargs::Error<&'a str>) -> Self {
        Self::Value(error)
    }
}

impl fmt::Display for Error<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(arg) => write!(f, "unknown argument '{arg}'"),
            Self::Value(error) => write!(f, "{error}"),
            Self::Number(value) => write!(f, "not a number from 1: {value:?}"),
            Self::NoPart => {
                write!(f, "name a part:")?;
                PARTS.iter().try_for_each(|part| write!(f, " {}", part.0))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_numbers() {
        let args = ["triples", "--outer=7", "--inner", "5", "--every", "3"];
        let args = Args::parse(args.into_iter()).unwrap();
        assert_eq!(args.part, Part::Triples);
        let Sample {
            outer,
            inner,
            every,
        } = args.sample;
        assert_eq!([outer, inner, every], [7, 5, 3]);
        assert!(args.selects("pool"));
        for wrong in [
            &["pairs", "--stride", "0"][..],
            &[],
            &["x"],
            &["pairs", "trace"],
        ] {
            assert!(Args::parse(wrong.iter().copied()).is_err(), "{wrong:?}");
        }
    }
}
