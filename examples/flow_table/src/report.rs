//! What is printed at the end.

use core::fmt::{self, Write};
use core::net::{IpAddr, Ipv4Addr};

use heapless::{String, Vec};
use static_cell::ConstStaticCell;

use crate::flows::{FlowKey, FlowMap, LARGEST, Totals};
use crate::other::Others;
use crate::pcap::Capture;
use crate::work::{Share, Tally};

/// The longest text of a flow: two IPv6 addresses of 39 characters, two ports of 5, `tcp`, 4 tabs.
const KEY_TEXT: usize = 2 * 39 + 2 * 5 + 3 + 4;

/// The memory of the sorted table: static, because it is far larger than a core's stack.
pub static ROWS: ConstStaticCell<Rows<LARGEST>> = ConstStaticCell::new(Rows::new());

/// Where a line of the report goes: standard output or the console.
pub type Print = fn(fmt::Arguments<'_>);

/// All flows, copied out of the map to be sorted.
#[derive(Debug)]
pub struct Rows<const MAX: usize>(Vec<Row, MAX>);

/// One flow as a line of the table.
#[derive(Debug)]
struct Row {
    key: FlowKey,
    /// The first five columns.
    text: String<KEY_TEXT, u8>,
    totals: Totals,
}

impl<const MAX: usize> Rows<MAX> {
    /// No rows.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Copies the flows out of the map.
    pub fn collect<const N: usize>(&mut self, flows: &FlowMap<N>) {
        const { assert!(N <= MAX, "every flow of the map must have its row") };
        self.0.clear();
        for flow in flows.iter() {
            let row = Row {
                key: *flow.key(),
                text: columns(flow.key()),
                totals: flow.totals(),
            };
            // Cannot fail: see the assertion above.
            let _ = self.0.push(row);
        }
    }

    /// Prints every flow to standard output, sorted by the bytes of the line (as `LC_ALL=C sort`
    /// does): protocol, source, port, destination, port, packets, bytes.
    pub fn print_tsv(&mut self) {
        self.sort_as_text();
        for row in &self.0 {
            targets::println!("{row}");
        }
    }

    fn sort_as_text(&mut self) {
        // Sorting by the first columns is enough. No two flows share them, and where one line's
        // start is a prefix of the other's, the tab that follows sorts before any character of a
        // column.
        self.0.sort_unstable_by(|a, b| a.text.cmp(&b.text));
    }

    /// The flows, the busiest first.
    pub fn sorted_by_bytes(&mut self) -> impl ExactSizeIterator<Item = (&FlowKey, Totals)> {
        self.0.sort_unstable_by(|a, b| {
            let busier =
                (b.totals.bytes, b.totals.packets).cmp(&(a.totals.bytes, a.totals.packets));
            busier.then_with(|| a.text.cmp(&b.text))
        });
        self.0.iter().map(|row| (&row.key, row.totals))
    }

    /// Prints the busiest flows.
    pub fn print_top(&mut self, top: usize, print: Print) {
        let rows = self.sorted_by_bytes();
        let (top, all) = (top.min(rows.len()), rows.len());
        if top == 0 {
            return;
        }
        print(format_args!("busiest {top} of {all} flows:"));
        print(format_args!("{:>16} {:>12}  flow", "bytes", "packets"));
        for (key, Totals { packets, bytes }) in rows.take(top) {
            print(format_args!("{bytes:>16} {packets:>12}  {key}"));
        }
    }
}

impl<const MAX: usize> Default for Rows<MAX> {
    fn default() -> Self {
        Self::new()
    }
}

/// All columns, tab separated.
impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Totals { packets, bytes } = self.totals;
        write!(f, "{}\t{packets}\t{bytes}", self.text)
    }
}

/// The first five columns of a flow's line.
fn columns(key: &FlowKey) -> String<KEY_TEXT, u8> {
    let mut text = String::new();
    // Cannot fail: the text was made to hold the longest flow.
    let _ = write!(
        text,
        "{}\t{}\t{}\t{}\t{}",
        key.protocol().name(),
        Address(key.source().ip()),
        key.source().port(),
        Address(key.destination().ip()),
        key.destination().port()
    );
    text
}

/// An address as tshark writes it: RFC 5952, with the outdated IPv4-compatible addresses as
/// `::192.0.2.1`.
struct Address(IpAddr);

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let IpAddr::V6(address) = self.0 {
            let [zeros @ .., high, low] = address.segments();
            if zeros == [0; 6] && high != 0 {
                let embedded = Ipv4Addr::from(u32::from(high) << 16 | u32::from(low));
                return write!(f, "::{embedded}");
            }
        }
        write!(f, "{}", self.0)
    }
}

/// Prints what is out of the ordinary in the capture.
pub fn print_capture(capture: &Capture<'_>, print: Print) {
    if let Some(cut) = capture.cut() {
        print(format_args!("{cut}"));
    }
    if capture.frame_count() == 0 {
        print(format_args!("the capture has no frames"));
    }
    if capture.shortened() > 0 {
        print(format_args!(
            "{} of {} records say that less was on the wire than was captured: counted as they say",
            capture.shortened(),
            capture.frame_count()
        ));
    }
}

/// Prints what the frames without a flow were.
pub fn print_others(others: &Others, print: Print) {
    let (kinds, further) = others.sorted();
    for (kind, frames) in kinds {
        print(format_args!("without a flow: {frames:>10} x {kind}"));
    }
    if further > 0 {
        print(format_args!(
            "without a flow: {further:>10} x further kinds"
        ));
    }
}

/// Prints what kind of run it was and what each core did.
pub fn print_run(
    capture: &Capture<'_>,
    passes: u64,
    tallies: &[Tally],
    elapsed_ns: u64,
    print: Print,
) {
    let all: Share = tallies.iter().map(Tally::share).sum();
    print(format_args!(
        "capture: {} frames ({}) over {} s; {}, {} cores: {} {} in {}.{:03} s",
        capture.frame_count(),
        capture.link().name(),
        capture.duration().as_secs(),
        targets::NAME,
        tallies.len(),
        passes,
        if passes == 1 { "pass" } else { "passes" },
        elapsed_ns / 1_000_000_000,
        elapsed_ns / 1_000_000 % 1000,
    ));
    let rate = u128::from(all.lookups) * 1_000_000_000 / u128::from(elapsed_ns.max(1));
    print(format_args!(
        "{} lookups, {}lookups/s; {} frames without visible TCP or UDP ports; {} frames not tracked",
        all.lookups,
        Scaled(rate as u64),
        all.frames - all.lookups,
        all.not_tracked,
    ));
    for (core, tally) in tallies.iter().enumerate() {
        let share = tally.share();
        let per_mille = share.frames * 1000 / all.frames.max(1);
        print(format_args!(
            "core {core}: {:>10} frames in {:>8} batches ({:>3}.{} %)",
            share.frames,
            share.batches,
            per_mille / 10,
            per_mille % 10,
        ));
    }
}

/// Prints the state of the map.
pub fn print_map<const N: usize>(flows: &FlowMap<N>, print: Print) {
    let stats = flows.stats();
    print(format_args!(
        "map: {} of {} flows in {} cells; {} removed, {} in progress, {} free; \
         {} buckets used, {} entries in the fullest, {} in chains",
        stats.live,
        stats.capacity,
        stats.cells,
        stats.removed,
        stats.in_progress,
        stats.free,
        stats.buckets_used,
        stats.fullest_bucket,
        stats.chained,
    ));
}

/// A number with three or four digits and a unit prefix: `12.3 M` for 12,345,678.
#[derive(Clone, Copy, Debug)]
pub struct Scaled(pub u64);

impl fmt::Display for Scaled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, prefix) in [(1_000_000_000, 'G'), (1_000_000, 'M'), (1000, 'k')] {
            if self.0 >= unit {
                let tenths = self.0 / (unit / 10);
                return write!(f, "{}.{} {prefix}", tenths / 10, tenths % 10);
            }
        }
        write!(f, "{} ", self.0)
    }
}

#[cfg(test)]
#[path = "report_tests.rs"]
mod tests;
