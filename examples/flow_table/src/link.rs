//! The link types of captures: what a frame starts with.

/// What the frames of a capture start with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// An Ethernet header.
    Ethernet,
    /// The address family as a number of four bytes, in either byte order (BSD's null and loop).
    Null,
    /// Nothing: an IPv4 or IPv6 packet.
    Raw,
    /// The header of Linux's cooked captures, as from `tcpdump -i any`.
    Cooked,
    /// The same, version 2.
    Cooked2,
}

impl Link {
    /// The link type with this number in a pcap file's header.
    pub const fn of(number: u32) -> Option<Self> {
        match number {
            0 | 108 => Some(Self::Null),
            1 => Some(Self::Ethernet),
            // 12 and 14: what some systems write in place of 101.
            12 | 14 | 101 | 228 | 229 => Some(Self::Raw),
            113 => Some(Self::Cooked),
            276 => Some(Self::Cooked2),
            _ => None,
        }
    }

    /// Its name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ethernet => "Ethernet",
            Self::Null => "null",
            Self::Raw => "raw IP",
            Self::Cooked => "Linux cooked",
            Self::Cooked2 => "Linux cooked v2",
        }
    }
}

/// The names of other link types that captures often have.
pub const fn name_of_unsupported(number: u32) -> &'static str {
    match number {
        9 => "PPP",
        50 => "PPP with HDLC framing",
        51 => "PPPoE without Ethernet",
        104 => "Cisco HDLC",
        105 => "802.11 wireless",
        127 => "802.11 wireless with radiotap",
        192 => "wireless with PPI",
        195 | 230 => "802.15.4",
        189 | 220 => "USB",
        _ => "not a common one",
    }
}
