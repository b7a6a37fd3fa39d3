//! The flow table: one map that all cores count in.

use core::fmt;
use core::net::{IpAddr, SocketAddr};
use portable_atomic::{AtomicU64, Ordering::Relaxed};

use arenamap::{Full, Map};

/// How many flows the table holds.
pub const MAX_FLOWS: usize = if usize::BITS == 32 { 4080 } else { 4096 };
/// How many flows the table of `--small` holds.
pub const FEW_FLOWS: usize = 16;

/// The table. This line is its whole set-up: a fresh map is all zero bits, so the static costs no
/// flash and needs no initialization.
pub static FLOWS: FlowMap<MAX_FLOWS> = FlowMap::new();

/// A table that a real capture soon fills, for `--small`.
pub static FEW: FlowMap<FEW_FLOWS> = FlowMap::new();

/// A map from flows to their counters.
pub type FlowMap<const N: usize> = Map<FlowKey, Counters, N>;

/// The protocols that are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

impl Protocol {
    /// The name in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

/// One direction of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FlowKey {
    /// TCP or UDP.
    pub protocol: Protocol,
    /// Who sends.
    pub source: IpAddr,
    /// From which port.
    pub source_port: u16,
    /// Who receives.
    pub destination: IpAddr,
    /// At which port.
    pub destination_port: u16,
}

impl fmt::Display for FlowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} > {}",
            self.protocol.name(),
            SocketAddr::new(self.source, self.source_port),
            SocketAddr::new(self.destination, self.destination_port)
        )
    }
}

/// What is counted for a flow: the value type of the map.
///
/// The counters are atomic, because the map hands out shared references only: many cores may hold
/// the same entry at once.
#[derive(Debug, Default)]
pub struct Counters {
    packets: AtomicU64,
    bytes: AtomicU64,
}

impl Counters {
    fn add(&self, bytes: u32) {
        // (1) Relaxed, like the loads (2): the counters publish nothing but themselves. A reader
        // during the run may see a packet whose bytes are not added yet; the final reader comes
        // after all cores are done, and that hand-over orders every count before it.
        self.packets.fetch_add(1, Relaxed);
        self.bytes.fetch_add(u64::from(bytes), Relaxed);
    }

    /// The counts so far.
    pub fn totals(&self) -> Totals {
        // (2) Relaxed: see (1).
        Totals {
            packets: self.packets.load(Relaxed),
            bytes: self.bytes.load(Relaxed),
        }
    }
}

/// Counts of one flow, copied out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The number of frames.
    pub packets: u64,
    /// Their bytes on the wire.
    pub bytes: u64,
}

/// The table had no place for a new flow, so the frame was not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotTracked;

/// Counts one frame. Lock-free: may run on any core at any moment.
pub fn record<const N: usize>(
    flows: &FlowMap<N>,
    key: FlowKey,
    bytes: u32,
) -> Result<(), NotTracked> {
    // Nearly always the flow is known. The guard that `get` returns keeps the entry readable
    // until it is dropped at the end of the block, whatever other cores do.
    if let Some(flow) = flows.get(&key) {
        flow.add(bytes);
        return Ok(());
    }
    // First sight. When several cores see the first frames of a flow at the same moment, one
    // entry wins and all of them get a guard of it.
    let flow = match flows.get_or_insert_with(key, Counters::default) {
        Ok(flow) => flow,
        // Full. Perhaps another core took the last place for this very flow just now.
        Err(Full(key)) => flows.get(&key).ok_or(NotTracked)?,
    };
    flow.add(bytes);
    Ok(())
}

#[cfg(test)]
#[path = "flows_tests.rs"]
mod tests;
