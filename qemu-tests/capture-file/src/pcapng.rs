//! From pcapng to classic pcap with nanoseconds, in this machine's byte order of a pcap file: little endian.

use anyhow::{Context, Result, anyhow, bail};
use pcap_parser::nom::Err;
use pcap_parser::pcapng::{Block, InterfaceDescriptionBlock, parse_block_be, parse_block_le};
use pcap_parser::{Linktype, PcapError};

use crate::PCAPNG;

/// Blocks of the outdated kind that holds a packet, too.
const OUTDATED_PACKET: u32 = 2;
/// What follows its length in a section of big-endian words.
const BIG_ENDIAN: [u8; 4] = [0x1a, 0x2b, 0x3c, 0x4d];
/// A block without a body: its kind, its length, and its length again.
const MIN_BLOCK: u32 = 12;
/// Wireshark takes no longer blocks either.
const MAX_BLOCK: u32 = 16 * 1024 * 1024;
const SECOND: u128 = 1_000_000_000;

/// What is kept of an interface.
struct Interface {
    link: Linktype,
    /// The most bytes that are captured of a frame; 0: all.
    snap_len: u32,
    /// Units of a time stamp in a second.
    resolution: u64,
    /// Seconds that are added to a time stamp.
    offset: i64,
}

impl Interface {
    /// `None`: a second has more units than are counted here. (The parser takes no powers of two, and an offset
    /// in little endian only.)
    fn of(block: &InterfaceDescriptionBlock<'_>, big_endian: bool) -> Option<Self> {
        let resolution = match block.if_tsresol {
            power if power & 0x80 != 0 => 1_u64.checked_shl(u32::from(power & 0x7f))?,
            power => 10_u64.checked_pow(power.into())?,
        };
        let offset = match big_endian {
            true => block.if_tsoffset.swap_bytes(),
            false => block.if_tsoffset,
        };
        Some(Self {
            link: block.linktype,
            snap_len: block.snaplen,
            resolution,
            offset,
        })
    }

    /// Seconds and nanoseconds since 1970, as far as a pcap file can hold them.
    fn time(&self, high: u32, low: u32) -> (u32, u32) {
        let stamp = u128::from(high) << 32 | u128::from(low);
        let nanoseconds = stamp * SECOND / u128::from(self.resolution.max(1));
        let seconds = (nanoseconds / SECOND) as i128 + i128::from(self.offset);
        let seconds = u32::try_from(seconds.max(0)).unwrap_or(u32::MAX);
        (seconds, (nanoseconds % SECOND) as u32)
    }
}

/// The file as it is written.
struct Pcap {
    bytes: Vec<u8>,
    link: Option<Linktype>,
}

impl Pcap {
    /// The file's header, once its link type is known.
    fn begin(&mut self, link: Linktype) -> Result<()> {
        match self.link {
            None => {
                self.link = Some(link);
                self.bytes.extend(0xa1b2_3c4d_u32.to_le_bytes());
                self.bytes.extend(2_u16.to_le_bytes());
                self.bytes.extend(4_u16.to_le_bytes());
                let link = u32::try_from(link.0).context("a negative link type")?;
                for field in [0, 0, 262_144, link] {
                    self.bytes.extend(field.to_le_bytes());
                }
                Ok(())
            }
            Some(first) if first == link => Ok(()),
            Some(first) => bail!(
                "the capture has frames of interfaces with different link types, {} and {}: \
                 take those of one interface, as with `tshark -Y frame.interface_id==0 -w`",
                first.0,
                link.0
            ),
        }
    }

    fn record(
        &mut self,
        (seconds, fraction): (u32, u32),
        data: &[u8],
        wire_len: u32,
    ) -> Result<()> {
        let captured = u32::try_from(data.len())?;
        for field in [seconds, fraction, captured, wire_len] {
            self.bytes.extend(field.to_le_bytes());
        }
        self.bytes.extend(data);
        Ok(())
    }
}

/// Rewrites a pcapng capture. One that was cut off within a block keeps the whole ones, and a note says so.
pub fn to_pcap(file: &[u8], notes: &mut Vec<String>) -> Result<Vec<u8>> {
    let mut pcap = Pcap {
        bytes: Vec::with_capacity(file.len()),
        link: None,
    };
    let mut interfaces: Vec<Option<Interface>> = Vec::new();
    let mut packets: u64 = 0;
    let (mut rest, mut big_endian, mut number) = (file, false, 0_u64);
    let interface =
        |interfaces: &[Option<Interface>], number: u32, packet: u64| match usize::try_from(number)
            .ok()
            .and_then(|number| interfaces.get(number))
        {
            Some(Some(_)) => Ok(number as usize),
            Some(None) => bail!("packet {packet}: its interface {number} has an impossible clock"),
            None => bail!("packet {packet} is damaged: there is no interface {number}"),
        };
    while !rest.is_empty() {
        number += 1;
        let damaged = |why: &str| {
            let at = file.len() - rest.len();
            anyhow!("block {number} at byte {at} is damaged: {why}")
        };
        let Some(len) = length(rest, big_endian).map_err(damaged)? else {
            if number == 1 {
                bail!("the pcapng capture is truncated within its first block");
            }
            notes.push(format!(
                "the capture was cut off within its block {number}: the {packets} whole packets \
                 before it are counted"
            ));
            break;
        };
        let parse = if big_endian {
            parse_block_be
        } else {
            parse_block_le
        };
        let (whole, behind) = rest.split_at(len);
        let (_, block) = parse(whole).map_err(|error| damaged(&words(&error)))?;
        rest = behind;
        match block {
            // Interfaces are numbered within their section.
            Block::SectionHeader(block) => {
                big_endian = block.big_endian();
                interfaces.clear();
            }
            Block::InterfaceDescription(block) => {
                interfaces.push(Interface::of(&block, big_endian));
            }
            Block::EnhancedPacket(block) => {
                packets += 1;
                let at = interface(&interfaces, block.if_id, packets)?;
                let Some(interface) = &interfaces[at] else {
                    continue;
                };
                pcap.begin(interface.link)?;
                let data = block.data.get(..block.caplen as usize).with_context(|| {
                    format!("packet {packets} is damaged: it is shorter than it says")
                })?;
                let time = interface.time(block.ts_high, block.ts_low);
                pcap.record(time, data, block.origlen)?;
            }
            Block::SimplePacket(block) => {
                packets += 1;
                let at = interface(&interfaces, 0, packets)?;
                let Some(interface) = &interfaces[at] else {
                    continue;
                };
                pcap.begin(interface.link)?;
                let most = match interface.snap_len {
                    0 => block.origlen,
                    snap_len => block.origlen.min(snap_len),
                } as usize;
                let data = block.data.get(..most).with_context(|| {
                    format!("packet {packets} is damaged: it is shorter than it says")
                })?;
                // It has no time stamp.
                pcap.record((0, 0), data, block.origlen)?;
            }
            // The parser reads the kind as little endian in either order.
            Block::Unknown(block)
                if [block.block_type, block.block_type.swap_bytes()][usize::from(big_endian)]
                    == OUTDATED_PACKET =>
            {
                bail!(
                    "block {number} holds a packet in an outdated form: rewrite the capture: \
                 editcap in.pcapng out.pcapng"
                )
            }
            _ => {}
        }
    }
    if pcap.link.is_none() {
        // No packets: whatever the interfaces are.
        let link = interfaces
            .iter()
            .flatten()
            .map(|interface| interface.link)
            .next();
        pcap.begin(link.unwrap_or(Linktype::ETHERNET))?;
    }
    Ok(pcap.bytes)
}

/// The length of the block that `rest` begins with, which stands at its beginning and at its end. `None`: the file
/// ends before the block does.
fn length(rest: &[u8], big_endian: bool) -> Result<Option<usize>, &'static str> {
    // A section header says itself which byte order it is in.
    let order = rest.get(8..12).filter(|_| rest.starts_with(&PCAPNG));
    let big_endian = order.map_or(big_endian, |order| order == BIG_ENDIAN);
    let word = |at: usize| {
        let bytes = rest.get(at..)?.first_chunk()?;
        Some(match big_endian {
            true => u32::from_be_bytes(*bytes),
            false => u32::from_le_bytes(*bytes),
        })
    };
    if rest.starts_with(&PCAPNG) && order.is_none() {
        return Ok(None);
    }
    let Some(len) = word(4) else {
        return Ok(None);
    };
    if !(MIN_BLOCK..=MAX_BLOCK).contains(&len) {
        return Err("its length is wrong");
    }
    match word(len as usize - size_of::<u32>()) {
        None => Ok(None),
        Some(again) if again == len => Ok(Some(len as usize)),
        Some(_) => Err("its length at its end is another one than at its beginning"),
    }
}

/// What the parser found wrong.
fn words(error: &Err<PcapError<&[u8]>>) -> String {
    match error {
        Err::Error(error) | Err::Failure(error) => match error {
            PcapError::NomError(_, kind) | PcapError::OwnedNomError(_, kind) => {
                format!("it does not parse ({})", kind.description())
            }
            other => other.to_string(),
        },
        Err::Incomplete(_) => "its length is wrong".into(),
    }
}
