//! Watches the table while all cores write to it.

use heapless::Vec;

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
    last: Option<(u64, u64)>,
}

impl<'a, const N: usize> Monitor<'a, N> {
    /// A monitor of a run that started at `start_ns`.
    pub const fn new(flows: &'a FlowMap<N>, tallies: &'a [Tally], start_ns: u64) -> Self {
        Self {
            flows,
            tallies,
            start_ns,
            last: None,
        }
    }

    /// Looks at the table if it is time to: the first time at once, then at intervals.
    pub fn tick(&mut self, now_ns: u64) {
        let (last_ns, last_frames) = self.last.unwrap_or((self.start_ns, 0));
        if self.last.is_some() && now_ns < last_ns + INTERVAL_NS {
            return;
        }
        let all: Share = self.tallies.iter().map(Tally::share).sum();
        self.last = Some((now_ns, all.frames));

        let elapsed_ns = now_ns.saturating_sub(last_ns).max(1);
        let rate = u128::from(all.frames - last_frames) * 1_000_000_000 / u128::from(elapsed_ns);
        let run_ms = now_ns.saturating_sub(self.start_ns) / 1_000_000;
        targets::eprintln!(
            "[{:2}.{:03} s] {} frames, {}frames/s, {} flows; busiest so far:",
            run_ms / 1000,
            run_ms % 1000,
            all.frames,
            Scaled(rate as u64),
            self.flows.len(),
        );
        for (key, totals) in busiest::<N, TOP>(self.flows) {
            targets::eprintln!(
                "    {}B in {} packets: {key}",
                Scaled(totals.bytes),
                totals.packets
            );
        }
        crate::log::progress(all.frames, self.flows.len());
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
            let key = FlowKey {
                protocol: Protocol::Udp,
                source: [192, 0, 2, 1].into(),
                source_port: port,
                destination: [192, 0, 2, 2].into(),
                destination_port: 53,
            };
            crate::flows::record(&flows, key, bytes).unwrap();
        }
        let bytes = |busiest: &[(FlowKey, Totals)]| -> std::vec::Vec<u64> {
            busiest.iter().map(|(_, totals)| totals.bytes).collect()
        };
        assert_eq!(bytes(&busiest::<8, 3>(&flows)), [700, 700, 80]);
        assert_eq!(bytes(&busiest::<8, 6>(&flows)), [700, 700, 80, 50, 6]);
    }
}
