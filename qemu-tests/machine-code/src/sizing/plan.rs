//! From what a program does to the types to write: the procedure of the guide "sizing".

use std::ops::RangeInclusive;

use anyhow::{Result, bail};
use clap::builder::RangedI64ValueParser;

use crate::Usage;

/// On 32-bit targets no more cells leave enough bits of version: more do not compile.
const MOST_CELLS: u32 = 4095;
/// Keys and values of one map may take so many bytes: the program with six maps is to fit below 2 GiB, where
/// code for 64-bit targets finds its statics.
const MOST_BYTES: u64 = 192 << 20;
/// Spare cells if nothing else is said.
const EXTRA: u32 = 8;

/// What the author of a firmware knows.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Wanted {
    /// Print the types to write for so many entries at once, and what they cost
    #[arg(long, value_name = "ENTRIES", value_parser = among(1..=100_000))]
    #[arg(required = false, requires_all = ["key", "value", "contexts"])]
    pub capacity: u32,
    /// Bytes of a key
    #[arg(long, value_name = "BYTES", value_parser = among(1..=1024))]
    #[arg(required = false, requires = "capacity")]
    pub key: u32,
    /// Bytes of a value, which an operation copies: of a larger one store the address
    #[arg(long, value_name = "BYTES", value_parser = among(0..=16_384))]
    #[arg(required = false, requires = "capacity")]
    pub value: u32,
    /// Contexts that may be within an operation at once: on each core every preemptive task and every interrupt
    /// priority that uses the map
    #[arg(long, value_name = "CONTEXTS", value_parser = among(1..=1000))]
    #[arg(required = false, requires = "capacity")]
    pub contexts: u32,
    /// Guards of a `Map` that may be held at once, those of look-ups included [default: one for each context]
    #[arg(long, value_name = "GUARDS", value_parser = among(0..=100_000), requires = "capacity")]
    pub guards: Option<u32>,
    /// Cells beyond `N`, for replacements and speed [default: 8]
    #[arg(long, value_name = "CELLS", value_parser = among(0..=100_000), requires = "capacity")]
    pub extra: Option<u32>,
}

/// Reads a number of the command line.
fn among(range: RangeInclusive<i64>) -> RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(range)
}

impl Wanted {
    /// The cells that contexts may hold: an operation two at most, but for the last one that needs a cell.
    pub fn of_contexts(&self) -> u32 {
        2 * (self.contexts - 1)
    }

    /// Guards at once.
    pub fn guards(&self) -> u32 {
        self.guards.unwrap_or(self.contexts)
    }
}

/// Units of so many bytes; of no bytes: one number of `count` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Units {
    count: u32,
    bytes: u32,
}

impl Units {
    /// What a key or value of so many bytes may be.
    fn of(size: u32) -> Units {
        let bytes = match size {
            0 | 1 | 2 | 4 | 8 => 0,
            _ if size % 4 == 0 => 4,
            _ if size % 2 == 0 => 2,
            _ => 1,
        };
        Units {
            count: size / bytes.max(1),
            bytes,
        }
    }

    /// As a type of Rust.
    fn text(self) -> String {
        match self {
            Units { count: 0, .. } => "()".into(),
            Units { count, bytes: 0 } => format!("u{}", 8 * count),
            Units { count, bytes } => format!("[u{}; {count}]", 8 * bytes),
        }
    }
}

/// The maps that are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    key: Units,
    value: Units,
    /// Entries at once.
    pub entries: u32,
    /// `N` of the `CopyMap` and of the `Map`.
    pub n: [u32; 2],
    /// What to write, and two larger ones for comparison.
    pub extra: [u32; 3],
}

/// The maps' names, in the order of [`Plan::n`].
pub const MAPS: [&str; 2] = ["CopyMap", "Map"];

impl Plan {
    /// The maps for a kind of target.
    pub fn new(wanted: &Wanted, is_32_bit: bool) -> Result<Plan> {
        // So many different keys there are; of three bytes and more, more than the capacity may be.
        let keys = 256_u32.checked_pow(wanted.key).unwrap_or(u32::MAX);
        if wanted.capacity > keys {
            bail!(Usage(format!(
                "of {} bytes there are only {keys} keys, and {} entries are asked for",
                wanted.key, wanted.capacity
            )));
        }
        let copies = wanted.capacity + wanted.of_contexts();
        let n = [copies, copies + wanted.guards()];
        let extra = wanted.extra.unwrap_or(EXTRA);
        let [_, most] = n;
        if is_32_bit && most + extra > MOST_CELLS {
            bail!(Usage(format!(
                "N + EXTRA may be {MOST_CELLS} at most on 32-bit targets, and here N is up to {most} and \
                 EXTRA {extra}: take several maps and split the keys over them by a bit of the key, or choose a \
                 64-bit target with --target"
            )));
        }
        let room = if is_32_bit {
            MOST_CELLS - most
        } else {
            u32::MAX
        };
        let extra = [0, n[0] / 2, n[0]].map(|cells| cells.min(room).max(extra));
        let cells = u64::from(most) + u64::from(extra[2]);
        let bytes = cells * (u64::from(wanted.key) + u64::from(wanted.value));
        if bytes > MOST_BYTES {
            bail!(Usage(format!(
                "keys and values of the largest map that is compared (EXTRA {}) would take {} MiB, more than the \
                 {} that can be looked at here: store large values elsewhere, and their addresses in the map",
                extra[2],
                bytes >> 20,
                MOST_BYTES >> 20
            )));
        }
        Ok(Plan {
            key: Units::of(wanted.key),
            value: Units::of(wanted.value),
            entries: wanted.capacity,
            n,
            extra,
        })
    }

    /// The type of a map to write.
    pub fn map(&self, map: usize) -> String {
        let (key, value) = (self.key.text(), self.value.text());
        let (name, n, extra) = (MAPS[map], self.n[map], self.extra[0]);
        match extra {
            EXTRA => format!("{name}<{key}, {value}, {n}>"),
            _ => format!("{name}<{key}, {value}, {n}, {extra}>"),
        }
    }

    /// What the program `sized` of the package `evidence` reads from its environment.
    pub fn variable(&self) -> (&'static str, String) {
        let (Units { count: k, bytes: l }, Units { count: v, bytes: w }) = (self.key, self.value);
        let ([n, m], [e, f, g]) = (self.n, self.extra);
        let text = format!("{k} {l} {v} {w} {n} {m} {e} {f} {g} {}", self.entries);
        ("EVIDENCE_SIZED", text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(key: u32, value: u32, extra: Option<u32>) -> Wanted {
        Wanted {
            capacity: 200,
            key,
            value,
            contexts: 3,
            guards: Some(2),
            extra,
        }
    }

    #[test]
    fn types_are_those_of_the_sizes() {
        let map = |key, value, extra, map| {
            Plan::new(&wanted(key, value, extra), true)
                .unwrap()
                .map(map)
        };
        assert_eq!(map(4, 12, None, 0), "CopyMap<u32, [u32; 3], 204>");
        assert_eq!(map(2, 6, Some(8), 1), "Map<u16, [u16; 3], 206>");
        assert_eq!(map(8, 7, Some(0), 0), "CopyMap<u64, [u8; 7], 204, 0>");
        assert_eq!(map(1, 0, Some(16), 1), "Map<u8, (), 206, 16>");
    }

    #[test]
    fn larger_maps_for_comparison_fit() {
        let extra = |capacity, extra, is_32_bit| {
            let wanted = Wanted {
                capacity,
                ..wanted(4, 4, extra)
            };
            Plan::new(&wanted, is_32_bit).map(|plan| plan.extra)
        };
        assert_eq!(extra(200, None, true).unwrap(), [8, 102, 204]);
        assert_eq!(extra(200, Some(150), true).unwrap(), [150, 150, 204]);
        assert_eq!(extra(4000, None, true).unwrap(), [8, 89, 89]);
        assert_eq!(extra(4000, None, false).unwrap(), [8, 2002, 4004]);
        assert_eq!(extra(4081, None, true).unwrap(), [8, 8, 8]);
        assert!(extra(4082, None, true).unwrap_err().is::<Usage>());
        assert!(extra(4082, None, false).is_ok());
    }

    #[test]
    fn what_no_linker_could_place_is_refused() {
        let plan = |capacity, is_32_bit| {
            let wanted = Wanted {
                capacity,
                ..wanted(1024, 16_384, None)
            };
            Plan::new(&wanted, is_32_bit)
        };
        assert!(plan(4000, true).is_ok() && plan(5000, false).is_ok());
        let refused = plan(6000, false).unwrap_err();
        assert!(refused.is::<Usage>() && refused.to_string().contains("199 MiB"));
    }

    #[test]
    fn the_program_is_told_all_of_it() {
        let plan = Plan::new(&wanted(4, 12, None), true).unwrap();
        assert_eq!(plan.variable().1, "4 0 3 4 204 206 8 102 204 200");
    }
}
