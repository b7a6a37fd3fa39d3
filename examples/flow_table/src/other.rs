//! Frames that have no flow: what they are instead, and how many of each kind.

use core::fmt;

use arenamap::Map;
use etherparse::IpNumber;
use heapless::Vec;
use portable_atomic::{AtomicU64, Ordering::Relaxed};

/// Why a frame has no flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Other {
    /// Behind the link header is something that is not followed.
    EtherType(u16),
    /// An LLC header names this service.
    Llc(u8),
    /// A SNAP header names a protocol of this organization.
    Snap(u32),
    /// PPP carries another protocol.
    Ppp(u16),
    /// Behind MPLS labels is no IP packet.
    Mpls,
    /// A null header names this address family.
    Family(u32),
    /// An IP packet carries another protocol than TCP and UDP.
    Protocol(u8),
    /// A fragment other than the first: the ports are not in it.
    LaterFragment,
    /// The frame ends before the ports.
    Cut,
    /// Not an IP header of the version that was announced, or one whose lengths cannot be.
    BadIp,
}

impl fmt::Display for Other {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::EtherType(number) => match ether_type_name(number) {
                Some(name) => write!(f, "{name} (EtherType {number:#06x})"),
                None => write!(f, "EtherType {number:#06x}"),
            },
            Self::Llc(service) => match service {
                0x42 => write!(f, "spanning tree (LLC {service:#04x})"),
                0xe0 | 0xff => write!(f, "IPX (LLC {service:#04x})"),
                0xf0 => write!(f, "NetBIOS (LLC {service:#04x})"),
                0xfe => write!(f, "OSI network layer (LLC {service:#04x})"),
                _ => write!(f, "LLC {service:#04x}"),
            },
            Self::Snap(0x00_000c) => write!(f, "Cisco (SNAP 00-00-0c)"),
            Self::Snap(organization) => {
                let [_, a, b, c] = organization.to_be_bytes();
                write!(f, "SNAP {a:02x}-{b:02x}-{c:02x}")
            }
            Self::Ppp(number) => match number {
                0xc021 => write!(f, "LCP (PPP {number:#06x})"),
                0x8021 | 0x8057 => write!(f, "IPCP (PPP {number:#06x})"),
                0xc023 | 0xc223 => write!(f, "PPP authentication (PPP {number:#06x})"),
                _ => write!(f, "PPP {number:#06x}"),
            },
            Self::Mpls => write!(f, "MPLS (EtherType 0x8847) with other content than IP"),
            Self::Family(number) => write!(f, "address family {number}"),
            Self::Protocol(number) => match IpNumber(number).keyword_str() {
                Some(name) => write!(f, "{name} (IP protocol {number})"),
                None => write!(f, "IP protocol {number}"),
            },
            Self::LaterFragment => write!(f, "later fragments"),
            Self::Cut => write!(f, "frames that end before their ports"),
            Self::BadIp => write!(f, "damaged IP headers"),
        }
    }
}

/// The names of EtherTypes that captures often have.
const fn ether_type_name(number: u16) -> Option<&'static str> {
    Some(match number {
        0x0806 => "ARP",
        0x0842 => "Wake-on-LAN",
        0x22f0 => "AVTP",
        0x22f3 => "TRILL",
        0x6558 => "transparent Ethernet bridging",
        0x8035 => "RARP",
        0x8137 => "IPX",
        0x8808 => "Ethernet flow control",
        0x8809 => "slow protocols (LACP)",
        0x8863 => "PPPoE discovery",
        0x888e => "EAPOL",
        0x8892 => "PROFINET",
        0x88a4 => "EtherCAT",
        0x88b8 => "GOOSE",
        0x88cc => "LLDP",
        0x88e1 | 0x8912 => "HomePlug",
        0x88e5 => "MACsec",
        0x88f7 => "PTP",
        0x8902 => "connectivity faults (CFM)",
        0x8906 => "FCoE",
        0x8909 => "Cisco metadata",
        0x8915 => "RoCE",
        0x8926 => "VN-Tag",
        0x894f => "NSH",
        0x9000 => "loopback test",
        0x9200 | 0x9300 => "VLAN of another maker",
        _ => return None,
    })
}

/// How many kinds are told apart.
const KINDS: usize = 64;

/// How many frames there were of each kind: one map that all cores count in.
#[derive(Debug)]
pub struct Others {
    kinds: Map<Other, AtomicU64, KINDS>,
    /// Frames of kinds that came when the map was full.
    further: AtomicU64,
}

/// The frames without a flow.
pub static OTHERS: Others = Others::new();

/// A kind and how many frames it has.
pub type Kind = (Other, u64);

impl Others {
    /// None so far.
    pub const fn new() -> Self {
        Self {
            kinds: Map::new(),
            further: AtomicU64::new(0),
        }
    }

    /// Counts frames of one kind: as [`record`](crate::flows::record).
    pub fn add(&self, kind: Other, frames: u64) {
        // (1) Relaxed, like the loads (2): as for the counters of flows.
        match self.kinds.get_or_insert_with(kind, AtomicU64::default) {
            Ok(count) => count.fetch_add(frames, Relaxed),
            Err(_) => self.further.fetch_add(frames, Relaxed),
        };
    }

    /// The kinds, the most frequent first, and how many frames were of further ones.
    pub fn sorted(&self) -> (Vec<Kind, KINDS>, u64) {
        let mut sorted: Vec<Kind, KINDS> = self
            .kinds
            .iter()
            // (2) Relaxed: see (1).
            .map(|kind| (*kind.key(), kind.load(Relaxed)))
            .collect();
        sorted.sort_unstable_by_key(|(kind, frames)| (core::cmp::Reverse(*frames), *kind));
        (sorted, self.further.load(Relaxed))
    }
}

impl Default for Others {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
#[path = "other_tests.rs"]
mod tests;
