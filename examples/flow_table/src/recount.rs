//! Is it the right answer? Core 0 counts the capture again, alone, in a table of another kind and with
//! another parser of headers ([`packet`]), and compares every flow.
//!
//! What both counts share is the walk over the records of the file ([`crate::pcap`]), which the tests compare
//! with the crate `pcap-parser`.

pub mod packet;

use core::fmt;
use core::hash::BuildHasher;

use arenamap::DefaultHashBuilder;

use heapless::index_map::FnvIndexMap;
use static_cell::ConstStaticCell;

use crate::flows::{FlowKey, FlowMap, LARGEST, Totals};
use crate::pcap::Capture;
use crate::work::Share;

/// How many flows one table of the recount can tell apart.
const TABLE: usize = 8192;
/// How many tables there are, between which a hash chooses: together they hold more than the map, so that a
/// full map can be checked too.
const TABLES: usize = (2 * LARGEST).div_ceil(TABLE);

/// At most so many differences are shown one by one.
const SHOWN: u64 = 10;

/// The memory of the recount: static, because it is far larger than a core's stack.
pub static RECOUNT: ConstStaticCell<Recount<TABLE, TABLES>> = ConstStaticCell::new(Recount::new());

/// A count of a capture by one core in ordinary tables.
#[derive(Debug)]
pub struct Recount<const MAX: usize, const TABLES: usize> {
    tables: [FnvIndexMap<FlowKey, Totals, MAX>; TABLES],
    /// Frames with a flow.
    frames: u64,
    /// Whether these tables, too, had no place for some flow.
    overflowed: bool,
}

impl<const MAX: usize, const TABLES: usize> Recount<MAX, TABLES> {
    /// Nothing counted yet. All zero bits, so that the static takes no space in the program.
    pub const fn new() -> Self {
        Self {
            tables: [const { FnvIndexMap::new() }; TABLES],
            frames: 0,
            overflowed: false,
        }
    }

    fn table_of(key: &FlowKey) -> usize {
        DefaultHashBuilder::new().hash_one(key) as usize % TABLES
    }

    /// How many flows there are.
    fn len(&self) -> usize {
        self.tables.iter().map(FnvIndexMap::len).sum()
    }

    /// Counts all frames of `capture` once.
    pub fn count(&mut self, capture: &Capture<'_>) {
        for frame in capture.frames() {
            let Some(key) = packet::flow_of(capture.link(), frame.data) else {
                continue;
            };
            self.frames += 1;
            match self.tables[Self::table_of(&key)].entry(key).or_default() {
                Ok(totals) => {
                    totals.packets += 1;
                    totals.bytes += u64::from(frame.wire_len);
                }
                Err(_) => self.overflowed = true,
            }
        }
    }

    /// Compares the map with this recount: after `passes` passes in which all cores together did `all`, what
    /// they did not report as not tracked must be there.
    ///
    /// Calls `show` for the first differences.
    pub fn compare<const N: usize>(
        &self,
        flows: &FlowMap<N>,
        passes: u64,
        all: Share,
        mut show: impl FnMut(&Difference),
    ) -> Verdict {
        let not_tracked = all.not_tracked;
        let mut verdict = Verdict {
            flows: self.len(),
            equal: 0,
            differences: 0,
            frames: all.lookups,
            frames_found: self.frames * passes,
            missing_frames: 0,
            not_tracked,
            possible: !self.overflowed,
        };
        if self.overflowed {
            return verdict;
        }
        let mut differ = |difference: Difference| {
            verdict.differences += 1;
            if verdict.differences <= SHOWN {
                show(&difference);
            }
        };
        for (key, once) in self.tables.iter().flatten() {
            let expected = Totals {
                packets: once.packets * passes,
                bytes: once.bytes * passes,
            };
            let found = flows.get(key).map(|flow| flow.totals()).unwrap_or_default();
            let missing = expected.packets.saturating_sub(found.packets);
            if found == expected {
                verdict.equal += 1;
            } else if not_tracked > 0 && missing > 0 && found.bytes < expected.bytes {
                // Accounted for below, by the sum over all flows.
                verdict.missing_frames += missing;
            } else {
                differ(Difference {
                    key: *key,
                    expected,
                    found,
                });
            }
        }
        // The other way round: nothing may be in the map that is not in the capture.
        for flow in flows.iter() {
            if !self.tables[Self::table_of(flow.key())].contains_key(flow.key()) {
                differ(Difference {
                    key: *flow.key(),
                    expected: Totals::default(),
                    found: flow.totals(),
                });
            }
        }
        verdict
    }
}

/// A flow whose counts are not those of the recount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    key: FlowKey,
    expected: Totals,
    found: Totals,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "check: {} has {} packets, {} bytes in the map, but {} packets, {} bytes in the recount",
            self.key,
            self.found.packets,
            self.found.bytes,
            self.expected.packets,
            self.expected.bytes
        )
    }
}

/// The outcome of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Flows in the recount.
    pub flows: usize,
    /// Those of them that are equal in the map.
    pub equal: usize,
    /// Flows that differ in a way that a full map does not explain.
    pub differences: u64,
    /// Frames with a flow that the cores counted.
    pub frames: u64,
    /// Frames with a flow that the recount found, in so many passes.
    pub frames_found: u64,
    /// Frames that are missing in the map.
    pub missing_frames: u64,
    /// Frames that the cores reported as not tracked.
    pub not_tracked: u64,
    /// Whether there was a complete recount to compare with. There is none when the capture has
    /// more flows than even the recount can hold: then the map cannot hold them either.
    pub possible: bool,
}

impl Verdict {
    /// Whether the map holds something else than it must.
    pub const fn is_wrong(&self) -> bool {
        self.frames != self.frames_found
            || self.possible && (self.differences > 0 || self.missing_frames != self.not_tracked)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "check: ")?;
        if self.frames != self.frames_found {
            write!(
                f,
                "the cores found a flow for {} frames, but the recount's parser for {}",
                self.frames, self.frames_found
            )
        } else if !self.possible {
            write!(
                f,
                "not possible: the capture has more than the {} flows that the recount can hold",
                self.flows
            )
        } else if self.is_wrong() {
            write!(
                f,
                "the map is WRONG: {} of {} flows differ from a single-core recount; \
                 {} frames are missing, {} were reported as not tracked",
                self.differences, self.flows, self.missing_frames, self.not_tracked
            )
        } else if self.not_tracked == 0 {
            write!(
                f,
                "{} flows equal to a single-core recount by another parser",
                self.equal
            )
        } else {
            write!(
                f,
                "{} of {} flows equal to a single-core recount by another parser, \
                 and the {} frames missing in the others are those not tracked",
                self.equal, self.flows, self.missing_frames
            )
        }
    }
}

impl<const MAX: usize, const TABLES: usize> Default for Recount<MAX, TABLES> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
#[path = "recount_tests.rs"]
mod tests;
