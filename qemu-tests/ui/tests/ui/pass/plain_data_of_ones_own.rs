//! A type of one's own is plain data when it says so.
use arenamap::{CopyMap, CopySet, Plain, PlainInOption, impl_plain};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(C)]
struct Flow {
    addresses: [u32; 2],
    ports: [u16; 2],
}

// SAFETY: integers: all zero is a value.
unsafe impl bytemuck::Zeroable for Flow {}
// SAFETY: `repr(C)`, twelve bytes of integers: every pattern is a value, no padding.
unsafe impl bytemuck::Pod for Flow {}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
enum Mode {
    Idle = 1,
    Run,
}

// SAFETY: one byte.
unsafe impl bytemuck::NoUninit for Mode {}
// SAFETY: `repr(u8)`, and its variants are one and two.
unsafe impl bytemuck::CheckedBitPattern for Mode {
    type Bits = u8;

    fn is_valid_bit_pattern(bits: &u8) -> bool {
        (1..=2).contains(bits)
    }
}

impl_plain!(Flow, Mode);

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Job {
    Idle,
    Until(u32),
}

impl Plain for Job {
    type Bits = <(u8, u32) as Plain>::Bits;

    fn to_bits(self) -> Self::Bits {
        let (job, time): (u8, u32) = match self {
            Self::Idle => (0, 0),
            Self::Until(time) => (1, time),
        };
        (job, time).to_bits()
    }

    fn from_bits(bits: Self::Bits) -> Option<Self> {
        match <(u8, u32)>::from_bits(bits)? {
            (0, _) => Some(Self::Idle),
            (1, time) => Some(Self::Until(time)),
            _ => None,
        }
    }
}

impl PlainInOption for Job {}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Padded {
    mode: Mode,
    time: u64,
}

impl_plain!(struct Padded { mode: Mode, time: u64 });

static PADDED: CopyMap<Padded, Padded, 16> = CopyMap::new();
static FLOWS: CopyMap<Flow, u64, 16> = CopyMap::new();
static MODES: CopySet<(Mode, bool), 16> = CopySet::new();
static JOBS: CopyMap<[Option<Mode>; 2], Option<Job>, 16> = CopyMap::new();

fn main() {
    let padded = Padded { mode: Mode::Idle, time: 7 };
    assert_eq!(PADDED.insert(padded, padded), Ok(None));
    assert_eq!(PADDED.get(&padded), Some(padded));
    let flow = Flow {
        addresses: [1, 2],
        ports: [80, 81],
    };
    assert!(FLOWS.insert(flow, 1).is_ok());
    assert!(FLOWS.update(&flow, |bytes| bytes + 5).is_ok());
    assert_eq!(FLOWS.iter().next(), Some((flow, 6)));
    assert_eq!(MODES.insert((Mode::Run, true)), Ok(true));
    assert!(MODES.contains(&(Mode::Run, true)) && !MODES.contains(&(Mode::Idle, true)));
    let modes = [Some(Mode::Run), None];
    assert_eq!(JOBS.insert(modes, Some(Job::Until(7))), Ok(None));
    assert_eq!(JOBS.insert(modes, Some(Job::Idle)), Ok(Some(Some(Job::Until(7)))));
    assert_eq!(JOBS.remove(&modes), Some(Some(Job::Idle)));
}
