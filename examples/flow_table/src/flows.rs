//! The flow table: one map that all cores count in.

use core::fmt;
use core::hash::{Hash, Hasher};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use portable_atomic::{AtomicU64, Ordering::Relaxed};

use arenamap::{Full, Map};

/// How many flows the table holds.
pub const USUAL: usize = if usize::BITS == 32 { 4080 } else { 4096 };
/// How many flows the table of `--small` holds.
pub const SMALL: usize = 16;
/// How many flows the largest table holds. A map on a 32-bit board has 4,095 cells at most.
pub const LARGEST: usize = if usize::BITS == 32 { USUAL } else { 65_536 };

/// The table. This line is its whole set-up: a fresh map is all zero bits, so the static costs no
/// flash and needs no initialization.
pub static FLOWS: FlowMap<USUAL> = FlowMap::new();

/// A table that a real capture soon fills.
pub static FEW: FlowMap<SMALL> = FlowMap::new();

/// A table for large captures.
#[cfg(not(target_pointer_width = "32"))]
pub static MANY_FLOWS: FlowMap<LARGEST> = FlowMap::new();

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

/// One direction of a conversation: protocol, and address and port of both ends.
///
/// Five whole words, so that a key is copied, hashed and compared word by word. As a struct of two `IpAddr`
/// it is as large, but its addresses stand at odd bytes: a processor that writes them as bytes and reads
/// them as words waits for its own writes, each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowKey {
    source: Address,
    destination: Address,
    /// Protocol, version and ports.
    rest: u64,
}

/// An address as two words; of IPv4 the second is 0.
pub type Address = [u64; 2];

/// The bit of [`FlowKey::rest`] that says IPv6.
const IPV6: u64 = 1 << 40;

impl FlowKey {
    /// Stands where there is no flow yet.
    pub const NONE: Self = Self {
        source: [0; 2],
        destination: [0; 2],
        rest: 0,
    };

    /// The flow between these ends.
    pub fn new(protocol: Protocol, source: SocketAddr, destination: SocketAddr) -> Self {
        let words = |address| match address {
            IpAddr::V4(address) => words_of_ipv4(address.octets()),
            IpAddr::V6(address) => words_of_ipv6(address.octets()),
        };
        Self::of_words(
            protocol,
            source.is_ipv6(),
            [words(source.ip()), words(destination.ip())],
            [source.port(), destination.port()],
        )
    }

    /// The same, from the addresses as words.
    #[inline]
    pub fn of_words(
        protocol: Protocol,
        is_ipv6: bool,
        [source, destination]: [Address; 2],
        [from, to]: [u16; 2],
    ) -> Self {
        let version = if is_ipv6 { IPV6 } else { 0 };
        Self {
            source,
            destination,
            rest: version | (protocol as u64) << 32 | u64::from(from) << 16 | u64::from(to),
        }
    }

    /// TCP or UDP.
    pub const fn protocol(&self) -> Protocol {
        match (self.rest >> 32) as u8 {
            0 => Protocol::Tcp,
            _ => Protocol::Udp,
        }
    }

    /// Who sends, and from which port.
    pub fn source(&self) -> SocketAddr {
        SocketAddr::new(self.address(self.source), (self.rest >> 16) as u16)
    }

    /// Who receives, and at which port.
    pub fn destination(&self) -> SocketAddr {
        SocketAddr::new(self.address(self.destination), self.rest as u16)
    }

    fn address(&self, [high, low]: Address) -> IpAddr {
        if self.is_ipv6() {
            Ipv6Addr::from(u128::from(high) << 64 | u128::from(low)).into()
        } else {
            Ipv4Addr::from(high as u32).into()
        }
    }

    const fn is_ipv6(&self) -> bool {
        self.rest & IPV6 != 0
    }

    /// A number that tells most flows apart and costs next to nothing: see [`crate::sums`].
    #[inline]
    pub const fn place(&self) -> usize {
        let [a, b] = self.source;
        let [c, d] = self.destination;
        let mix = (a ^ b) ^ (c ^ d).rotate_left(21) ^ self.rest.rotate_left(42);
        // The upper bits depend on all of them.
        (mix.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as usize
    }
}

/// The words of an address.
#[inline]
pub const fn words_of_ipv4(octets: [u8; 4]) -> Address {
    [u32::from_be_bytes(octets) as u64, 0]
}

/// The words of an address.
#[inline]
pub const fn words_of_ipv6(octets: [u8; 16]) -> Address {
    let address = u128::from_be_bytes(octets);
    [(address >> 64) as u64, address as u64]
}

/// As few words as the key has: two for IPv4.
impl Hash for FlowKey {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        let ([a, b], [c, d]) = (self.source, self.destination);
        if self.is_ipv6() {
            for word in [a, b, c, d] {
                state.write_u64(word);
            }
        } else {
            state.write_u64(a << 32 | c);
        }
        state.write_u64(self.rest);
    }
}

impl fmt::Display for FlowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} > {}",
            self.protocol().name(),
            self.source(),
            self.destination()
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
    fn add(&self, more: Totals) {
        // (1) Relaxed, like the loads (2): the counters publish nothing but themselves. A reader
        // during the run may see a packet whose bytes are not added yet; the final reader comes
        // after all cores are done, and that hand-over orders every count before it.
        self.packets.fetch_add(more.packets, Relaxed);
        self.bytes.fetch_add(more.bytes, Relaxed);
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

impl Totals {
    /// Nothing.
    pub const ZERO: Self = Self {
        packets: 0,
        bytes: 0,
    };

    /// Adds these.
    pub fn add(&mut self, more: Self) {
        self.packets += more.packets;
        self.bytes += more.bytes;
    }
}

/// The table had no place for a new flow, so its frames were not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotTracked;

/// Counts frames of one flow, on any core. Lock-free where there are atomics of 64 bits; elsewhere (on
/// all boards of 32 bits but armv7a) the counters take a lock, so not from an interrupt handler there.
/// The map does not: counters of 32 bits would do without.
pub fn record<const N: usize>(
    flows: &FlowMap<N>,
    key: FlowKey,
    frames: Totals,
) -> Result<(), NotTracked> {
    // Nearly always the flow is known. The guard that `get` returns keeps the entry readable
    // until it is dropped at the end of the block, whatever other cores do.
    if let Some(flow) = flows.get(&key) {
        flow.add(frames);
        return Ok(());
    }
    // First sight. When several cores see the first frames of a flow at the same moment, one
    // entry wins and all of them get a guard of it.
    let flow = match flows.get_or_insert_with(key, Counters::default) {
        Ok(flow) => flow,
        // Full. Perhaps another core took the last place for this very flow just now.
        Err(Full(key)) => flows.get(&key).ok_or(NotTracked)?,
    };
    flow.add(frames);
    Ok(())
}

#[cfg(test)]
#[path = "flows_tests.rs"]
mod tests;
