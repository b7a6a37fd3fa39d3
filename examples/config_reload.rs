//! All cores read a configuration while one core replaces it.
//!
//! `get` gives a guard, which reads the configuration where it is: no copy, no lock, and it
//! stays whole until the guard is dropped, however often it is replaced meanwhile. The key
//! is never absent. Whoever ends the last guard of a replaced configuration drops it, once.
//!
//! ```console
//! $ cargo qemu run config_reload --cores 4      # --board host: threads; mps2-an386: tasks on one core
//! ```
//!
//! # What it prints
//!
//! ```text
//! 4 readers, 1000 reloads: never a mixture, never absent, never an older one again
//! now: version 1000, from 1000 to 3000, 999 dropped
//! ```
#![cfg_attr(target_os = "none", no_std, no_main)]

use core::sync::atomic::{AtomicU32, Ordering};

use arenamap::Map;
use targets::{cores, println};

const RELOADS: u32 = 1_000;

/// What the readers want together, or not at all.
struct Config {
    version: u32,
    low: u32,
    high: u32,
}

/// A replaced configuration takes a cell until its last reader has done with it: one for
/// each core. Two cells are for each operation in progress.
static CONFIGS: Map<&str, Config, { 1 + 3 * cores::MAX }> = Map::new();

/// How many were dropped. It hands over nothing else: `Relaxed`.
static DROPPED: AtomicU32 = AtomicU32::new(0);

impl Drop for Config {
    fn drop(&mut self) {
        DROPPED.fetch_add(1, Ordering::Relaxed);
    }
}

/// Puts a configuration in the place of the one before.
fn load(version: u32) {
    let config = Config {
        version,
        low: version,
        high: 3 * version,
    };
    let before = CONFIGS.insert("motor", config).expect("there is room");
    assert!(before.is_none_or(|before| before.version == version - 1));
}

targets::entry!(main);

fn main() {
    load(1);
    cores::run(&|core| {
        let mut seen = 1;
        while seen < RELOADS {
            if core == 0 {
                load(seen + 1);
            }
            let config = CONFIGS.get("motor").expect("never absent");
            assert_eq!(config.high, 3 * config.low, "a mixture");
            assert!(config.version >= seen, "an older one again");
            seen = config.version;
        }
    });
    let readers = cores::available();
    println!(
        "{readers} readers, {RELOADS} reloads: never a mixture, never absent, never an older one again"
    );
    let Config { version, low, high } = &*CONFIGS.get("motor").expect("never absent");
    let dropped = DROPPED.load(Ordering::Relaxed);
    println!("now: version {version}, from {low} to {high}, {dropped} dropped");
}
