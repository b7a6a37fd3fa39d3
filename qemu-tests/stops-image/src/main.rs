//! Two cores and a few maps. The first core performs lists of operations, the second one a single
//! operation; the host says which, reads the answers, and stops the second core at each instruction
//! through the emulator's debugger stub (`cargo qemu verify board-stops`).
#![cfg_attr(target_os = "none", no_std, no_main)]

mod hashes;
mod places;
mod planted;
mod subject;
mod words;

use core::mem::size_of_val;
use core::ptr;

use arenamap::{CopyMap, Map};
use stops_image::{CALLS, SUBJECTS, answer, kind, word};
use targets::{cores, exit::Status};

use hashes::{OneChain, OneHash};
use planted::Planted;
use subject::{Pooled, Subject, Tracked};
use words::{Answer, Call, Room};

targets::entry!(main);

static COPY: CopyMap<u64, u64, 8, 8> = CopyMap::new();
static COPY_CHAIN: CopyMap<u64, u64, 8, 8, OneChain> = CopyMap::with_hasher(OneChain);
static COPY_TIGHT: CopyMap<u64, u64, 8, 0, OneChain> = CopyMap::with_hasher(OneChain);
static NARROW: CopyMap<u64, u32, 8, 8> = CopyMap::new();
static NARROW_CHAIN: CopyMap<u64, u32, 8, 8, OneChain> = CopyMap::with_hasher(OneChain);
static NARROW_TIGHT: CopyMap<u64, u32, 8, 0, OneChain> = CopyMap::with_hasher(OneChain);
static MAP: Map<u64, Tracked, 8, 8> = Map::new();
static MAP_CHAIN: Map<u64, Tracked, 8, 8, OneChain> = Map::with_hasher(OneChain);
static MAP_TIGHT: Map<u64, Tracked, 8, 0, OneChain> = Map::with_hasher(OneChain);
static MAP_HASH: Map<u64, Tracked, 8, 8, OneHash> = Map::with_hasher(OneHash);
static MAP_NUMBERS: Map<u64, u64, 8, 8, OneChain> = Map::with_hasher(OneChain);
static MAP_MORE: Map<u64, Tracked, 4, 12> = Map::new();
static POOL: Pooled<Tracked, 8> = Pooled::new();
static LOCKED: Planted<{ planted::LOCK }> = Planted::new();
static COSTLY: Planted<{ planted::THREE_CELLS }> = Planted::new();
static GAPPED: Planted<{ planted::GAP }> = Planted::new();
static FORGETFUL: Planted<{ planted::LOST_UPDATE }> = Planted::new();
static LEAKY: Planted<{ planted::LEAK }> = Planted::new();

/// In the order of [`SUBJECTS`].
static ALL: [&dyn Subject; SUBJECTS.len()] = [
    &COPY,
    &COPY_CHAIN,
    &COPY_TIGHT,
    &NARROW,
    &NARROW_CHAIN,
    &NARROW_TIGHT,
    &MAP,
    &MAP_CHAIN,
    &MAP_TIGHT,
    &MAP_HASH,
    &MAP_NUMBERS,
    &MAP_MORE,
    &POOL,
    &LOCKED,
    &COSTLY,
    &GAPPED,
    &FORGETFUL,
    &LEAKY,
];

fn main() -> Status {
    if targets::NAME == "host" || cores::available() != 2 {
        targets::eprintln!("stops-image: for a board with two cores and a debugger");
        return Status::failure(2);
    }
    for (i, subject) in ALL.into_iter().enumerate() {
        let place = ptr::from_ref(subject).addr();
        words::put(
            word::PLACES + 2 * i,
            [place as u64, size_of_val(subject) as u64],
        );
    }
    cores::run(&|core| match core {
        0 => others(),
        _ => own(),
    });
    Status::SUCCESS
}

/// What both look at now.
fn subject() -> &'static dyn Subject {
    ALL[words::get(word::SUBJECT) as usize]
}

/// The first core: performs a list of operations whenever the host says so.
fn others() {
    let mut number = 0;
    words::set(word::OTHERS_DONE, u64::MAX);
    loop {
        places::others();
        number = words::wait(word::OTHERS_GO, number);
        let subject = subject();
        let mut room = Room::of_others();
        let count = (words::get(word::COUNT) as usize).min(CALLS);
        for i in 0..count {
            words::set(word::PERFORMED, i as u64);
            let answer = one(subject, Call::at(word::LIST + 3 * i), &mut room);
            words::put(word::ANSWERS + 2 * i, answer);
        }
        words::set(word::PERFORMED, count as u64);
        words::set(word::OTHERS_DONE, number);
    }
}

fn one(subject: &dyn Subject, call: Call, room: &mut Room) -> Answer {
    if call.kind == kind::HOLD {
        subject.hold(call.key);
        return [answer::DONE, 0];
    }
    subject.call(call, room)
}

/// The second core: performs one operation whenever the host says so, and is stopped in it.
fn own() {
    let mut number = 0;
    loop {
        number = words::wait(word::OWN_GO, number);
        let subject = subject();
        let call = Call::at(word::OWN_CALL);
        let answer = if call.kind == kind::DROP_GUARD {
            subject.end_hold(call.key, &places::begun);
            [answer::DONE, 0]
        } else {
            let mut room = Room::own();
            places::begun();
            subject.call(call, &mut room)
        };
        words::put(word::OWN_ANSWER, answer);
        places::ended();
    }
}
