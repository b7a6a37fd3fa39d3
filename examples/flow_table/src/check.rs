//! Is it the right answer? Core 0 counts the capture again, alone, in a table of another kind, and
//! compares every flow.

use core::fmt;

use heapless::index_map::FnvIndexMap;
use static_cell::ConstStaticCell;

use crate::flows::{FlowKey, FlowMap, MAX_FLOWS, Totals};
use crate::packet;
use crate::pcap::Capture;

/// How many flows the recount can tell apart: more than the map holds, so that a full map can be
/// checked too.
pub const RECOUNT_FLOWS: usize = (2 * MAX_FLOWS).next_power_of_two();

/// At most so many differences are shown one by one.
const SHOWN: u64 = 10;

/// The memory of the recount: static, because it is far larger than a core's stack.
pub static RECOUNT: ConstStaticCell<Recount<RECOUNT_FLOWS>> = ConstStaticCell::new(Recount::new());

/// A count of a capture by one core in an ordinary table.
#[derive(Debug)]
pub struct Recount<const MAX: usize> {
    flows: FnvIndexMap<FlowKey, Totals, MAX>,
    /// Whether this table, too, had no place for some flow.
    overflowed: bool,
}

impl<const MAX: usize> Recount<MAX> {
    /// Nothing counted yet. All zero bits, so that the static takes no space in the program.
    pub const fn new() -> Self {
        Self {
            flows: FnvIndexMap::new(),
            overflowed: false,
        }
    }

    /// Counts all frames of `capture` once.
    pub fn count(&mut self, capture: &Capture<'_>) {
        for frame in capture.frames() {
            let Some(key) = packet::flow_of(frame.data) else {
                continue;
            };
            match self.flows.entry(key).or_default() {
                Ok(totals) => {
                    totals.packets += 1;
                    totals.bytes += u64::from(frame.wire_len);
                }
                Err(_) => self.overflowed = true,
            }
        }
    }

    /// Compares the map with this recount: after `passes` passes of which `not_tracked` frames
    /// found no place in the map, all else must be there.
    ///
    /// Calls `show` for the first differences.
    pub fn compare<const N: usize>(
        &self,
        flows: &FlowMap<N>,
        passes: u64,
        not_tracked: u64,
        mut show: impl FnMut(&Difference),
    ) -> Verdict {
        let mut verdict = Verdict {
            flows: self.flows.len(),
            equal: 0,
            differences: 0,
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
        for (key, once) in &self.flows {
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
            if !self.flows.contains_key(flow.key()) {
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
        self.possible && (self.differences > 0 || self.missing_frames != self.not_tracked)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "check: ")?;
        if !self.possible {
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
            write!(f, "{} flows equal to a single-core recount", self.equal)
        } else {
            write!(
                f,
                "{} of {} flows equal to a single-core recount, \
                 and the {} frames missing in the others are those not tracked",
                self.equal, self.flows, self.missing_frames
            )
        }
    }
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
