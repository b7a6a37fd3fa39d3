//! What a core adds up by itself before it goes to the shared map.
//!
//! Frames of one flow come in bursts. To look a flow up in the map costs a guard (two compare-and-swaps and a
//! fence), to count in it two additions to memory that other cores want, too. So a core first adds up a batch
//! of frames in these few places of its own, and counts each flow of the batch once.

use crate::flows::{FlowKey, Totals};

/// How many places there are: one for each bit of a word.
const PLACES: usize = u64::BITS as usize;

/// The sums of some flows, on the core's own stack.
#[derive(Debug)]
pub struct Sums {
    places: [(FlowKey, Totals); PLACES],
    /// The places that hold a sum.
    used: u64,
}

impl Sums {
    /// Nothing added yet.
    pub const fn new() -> Self {
        Self {
            places: [(FlowKey::NONE, Totals::ZERO); PLACES],
            used: 0,
        }
    }

    /// Adds a frame. Each flow has one place; a sum of another flow that stands there goes to `count`.
    #[inline]
    pub fn add(&mut self, key: FlowKey, bytes: u32, count: impl FnOnce(FlowKey, Totals)) {
        let at = key.place() % PLACES;
        let frame = Totals {
            packets: 1,
            bytes: u64::from(bytes),
        };
        let place = &mut self.places[at];
        if self.used & 1 << at == 0 {
            self.used |= 1 << at;
            *place = (key, frame);
        } else if place.0 == key {
            place.1.packets += 1;
            place.1.bytes += frame.bytes;
        } else {
            let (other, sum) = core::mem::replace(place, (key, frame));
            count(other, sum);
        }
    }

    /// Hands out all sums; nothing is left.
    pub fn flush(&mut self, mut count: impl FnMut(FlowKey, Totals)) {
        while self.used != 0 {
            let at = self.used.trailing_zeros() as usize;
            self.used &= self.used - 1;
            let (key, sum) = self.places[at];
            count(key, sum);
        }
    }
}

impl Default for Sums {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::flows::Protocol;

    #[test]
    fn what_goes_in_comes_out_once() {
        let mut expected: HashMap<FlowKey, Totals> = HashMap::new();
        let mut found: HashMap<FlowKey, Totals> = HashMap::new();
        let mut sums = Sums::new();
        for round in 0..40u32 {
            // More flows than places, some of them again and again.
            for i in 0..round * 5 {
                let key = FlowKey::new(
                    Protocol::Udp,
                    ([192, 0, 2, (i % 90) as u8], (i % 3) as u16).into(),
                    ([192, 0, 2, 2], 53).into(),
                );
                let sum = expected.entry(key).or_default();
                sum.packets += 1;
                sum.bytes += u64::from(i);
                sums.add(key, i, |key, sum| found.entry(key).or_default().add(sum));
            }
            sums.flush(|key, sum| found.entry(key).or_default().add(sum));
            assert_eq!(found, expected, "round {round}");
        }
        sums.flush(|key, _| panic!("{key} came out twice"));
    }
}
