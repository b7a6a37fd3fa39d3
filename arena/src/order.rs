//! How operations take part in one order.
//!
//! An operation that changes something has one compare-and-swap that decides: it publishes an entry, marks
//! one as deleted, or changes a value. All of them go through [`decide`]. A fence behind it makes
//! operations on *different* cells agree on one order, too, as a mutex would:
//!
//! | context 1 | context 2 |
//! |---|---|
//! | insert *a* (decides) | insert *b* (decides) |
//! | fence (22) | fence (22) |
//! | look *b* up | look *a* up |
//!
//! Without the fences both look-ups may miss on a weakly ordered processor: an acquire load may be
//! performed before an earlier store (store buffering). With them one fence comes first, and the look-up
//! behind the other one sees what was decided before it.
//!
//! Look-ups carry no fence. That is enough where a store becomes visible to all other cores at once
//! (*multi-copy atomicity*), as on x86, Armv8-A and Armv8-M, Armv6-M and Armv7-M as built (one core, or two
//! behind one bus), and RISC-V; and on Armv7-A and Armv7-R, which do not promise it, because an acquire is
//! a load with a `dmb` behind it there, so that each look-up's deciding load is ordered before the next
//! look-up. The abstract machine of the language promises less: two contexts that only read may there
//! disagree about the order of two writes that others made.
//!
//! # On the core that decides
//!
//! An interrupt handler may run between the compare-and-swap and the fence, and look up what was decided:
//! the core itself sees its store before others do. What the handler looks up next must not come from
//! before that store. On Armv7 and x86 a barrier is in between, and RISC-V orders a load that reads from a
//! read-modify-write of its own core before what follows. Armv8-A does so only if that load is an Acquire.
//! Two answers would rest on a Relaxed one:
//!
//! * *What is counted* (the bits that `len` of a map counts, the states that a pool's counts): these loads are
//!   Acquire on AArch64 ([`COUNTING`](crate::sync::COUNTING)).
//! * *A value that is changed in place*: the compare-and-swap is a Release, and behind the look-up comes the
//!   next one's Acquire load. If that is an `ldar`, it comes behind the Release; if it is an `ldapr`, which
//!   compilers take where a processor has RCpc, it need not. There the load of the value is Acquire, too
//!   ([`DECIDING`](crate::sync::DECIDING)).

use crate::sync::{AtomicUsize, Ordering, fence_after_rmw};

/// The compare-and-swap that decides an operation. Says whether it succeeded.
///
/// Wait-free.
#[cfg_attr(target_pointer_width = "64", inline(always))]
#[cfg_attr(target_pointer_width = "32", inline)]
pub fn decide(word: &AtomicUsize, from: usize, to: usize) -> bool {
    // (2) Release: pairs with the Acquire loads of links and own words (1). That what was read there
    // comes before all that follows is the business of the fence (22).
    let decided = word
        .compare_exchange(from, to, Ordering::Release, Ordering::Relaxed)
        .is_ok();
    if decided {
        decided_by_another();
    }
    decided
}

/// What follows a decision, also one that another operation made on this one's behalf.
#[inline(always)]
pub fn decided_by_another() {
    // (22) Store→load: what was decided, then the words that the next operation of this context reads. Its
    // partner is the same fence in another context: see the module's table.
    fence_after_rmw();
}
