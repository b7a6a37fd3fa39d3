//! Logs a map, its statistics, errors, and lines from every core. The runner knows these lines
//! (`cargo qemu test defmt`).
#![no_std]
#![no_main]

use core::hash::{BuildHasher, Hasher};
use core::sync::atomic::{AtomicUsize, Ordering};

use arenamap::{CopyMap, Map};
use targets::exit::Status;
use targets::{boot, cores};

/// How many lines each core logs while the others do so, too.
const LINES: u32 = 20;

/// Gives every key one hash, so that the order of entries and the longest chain are the same on every
/// board.
struct OneHash;

/// See [`OneHash`].
struct Zero;

impl BuildHasher for OneHash {
    type Hasher = Zero;

    fn build_hasher(&self) -> Zero {
        Zero
    }
}

impl Hasher for Zero {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, _: &[u8]) {}
}

static NUMBERS: CopyMap<u8, u16, 2, 8, OneHash> = CopyMap::with_hasher(OneHash);
static NAMES: Map<u8, &str, 4> = Map::new();

/// Logs while it is formatted, which is forbidden: `nested` on the command line.
struct Nested;

impl defmt::Format for Nested {
    fn format(&self, _: defmt::Formatter<'_>) {
        defmt::info!("a line within a line");
    }
}

targets::entry!(main);

fn main() -> Status {
    if boot::args().any(|argument| argument == "nested") {
        defmt::info!("{}", Nested);
        return Status::SUCCESS;
    }
    targets::eprintln!("text of the console");
    defmt::info!(
        "{=str} with {=usize} cores",
        targets::NAME,
        cores::available()
    );
    defmt::info!("at first: {}", NUMBERS);
    for key in 1..=3 {
        let value = 10 * u16::from(key);
        match NUMBERS.insert(key, value) {
            Ok(before) => defmt::debug!("{=u8} was {}", key, before),
            Err(full) => defmt::warn!("{=u8} is refused: {}", key, full),
        }
    }
    defmt::info!("at last: {}", NUMBERS);
    defmt::debug!("{}", NUMBERS.stats());

    let before = NAMES.insert(1, "one");
    defmt::debug!("inserted: {}", before);
    defmt::info!("{}", NAMES);
    defmt::debug!("{}", NAMES.get(&1));
    defmt::error!("{}", NAMES.try_insert(1, "uno").err());

    // One core after the other: the order of the lines is known.
    let turn = AtomicUsize::new(0);
    cores::run(&|core| {
        // (1) Acquire and (2) Release pair with each other: lines before a turn come before its own.
        while turn.load(Ordering::Acquire) != core {
            cores::pause();
        }
        defmt::info!("it is the turn of core {=usize}", core);
        turn.store(core + 1, Ordering::Release);
    });
    // All at the same time: lines must not mix.
    cores::run(&|core| {
        for line in 0..LINES {
            defmt::debug!("line {=u32} of core {=usize}, {}", line, core, NUMBERS);
        }
    });
    defmt::info!("done");
    Status::SUCCESS
}
