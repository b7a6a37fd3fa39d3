//! Why the program does not end with success.

use core::fmt;

use crate::args;
use crate::flows;
use crate::pcap;

/// What went wrong, in the user's words.
#[derive(Debug)]
pub enum Failure {
    /// The command line.
    Usage(args::Error<'static>),
    /// There is no capture.
    NoFile,
    /// The capture cannot be read.
    Capture(pcap::Error),
    /// The table had no place for some flows.
    NotTracked {
        /// How many frames that were.
        frames: u64,
        /// How many frames with a flow there were.
        of: u64,
        /// How many flows the table is for.
        capacity: usize,
        /// How many cores counted.
        cores: usize,
    },
    /// The check found a difference.
    WrongCount,
    /// The host could not do its part.
    #[cfg(not(target_os = "none"))]
    Host(std::string::String),
}

impl Failure {
    /// The program's exit status.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            _ => 1,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(error) => write!(f, "{error}"),
            Self::NoFile => write!(f, "no capture given: name one with --capture FILE"),
            Self::Capture(error) => write!(f, "{error}"),
            Self::NotTracked {
                frames,
                of,
                capacity,
                cores,
            } => {
                // Each other core may hold a place for a moment for a flow that is there already.
                let sure = capacity.saturating_sub(cores - 1);
                write!(
                    f,
                    "{frames} of {of} frames were not tracked: the capture has more flows than the \
                     {sure} that a map for {capacity} is sure to hold on {cores} cores; "
                )?;
                match flows::LARGEST {
                    largest if *capacity < flows::USUAL && largest > flows::USUAL => write!(
                        f,
                        "leave out --small, or take the largest map with --flows {largest}"
                    ),
                    _ if *capacity < flows::USUAL => write!(f, "leave out --small"),
                    largest if *capacity < largest => {
                        write!(f, "take the largest map with --flows {largest}")
                    }
                    _ => write!(f, "this is the largest map here: split the capture"),
                }
            }
            Self::WrongCount => write!(f, "the counts are wrong, see the check above"),
            #[cfg(not(target_os = "none"))]
            Self::Host(text) => write!(f, "{text}"),
        }
    }
}
