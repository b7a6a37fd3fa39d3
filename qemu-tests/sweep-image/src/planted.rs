//! A subject with two faults, each of which only an interrupt at some instructions shows.

use core::arch::asm;

use crate::args::Args;
use crate::{UNDISTURBED, WINDOWED};
use portable_atomic::{AtomicU32, AtomicUsize, Ordering};
use scenarios::reentrant::model::{Answer, KEYS, Kind, Operation};
use scenarios::reentrant::{Swept, once};
use scenarios::{Failure, Interrupt};
use targets::interrupt;

/// An operation has ended before the interrupt for so many delays in turn.
const BEYOND: u32 = 4;

/// The faults: a name, the handler's operation that meets it, and its key. The outer operation is
/// an insert of key 0.
const FAULTS: [(&str, Kind, u32); 2] = [
    ("lost_update", Kind::Insert, 1),
    ("tried_lock", Kind::Get, 3),
];
/// The keys that are there at the beginning.
const PRESENT: u32 = 0b1000;

/// A list of keys and tokens.
///
/// - `insert` reads its length, and writes it later: of two inserts one may be lost.
/// - `insert` marks the list as locked; `get` only tries the lock, and says of a locked list that the key
///   is absent.
#[derive(Default)]
struct Faulty {
    locked: AtomicU32,
    len: AtomicUsize,
    keys: [AtomicU32; 2 * KEYS],
    tokens: [AtomicU32; 2 * KEYS],
}

impl Faulty {
    /// The runner finds the two halves of each fault by name.
    #[inline(never)]
    #[allow(
        named_asm_labels,
        reason = "found by name; the function is not inlined"
    )]
    fn insert(&self, key: u32, token: u32) {
        self.locked.store(1, Ordering::Relaxed);
        // SAFETY: no instruction; as any other, a barrier for the compiler.
        unsafe { asm!(".globl tried_lock_begin", "tried_lock_begin:") };
        let len = self.len.load(Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { asm!(".globl lost_update_begin", "lost_update_begin:") };
        if let (Some(at), Some(value)) = (self.keys.get(len), self.tokens.get(len)) {
            at.store(key, Ordering::Relaxed);
            value.store(token, Ordering::Relaxed);
        }
        self.len.store(len + 1, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { asm!(".globl lost_update_end", "lost_update_end:") };
        self.locked.store(0, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { asm!(".globl tried_lock_end", "tried_lock_end:") };
    }

    fn get(&self, key: u32) -> Option<u64> {
        let len = self.len.load(Ordering::Relaxed).min(self.keys.len());
        let at = (0..len).find(|at| self.keys[*at].load(Ordering::Relaxed) == key)?;
        Some(self.tokens[at].load(Ordering::Relaxed).into())
    }
}

impl Swept for Faulty {
    type Guard<'a> = ();

    fn has(kind: Kind) -> bool {
        matches!(kind, Kind::Insert | Kind::Get)
    }

    fn arrange(_: &mut [Operation], present: u32) -> u32 {
        present
    }

    fn hold(&self, _: u32) -> Option<()> {
        None
    }

    fn run(&self, operation: Operation, _: &mut Option<()>, _: usize) -> Result<Answer, Failure> {
        let Operation { kind, key, token } = operation;
        if kind == Kind::Insert {
            // No key is inserted twice.
            self.insert(key, token as u32);
            return Ok(Answer::Absent);
        }
        let locked = self.locked.load(Ordering::Relaxed) != 0;
        let found = if locked { None } else { self.get(key) };
        Ok(found.map_or(Answer::Absent, Answer::There))
    }

    fn put(&self, key: u32, token: u64) -> bool {
        self.insert(key, token as u32);
        true
    }

    fn take(&self, _: u32) {}

    fn token(&self, key: u32) -> Result<Option<u64>, Failure> {
        Ok(self.get(key))
    }

    fn at_rest(&self) -> Result<(), Failure> {
        Ok(())
    }

    fn must_be_empty(&self) -> Result<(), Failure> {
        Ok(())
    }

    fn refill(&self) -> Result<(), Failure> {
        Ok(())
    }
}

/// Says of each fault at which places of the insert an interrupt shows it.
pub fn sweep(args: &Args<'_>) -> bool {
    for fault in FAULTS {
        targets::println!("case,planted,{}", fault.0);
        let (mut delay, mut missed) = (1, 0);
        while missed < BEYOND {
            match run(WINDOWED, fault, delay) {
                Ok(true) => missed = 0,
                Ok(false) => missed += 1,
                Err(failure) => {
                    targets::println!("wrong,{:x},{failure}", interrupt::place());
                    missed = 0;
                }
            }
            delay += args.stride;
        }
    }
    true
}

/// Runs the insert of each fault once, undisturbed.
pub fn trace() -> bool {
    for fault in FAULTS {
        targets::println!("case,planted,{}", fault.0);
        // What comes behind it finds nothing wrong.
        if run(UNDISTURBED, fault, 1) != Ok(false) {
            return false;
        }
    }
    true
}

fn run(
    interrupt: Interrupt,
    (_, kind, key): (&str, Kind, u32),
    delay: u32,
) -> Result<bool, Failure> {
    let operations = [(Kind::Insert, 0), (kind, key)];
    once(&Faulty::default(), interrupt, operations, PRESENT, delay)
}
