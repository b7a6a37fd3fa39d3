//! The latest frame of each CAN identifier, from the receive interrupt to whoever wants it.
//!
//! The identifiers that are listened to are the keys of a `CopyMap`. The interrupt
//! handler replaces the frame of one that is there, and `update` tells it of one that is
//! not: the map is the acceptance filter, too. The control loop copies the latest frame
//! out when it wants it, whole, whatever the handler does meanwhile.
//!
//! ```console
//! $ cargo qemu run can_frames                   # --board host: a thread in place of the interrupt
//! ```
//!
//! # What it prints
//!
//! ```text
//! 0x0c0: 60 frames, the latest c4 00 00 00 3b ff ff ff
//! 0x1a0: 60 frames, the latest c5 00 00 00 3a ff ff ff
//! 0x3e8: 60 frames, the latest c6 00 00 00 39 ff ff ff
//! 20 frames of other identifiers; no mixture of two frames was read
//! ```
#![cfg_attr(target_os = "none", no_std, no_main)]

use core::sync::atomic::{AtomicU32, Ordering};

use arenamap::{CopyMap, impl_plain};
use bytemuck::{Pod, Zeroable};
use targets::{interrupt, println};

const IDENTIFIERS: [u32; 3] = [0x0c0, 0x1a0, 0x3e8];
const LAST: u32 = 200;

/// Plain data, without padding: what a `CopyMap` holds.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
struct Frame {
    data: [u8; 8],
    /// So many frames of its identifier have come.
    count: u32,
}

impl_plain!(Frame);

static FRAMES: CopyMap<u32, Frame, 8> = CopyMap::new();

/// How many frames have come, and how many of them nobody wants. Only the handler writes them, and they hand
/// over nothing else: `Relaxed`.
static RECEIVED: AtomicU32 = AtomicU32::new(0);
static UNWANTED: AtomicU32 = AtomicU32::new(0);

/// The receive interrupt.
fn on_frame() {
    let number = RECEIVED.load(Ordering::Relaxed);
    let Some((identifier, data)) = controller::receive(number) else {
        return;
    };
    let replaced = FRAMES.update(&identifier, |before| Frame {
        data,
        count: before.count + 1,
    });
    if replaced.expect("a replacement finds room").is_none() {
        UNWANTED.store(UNWANTED.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
    RECEIVED.store(number + 1, Ordering::Relaxed);
}

targets::entry!(main);

fn main() {
    for identifier in IDENTIFIERS {
        let none = Frame::zeroed();
        FRAMES.insert(identifier, none).expect("there is room");
    }
    interrupt::every(2_000, &on_frame, &mut || {
        while RECEIVED.load(Ordering::Relaxed) < LAST {
            for frame in IDENTIFIERS.iter().filter_map(|key| FRAMES.get(key)) {
                assert!(
                    controller::is_whole(frame.data) || frame.count == 0,
                    "a mixture"
                );
            }
        }
    });
    for identifier in IDENTIFIERS {
        let Frame { data, count } = FRAMES.get(&identifier).expect("nobody removes it");
        let [a, b, c, d, e, f, g, h] = data;
        println!(
            "{identifier:#05x}: {count} frames, the latest \
             {a:02x} {b:02x} {c:02x} {d:02x} {e:02x} {f:02x} {g:02x} {h:02x}"
        );
    }
    let unwanted = UNWANTED.load(Ordering::Relaxed);
    println!("{unwanted} frames of other identifiers; no mixture of two frames was read");
}

/// In place of a CAN controller.
mod controller {
    use super::{IDENTIFIERS, LAST};

    /// The frame with this number: in turn those of the three identifiers, and every tenth one of another.
    pub fn receive(number: u32) -> Option<(u32, [u8; 8])> {
        let identifier = match number % 10 {
            9 => 0x7df,
            other => IDENTIFIERS[other as usize % 3],
        };
        let [low, high] = [number, !number].map(u32::to_le_bytes);
        let data = core::array::from_fn(|at| if at < 4 { low[at] } else { high[at - 4] });
        (number < LAST).then_some((identifier, data))
    }

    /// Whether its second half is the complement of the first.
    pub fn is_whole(data: [u8; 8]) -> bool {
        (0..4).all(|at| data[at] == !data[at + 4])
    }
}
