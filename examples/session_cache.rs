//! Sessions in a cache that makes room: time to live, eviction, and one session that is pinned.
//!
//! All cores log users in, many more than there is room for: an insert into a full cache evicts a session
//! that was not used, and gives it back, still readable. The pinned session stays. A session that is
//! renewed when it is used outlives the others, which `expire` takes out when their time is over.
//!
//! ```console
//! $ cargo qemu run session_cache                # --board host: threads; mps2-an386: tasks on one core
//! ```
//!
//! # What it prints
//!
//! ```text
//! 4001 sessions: … evicted, … kept, the console's among them
//! a minute later: … expired, 2 left: the console's and the one in use
//! ```
#![cfg_attr(target_os = "none", no_std, no_main)]

use core::sync::atomic::{AtomicUsize, Ordering};

use arenamap::Cache;
use targets::{cores, println};

/// What is known of a user.
struct Session {
    user: u32,
}

/// Room for four of each core: what a login has in progress is not evicted by another one.
static SESSIONS: Cache<u32, Session, { 4 * cores::MAX }> = Cache::new();

/// In seconds.
const TTL: u32 = 60;
const CONSOLE: u32 = 0;
const LOGINS: u32 = 1_000;

targets::entry!(main);

fn main() {
    let console = Session { user: CONSOLE };
    let inserted = SESSIONS.insert(CONSOLE, console);
    assert!(inserted.is_ok() && SESSIONS.pin(&CONSOLE));

    // How many were evicted. It hands over nothing else: `Relaxed`.
    let evicted = AtomicUsize::new(0);
    cores::run(&|core| {
        for login in 0..LOGINS {
            let token = 1 + core as u32 * LOGINS + login;
            let inserted = SESSIONS.insert_at(token, Session { user: token }, 0, TTL);
            let inserted = inserted.expect("few are pinned or held");
            if let Some(session) = inserted.evicted {
                assert!(session.user == *session.key() && session.user != CONSOLE);
                evicted.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    let (evicted, kept) = (evicted.into_inner(), SESSIONS.len());
    let all = 1 + cores::available() * LOGINS as usize;
    assert!(evicted + kept == all && SESSIONS.is_pinned(&CONSOLE));
    println!("{all} sessions: {evicted} evicted, {kept} kept, the console's among them");

    // One user does something in time.
    let mut others = SESSIONS
        .iter()
        .map(|session| *session.key())
        .filter(|&token| token != CONSOLE);
    let token = others.next().expect("there are others");
    if SESSIONS.get_at(&token, TTL - 1).is_some() {
        SESSIONS.renew(&token, TTL - 1, TTL);
    }
    let (expired, left) = (SESSIONS.expire(TTL).count(), SESSIONS.len());
    assert!(SESSIONS.get_at(&token, TTL).is_some() && expired + left == kept);
    println!("a minute later: {expired} expired, {left} left: the console's and the one in use");
}
