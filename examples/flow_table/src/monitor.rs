//! Watches the table while all cores write to it.

use heapless::Vec;
use targets::cores;

use crate::args::Args;
use crate::flows::{FlowKey, FlowMap, Totals};
use crate::report::Scaled;
use crate::work::{Share, Tally};

/// How many flows a look at the table names.
const TOP: usize = 3;
/// The time between two looks.
const INTERVAL_NS: u64 = 250_000_000;

/// Shows the busiest flows and the rate on the console, again and again.
#[derive(Debug)]
pub struct Monitor<'a, const N: usize> {
    flows: &'a FlowMap<N>,
    tallies: &'a [Tally],
    start_ns: u64,
    last: Option<Moment>,
    #[cfg(not(target_os = "none"))]
    view: crate::host::View,
}

/// What the cores had done at a moment.
#[derive(Clone, Debug)]
pub struct Moment {
    /// Since the run started.
    pub run_ns: u64,
    /// For each core.
    pub shares: Vec<Share, { cores::MAX }>,
}

impl Moment {
    fn new(run_ns: u64, tallies: &[Tally]) -> Self {
        Self {
            run_ns,
            shares: tallies.iter().map(Tally::share).collect(),
        }
    }

    /// All cores together.
    pub fn all(&self) -> Share {
        self.shares.iter().copied().sum()
    }

    /// Frames in a second of this core, or of all, since another moment.
    pub fn rate(&self, core: Option<usize>, since: Option<&Self>) -> u64 {
        let frames = |moment: &Self| match core {
            Some(core) => moment.shares[core].frames,
            None => moment.all().frames,
        };
        let (before, before_ns) = since.map_or((0, 0), |since| (frames(since), since.run_ns));
        let elapsed = self.run_ns.saturating_sub(before_ns).max(1);
        (u128::from(frames(self) - before) * 1_000_000_000 / u128::from(elapsed)) as u64
    }
}

impl<'a, const N: usize> Monitor<'a, N> {
    /// A monitor of a run that started at `start_ns`.
    pub fn new(
        flows: &'a FlowMap<N>,
        tallies: &'a [Tally],
        start_ns: u64,
        _args: &Args<'_>,
    ) -> Self {
        Self {
            flows,
            tallies,
            start_ns,
            last: None,
            #[cfg(not(target_os = "none"))]
            view: crate::host::View::new(_args),
        }
    }

    /// Looks at the table if it is time to: the first time at once, then at intervals.
    pub fn tick(&mut self, now_ns: u64) {
        let run_ns = now_ns.saturating_sub(self.start_ns);
        #[cfg(not(target_os = "none"))]
        if self.view.is_due(run_ns) {
            let now = Moment::new(run_ns, self.tallies);
            let busiest = busiest::<N, { crate::host::TOP }>(self.flows);
            self.view.look(now, self.flows.stats(), &busiest);
        }
        #[cfg(not(target_os = "none"))]
        if self.view.draws() {
            return;
        }
        if self
            .last
            .as_ref()
            .is_some_and(|last| run_ns < last.run_ns + INTERVAL_NS)
        {
            return;
        }
        let now = Moment::new(run_ns, self.tallies);
        let frames = now.all().frames;
        targets::eprintln!(
            "[{:2}.{:03} s] {} frames, {}frames/s, {} flows; busiest so far:",
            run_ns / 1_000_000_000,
            run_ns / 1_000_000 % 1000,
            frames,
            Scaled(now.rate(None, self.last.as_ref())),
            self.flows.len(),
        );
        for (key, totals) in busiest::<N, TOP>(self.flows) {
            targets::eprintln!(
                "    {}B in {} packets: {key}",
                Scaled(totals.bytes),
                totals.packets
            );
        }
        crate::log::progress(frames, self.flows.len());
        self.last = Some(now);
    }

    /// Core 0 has no more frames: a last look for those who draw.
    pub fn end(self) {
        #[cfg(not(target_os = "none"))]
        self.view.end();
    }
}

/// The flows with the most bytes, the busiest first.
///
/// The cores go on counting and adding flows meanwhile. The iterator shows every flow that was in
/// the table all the while, and a flow that comes during the walk may or may not be seen: good
/// enough for a monitor. Nobody waits for this walk, and it waits for nobody.
fn busiest<const N: usize, const TOP: usize>(flows: &FlowMap<N>) -> Vec<(FlowKey, Totals), TOP> {
    let mut busiest = Vec::<(FlowKey, Totals), TOP>::new();
    for flow in flows.iter() {
        let totals = flow.totals();
        let rank = busiest
            .iter()
            .position(|(_, other)| other.bytes < totals.bytes)
            .unwrap_or(busiest.len());
        if rank < TOP {
            if busiest.is_full() {
                busiest.pop();
            }
            // Cannot fail: there is room, and the rank lies within the list.
            let _ = busiest.insert(rank, (*flow.key(), totals));
        }
    }
    busiest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flows::Protocol;

    #[test]
    fn names_the_busiest_flows_in_order() {
        let flows = FlowMap::<8>::new();
        for (port, bytes) in [(1, 50), (2, 700), (3, 6), (4, 80), (5, 700)] {
            let key = FlowKey::new(
                Protocol::Udp,
                ([192, 0, 2, 1], port).into(),
                ([192, 0, 2, 2], 53).into(),
            );
            crate::flows::record(&flows, key, Totals { packets: 1, bytes }).unwrap();
        }
        let bytes = |busiest: &[(FlowKey, Totals)]| -> std::vec::Vec<u64> {
            busiest.iter().map(|(_, totals)| totals.bytes).collect()
        };
        assert_eq!(bytes(&busiest::<8, 3>(&flows)), [700, 700, 80]);
        assert_eq!(bytes(&busiest::<8, 6>(&flows)), [700, 700, 80, 50, 6]);
    }

    #[test]
    fn rates() {
        let moment = |run_ns, frames: [u64; 2]| Moment {
            run_ns,
            shares: frames
                .iter()
                .map(|&frames| Share {
                    frames,
                    ..Share::default()
                })
                .collect(),
        };
        let first = moment(500_000_000, [10, 20]);
        assert_eq!(first.rate(None, None), 60);
        let second = moment(1_500_000_000, [15, 120]);
        assert_eq!(second.rate(Some(0), Some(&first)), 5);
        assert_eq!(second.rate(Some(1), Some(&first)), 100);
        assert_eq!(second.rate(None, Some(&first)), 105);
        assert_eq!(first.rate(None, Some(&first)), 0);
    }
}
