//! Shares the frames of a capture among the cores, without a lock.

use portable_atomic::{AtomicU64, Ordering::Relaxed};

use crate::pcap::{Capture, Frames};

/// How many frames a core claims at once, at most: enough that it adds up what belongs to one flow.
const MOST: usize = 256;
/// At least so many, or the cursor would be the bottleneck.
const FEWEST: usize = 16;
/// A small capture has so many batches for each core, so that none stands idle for long.
const SHARE: usize = 8;

/// Set in the cursor once the last pass is done.
const FINISHED: u64 = 1 << 63;

/// The frames still to be counted: one cursor, moved by compare-and-swap.
///
/// The cursor counts bytes of records over all passes: `pass * capture.len() + offset`.
#[derive(Debug)]
pub struct Work<'a> {
    capture: &'a Capture<'a>,
    cursor: AtomicU64,
    batch: usize,
}

impl<'a> Work<'a> {
    /// All frames of `capture`, not yet claimed, for so many cores.
    pub fn new(capture: &'a Capture<'a>, cores: usize) -> Self {
        let each = capture.frame_count() / (cores * SHARE) as u64;
        Self {
            capture,
            cursor: AtomicU64::new(0),
            batch: usize::try_from(each).map_or(MOST, |each| each.clamp(FEWEST, MOST)),
        }
    }

    /// Claims the next frames: each frame of each pass goes to exactly one caller. `None` once all
    /// passes are done.
    ///
    /// At the start of each pass `wanted` is asked whether the pass with this number (from 0)
    /// shall take place. All cores go by the one answer that gets into the cursor.
    pub fn claim(&self, wanted: impl Fn(u64) -> bool) -> Option<Frames<'a>> {
        let pass_len = self.capture.len() as u64;
        if pass_len == 0 {
            return None;
        }
        // All Relaxed: the cursor guards no memory. The capture is never written, and what a core
        // counts it publishes elsewhere. That no frame is claimed twice needs only the total order
        // of the changes of this one word, and the cursor never returns to an earlier value.
        let mut cursor = self.cursor.load(Relaxed);
        loop {
            if cursor & FINISHED != 0 {
                return None;
            }
            let offset = cursor % pass_len;
            let finish = offset == 0 && !wanted(cursor / pass_len);
            let (batch, next) = if finish {
                (None, cursor | FINISHED)
            } else {
                // The walk happens before the claim, so a core that loses the race walks again.
                let (batch, end) = self.capture.batch(offset as usize, self.batch);
                (Some(batch), cursor - offset + end as u64)
            };
            match self
                .cursor
                .compare_exchange_weak(cursor, next, Relaxed, Relaxed)
            {
                Ok(_) => return batch,
                Err(now) => cursor = now,
            }
        }
    }

    /// How many passes have been claimed completely.
    pub fn passes(&self) -> u64 {
        match self.capture.len() as u64 {
            0 => 0,
            pass_len => (self.cursor.load(Relaxed) & !FINISHED) / pass_len,
        }
    }
}

/// What one core has done. On cache lines of its own, so that the cores do not slow each other
/// down by counting.
#[derive(Debug, Default)]
#[repr(align(128))]
pub struct Tally {
    frames: AtomicU64,
    batches: AtomicU64,
    lookups: AtomicU64,
    not_tracked: AtomicU64,
}

/// What one core has done, or several together, copied out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Share {
    /// Frames taken from the capture.
    pub frames: u64,
    /// Batches that they came in.
    pub batches: u64,
    /// Frames with a flow.
    pub lookups: u64,
    /// Those of them that the map had no place for, and that were not counted.
    pub not_tracked: u64,
}

impl Tally {
    /// Adds the work of one batch.
    pub fn add(&self, share: Share) {
        // Relaxed, like the loads in `share`: numbers for display while the cores run, and exact
        // once all of them are done.
        self.frames.fetch_add(share.frames, Relaxed);
        self.batches.fetch_add(share.batches, Relaxed);
        self.lookups.fetch_add(share.lookups, Relaxed);
        self.not_tracked.fetch_add(share.not_tracked, Relaxed);
    }

    /// What the core has done so far.
    pub fn share(&self) -> Share {
        Share {
            frames: self.frames.load(Relaxed),
            batches: self.batches.load(Relaxed),
            lookups: self.lookups.load(Relaxed),
            not_tracked: self.not_tracked.load(Relaxed),
        }
    }
}

impl core::iter::Sum for Share {
    fn sum<I: Iterator<Item = Self>>(shares: I) -> Self {
        shares.fold(Self::default(), |sum, share| Self {
            frames: sum.frames + share.frames,
            batches: sum.batches + share.batches,
            lookups: sum.lookups + share.lookups,
            not_tracked: sum.not_tracked + share.not_tracked,
        })
    }
}

#[cfg(test)]
#[path = "work_tests.rs"]
mod tests;
