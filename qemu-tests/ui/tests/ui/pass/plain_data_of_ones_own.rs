//! A struct without padding is plain data when it says so.
use arenamap::CopyMap;

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

static FLOWS: CopyMap<Flow, u64, 16> = CopyMap::new();

fn main() {
    let flow = Flow {
        addresses: [1, 2],
        ports: [80, 81],
    };
    assert!(FLOWS.insert(flow, 1).is_ok());
    assert!(FLOWS.update(&flow, |bytes| bytes + 5).is_ok());
    assert_eq!(FLOWS.iter().next(), Some((flow, 6)));
}
