//! The neighbour cache of a network stack: who has which address, for half a minute.
//!
//! The receive interrupt inserts what ARP replies say; whoever sends looks up, and asks
//! where the answer is missing or too old. Time is a number that the caller passes.
//! `expire_some` looks at a few cells each second, so that taking old entries out never
//! takes long; where there is no room, the least used neighbour goes.
//!
//! ```console
//! $ cargo qemu run neighbour_cache              # --board host: a thread in place of the interrupt
//! ```
//!
//! # What it prints
//!
//! ```text
//! 120 s: 400 packets to 4 neighbours, 14 of them behind an ARP request
//! 1 neighbour has gone, 3 are known: 10.0.0.1 is at 02:00:0a:00:00:01
//! ```
#![cfg_attr(target_os = "none", no_std, no_main)]

use core::net::Ipv4Addr;
use core::sync::atomic::{AtomicU32, Ordering};

use arenamap::Cache;
use targets::{cores, interrupt, println};

type Mac = [u8; 6];

static NEIGHBOURS: Cache<Ipv4Addr, Mac, 16> = Cache::new();

/// For how many seconds an answer is good.
const TTL: u32 = 30;

/// The second that it is.
static NOW: AtomicU32 = AtomicU32::new(0);
/// The address that was asked for; 0: none.
static ASKED: AtomicU32 = AtomicU32::new(0);

/// The receive interrupt: an ARP reply has come.
fn on_reply() {
    // (2) Acquire: pairs with the Release (1), so that `NOW` is that of the question.
    let address = Ipv4Addr::from_bits(ASKED.load(Ordering::Acquire));
    if !address.is_unspecified() {
        let [a, b, c, d] = address.octets();
        let now = NOW.load(Ordering::Relaxed);
        let known = NEIGHBOURS.insert_at(address, [2, 0, a, b, c, d], now, TTL);
        known.expect("few are held");
        // (3) Release: pairs with the Acquire (4), so that the answer is there.
        ASKED.store(0, Ordering::Release);
    }
}

/// Where to send to, and whether somebody had to be asked. All that are asked here answer: a network
/// stack queues the packet instead of waiting, and gives up after some tries.
fn resolve(address: Ipv4Addr, now: u32) -> (Mac, bool) {
    if let Some(mac) = NEIGHBOURS.get_at(&address, now) {
        return (*mac, false);
    }
    // (1) Release: pairs with the Acquire (2).
    ASKED.store(address.to_bits(), Ordering::Release);
    // (4) Acquire: pairs with the Release (3).
    while ASKED.load(Ordering::Acquire) != 0 {
        cores::pause();
    }
    (*NEIGHBOURS.get_at(&address, now).expect("answered"), true)
}

targets::entry!(main);

fn main() {
    let [mut packets, mut requests, mut gone] = [0_usize; 3];
    interrupt::every(2_000, &on_reply, &mut || {
        for now in 0..120 {
            NOW.store(now, Ordering::Relaxed);
            // The fourth one is switched off after a while.
            for host in 1..=if now < 40 { 4 } else { 3 } {
                let (_mac, asked) = resolve(Ipv4Addr::new(10, 0, 0, host), now);
                packets += 1;
                requests += usize::from(asked);
            }
            gone += NEIGHBOURS.expire_some(now, 4).count();
        }
    });
    println!("120 s: {packets} packets to 4 neighbours, {requests} of them behind an ARP request");
    let gateway = Ipv4Addr::new(10, 0, 0, 1);
    let [a, b, c, d, e, f] = *NEIGHBOURS.peek(&gateway).expect("it is in use");
    let known = NEIGHBOURS.len();
    println!(
        "{gone} neighbour has gone, {known} are known: \
         {gateway} is at {a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{f:02x}"
    );
}
