//! The life of a cell: its own word, and everything that may happen to it.
//!
//! ```text
//!  Free ──claim──► Claimed ──fill──► Pending ──commit──► Live ──seal──► Sealed ──retire──► Retired
//!   ▲                │ ▲                │                                 │ │                │ ▲
//!   ├──────free──────┘ └────take back───┘                                 │ │                │ │
//!   ├──────free───────────────────────────────────────────────────────────┘ │                │ │
//!   └──────free────── Claimed ◄──────────────────empty──────────────────────┘                │ │
//!                      ▲  │                                                                  │ │
//!                      │  └──────────────────────still held: put back────────────────────────┼─┘
//!                      └─────────────────────────────────take over───────────────────────────┘
//! ```
//!
//! That is the life of what lies in a chain. What is said to be there by a word elsewhere (a bit in a
//! bucket's word) is `Sealed` from when it is filled until its owner, who has cleared the bit, lets go of it.
//! What needs no guard may be `Live` from when it is filled. What is about to leave a chain at its head is
//! `Frozen`: still live, but its link is fixed, unless the attempt is over.
//!
//! A payload is *pending* until it is linked, so that its owner can take it back: a guard on a pending cell
//! is no good, and look-ups at a stale link may hold any cell for a moment. (*Promised* is pending, too, in a
//! cell that its owner holds itself: [`crate::owned`].)
//!
//! | function | from | to | who |
//! |---|---|---|---|
//! | `claim` | `Free` | `Claimed` | anybody |
//! | `fill` | `Claimed` | `Pending`, `Promised`, `Live`, `Sealed` | its owner |
//! | `publish` | `Pending`, `Promised` | `Live` | who filled and linked it |
//! | `commit` | `Pending`, `Promised` | `Live` | who found it linked |
//! | `take_back` | `Pending`, `Promised` | `Claimed` | who filled it |
//! | `freeze` | `Live`, `Frozen` | `Frozen` | who wants to take a chain's first out |
//! | `touch` | `Live`, `Frozen` | `Live` | who wants older attempts to take it out to fail |
//! | `relink` (of `LinkWord`) | all that are linkable | `Live` | who unlinks the next cell |
//! | `seal` | `Live`, `Frozen` | `Sealed` | who takes it out: this decides |
//! | `seal_taken`, `seal_apart` | `Live`, `Frozen` | `Sealed` | who has taken a chain's first out |
//! | `reclass` | `Sealed` | `Sealed` | its owner |
//! | `retire`, `retire_own` | `Sealed` | `Retired` | who has detached it |
//! | `take_over` | `Retired` | `Claimed` | anybody |
//! | `put_back` | `Claimed` | `Retired` | who took it over, if it is held |
//! | `empty` | `Sealed` | `Claimed` | its owner |
//! | `free` | `Claimed`, `Sealed` | `Free` | its owner |
//! | `restore` (of `LinkWord`) | any | `Pending`, `Live`, `Retired`, `Free` | who has all cells exclusively |
//!
//! Each of them is wait-free, but those that say otherwise. (With an exclusive borrow of all cells a frozen
//! one is freed, too.)
//!
//! # The edges of synchronisation
//!
//! Every memory ordering and every fence of `tagged-arena` and of `arenamap` has one of these numbers in its
//! comment. *a* → *b*: who sees in *b* what was written in *a* sees what came before *a*, too. *a* ↔ *b*: a
//! fence between a store and a load each. One of the two comes first, and the load behind the other one sees
//! the store in front of it.
//!
//! | edge | what | where |
//! |---|---|---|
//! | (2) → (1) | an entry is linked, put in or taken out → a link or an own word is read | here |
//! | (3) → (5) | a cell is claimed → the last pass of another claim looks at it | here |
//! | (4) → (9) | a cell is freed → it is claimed (an acquire fence) | here |
//! | (6) → (1), (5) | a cell is filled → its own word is read | here |
//! | (8) → (7) | a claim is counted → the last pass of another claim reads the count | `cells` |
//! | (9) ↔ (10) | claim, then `seekers` ↔ `seekers`, then the cells | here, `cells` |
//! | (9) → (20) | a cell is claimed, then written into → a reader's validation (an acquire fence) | here |
//! | (11) | a hold begins: goes on with the release sequence of (15) | `slots` |
//! | (12) ↔ (14), (22) | hold, then own word or bit ↔ not live, then the holds | `slots`, here, `order` |
//! | (15) → (13) | a hold ends → the holds are looked at (an acquire fence) | `slots` |
//! | (16) → (14) | a cell is retired → it is taken over (an acquire fence) | here |
//! | (17) ↔ (18) | a cell is put back, then the holds ↔ a hold ends, then the own word | here, `guard` |
//! | (19) | an entry is made live: goes on with the release sequence of (6) | here |
//! | (21) → (20) | a value is changed in place → a reader's validation | `arenamap`, by `order` |
//! | (22) ↔ (22) | a decision, then another word ↔ the same | `order` |
//! | (23) → (24) | an entry is condemned → its flags are read | `arenamap`, `cache::cells` |
//! | (30) → (24) | an entry gets a deadline → its flags are read | `arenamap`, `cache::cells` |
//! | (25) | a watcher is told of a change: set behind (22), taken with Acquire | `arenamap`, `watch` |
//! | (26) ↔ (22), (27) | a watcher's bit and waker, then the map ↔ a change, then the watchers | `arenamap`, `watch` |
//! | (28) → (29) | a seed is put in → it is used | `arenamap`, `seed` |

mod link;

pub use link::LinkWord;

use crate::order::decide;
use crate::sync::{AtomicUsize, Init, Ordering, fence_after_rmw};
use crate::word::{Class, Layout, State, Word};
use crate::{impl_init, init};

/// A cell: its own word, then the header, which is always initialised.
#[repr(C)]
#[derive(Debug)]
pub struct Cell<H> {
    /// State, class, generation and the link to the next cell.
    pub own: Own,
    /// The user's part.
    pub header: H,
}

impl_init!([H: Init] Cell<H> = Cell { own: init!(Own), header: init!(H) });

/// A cell's own word.
///
/// `I-WORD`: it changes only by the functions of the module's table. Where they are `unsafe`, `layout` and
/// `index` are always those of the cell; what else the caller promises is said there.
#[repr(transparent)]
pub struct Own(LinkWord);

impl_init!([] Own = Own(init!(LinkWord)));

impl Own {
    /// It as a word that links to the next cell of a chain.
    #[inline(always)]
    pub fn link(&self) -> &LinkWord {
        &self.0
    }

    /// [`LinkWord::read`].
    #[inline(always)]
    pub fn read(&self) -> Word {
        self.0.read()
    }

    /// [`LinkWord::peek`].
    #[inline(always)]
    pub fn peek(&self) -> Word {
        self.0.peek()
    }

    /// [`LinkWord::peek_counted`].
    #[inline(always)]
    pub(crate) fn peek_counted(&self) -> Word {
        self.0.peek_counted()
    }

    /// Claims a cell that the caller has seen `free`: it is the caller's then (`I-OWNER`).
    #[inline(always)]
    pub(crate) fn claim(&self, layout: Layout, free: Word) -> bool {
        debug_assert!(free.is(State::Free));
        let claimed = layout.bump(free).with_state(State::Claimed);
        // (3) Release: pairs with (5): a pass that sees the cell `Claimed` twice sees in the second one
        // what we freed before. That the last owner's work (4) comes before ours is the business of the
        // fence (9).
        if self
            .word()
            .compare_exchange(free.0, claimed.0, Ordering::Release, Ordering::Relaxed)
            .is_err()
        {
            return false;
        }
        // (9) Store→load: our claim, then `seekers`; the other side announces itself in `seekers`, then reads
        // the cells (10). If our fence comes first, the seeker's pass sees the cell claimed from its start.
        // If the seeker's comes first, we see the seeker and count. It is also the acquire fence for (4), and
        // the release fence before the count (8) and before the payload's relaxed stores: a reader that sees
        // one of them and then passes its acquire fence (20) sees the claim, too.
        fence_after_rmw();
        true
    }

    /// The cell is filled: an entry of the ordinary class that links to `next`. Returns the word.
    ///
    /// # Safety
    /// `I-WORD`. The cell is the caller's (`I-OWNER`), its payload initialised (`I-FULL`), and `state` is
    /// `Pending`, `Promised`, `Live` or `Sealed`.
    #[inline(always)]
    pub unsafe fn fill(
        &self,
        layout: Layout,
        index: usize,
        next: Option<usize>,
        state: State,
    ) -> Word {
        let word = layout.link(self.peek().with_state(state), next);
        let word = layout.with_class(index, word, Class::Ordinary);
        // (6) Release: the payload and a counted claim come before; pairs with (5) and with the Acquire loads
        // of own words (1).
        self.word().store(word.0, Ordering::Release);
        word
    }

    /// The inserter's [`commit`](Self::commit): the cell is linked and is the structure's. Returns the word
    /// that says so, unless somebody made it live already.
    ///
    /// One compare-and-swap from the very word that [`fill`](Self::fill) wrote, never a second try: the
    /// caller may hold no guard, so once others have seen the cell it may be removed, reclaimed and `Pending`
    /// again, as somebody else's. Whoever changes a linked cell's `Pending` word must therefore make it
    /// `Live`.
    ///
    /// # Safety
    /// `I-WORD`. The caller filled the cell, with the word `filled`, and has linked it.
    #[inline(always)]
    pub(crate) unsafe fn publish(&self, layout: Layout, filled: Word) -> Word {
        debug_assert!(filled.is_pending());
        let live = layout.bump(filled).with_state(State::Live);
        // (19) Relaxed: who sees `Live` (Acquire loads of own words) sees the payload by the release
        // sequence of (6), and that the cell is linked by the fence (22) behind the linking.
        let _ =
            self.word()
                .compare_exchange(filled.0, live.0, Ordering::Relaxed, Ordering::Relaxed);
        live
    }

    /// Makes a linked cell `Live` if it is not yet; returns the own word after that.
    ///
    /// Lock-free: it tries again only if the cell was committed, or another payload came into it.
    ///
    /// # Safety
    /// `I-WORD`. The caller holds the cell and found it linked while it was pending.
    #[inline(always)]
    pub unsafe fn commit(&self, layout: Layout) -> Word {
        // (1) Acquire, here and below: pairs with the fill (6). Should a generation have wrapped, the cell is
        // not the one that the caller came to by a link (1), and only its own word tells of its payload.
        let mut word = self.read();
        while word.is_pending() {
            let live = layout.bump(word).with_state(State::Live);
            // (19) No Release: who sees `Live` (Acquire loads of own words) sees the payload by the release
            // sequence of (6), and that the cell is linked by the fence (12) of the caller's hold, which
            // comes behind the link (1).
            match self.word().compare_exchange(
                word.0,
                live.0,
                // kept: on success the load has seen all that counts, unless a generation wrapped in between.
                Ordering::Acquire,
                // (1) As above.
                Ordering::Acquire,
            ) {
                Ok(_) => return live,
                Err(now) => word = Word(now),
            }
        }
        word
    }

    /// From pending, with the word `filled`, to `Claimed`, with the class that the cell had: if it succeeds,
    /// the cell is the caller's, and what is in it. A compare-and-swap, although nobody else may change a
    /// cell that is not linked: see [`Filled`](crate::owned::Filled).
    ///
    /// # Safety
    /// `I-WORD`. The caller filled the cell and has not linked it; if it was promised, the promise is the
    /// caller's (`I-PROMISED`).
    #[inline]
    pub(crate) unsafe fn take_back(
        &self,
        layout: Layout,
        index: usize,
        filled: Word,
        class: Class,
    ) -> bool {
        debug_assert!(filled.is_pending());
        let claimed = layout
            .with_class(index, filled, class)
            .with_state(State::Claimed);
        // (1) Acquire: pairs with the fill (6), which is another owner's if a generation wrapped (I-FILLED).
        self.word()
            .compare_exchange(filled.0, claimed.0, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    /// Freezes a chain's first, whose word is `live`, frozen or not; returns what the word is then.
    ///
    /// # Safety
    /// `I-WORD`, and `live` says live.
    #[inline(always)]
    pub unsafe fn freeze(&self, layout: Layout, live: Word) -> Option<Word> {
        debug_assert!(live.is_live());
        let frozen = layout.bump(live).with_state(State::Frozen);
        // (2) Release: pairs with the Acquire loads of own words (1): who sees the word frozen anew, and then
        // reads that from which the chain starts, finds no older one than we did.
        self.word()
            .compare_exchange(live.0, frozen.0, Ordering::Release, Ordering::Relaxed)
            .is_ok()
            .then_some(frozen)
    }

    /// Makes the word `live` another one that says live and links to the same cell: what rests on the old
    /// one fails from now on.
    ///
    /// # Safety
    /// `I-WORD`, and `live` says live. If it says frozen, no attempt to take the entry out from the head of
    /// its chain can succeed any more that froze it so.
    #[inline(always)]
    pub unsafe fn touch(&self, layout: Layout, live: Word) -> bool {
        debug_assert!(live.is_live());
        let touched = layout.bump(live).committed();
        // (2) Release: pairs with (1): who looks at the entry by this word sees what was changed about it
        // before.
        // kept: its only caller has changed the bucket's word just before, and the fence (22) behind that has
        // published the same.
        self.word()
            .compare_exchange(live.0, touched.0, Ordering::Release, Ordering::Relaxed)
            .is_ok()
    }

    /// Takes an entry out whose word is `live`, frozen or not: decides. `sealed` is what it becomes: it links
    /// to the entry that replaces it, if there is one, which is published by it (2).
    ///
    /// # Safety
    /// `I-WORD`; `live` says live, and `sealed` says `Sealed`, with the next generation. If it links to
    /// another cell than `live`, that one is filled and the caller's.
    #[inline(always)]
    pub unsafe fn seal(&self, live: Word, sealed: Word) -> bool {
        debug_assert!(live.is_live() && sealed.is(State::Sealed));
        decide(self.word(), live.0, sealed.0)
    }

    /// Seals the word of a chain's first that the caller has taken out: others may freeze it anew until then,
    /// in vain, and what they wrote must not be lost, or its generation would go back.
    ///
    /// Lock-free: it tries again only if another operation tried in vain to take the entry out.
    ///
    /// # Safety
    /// The caller has taken the entry out, and owns it.
    #[inline(always)]
    pub unsafe fn seal_taken(&self) {
        let mut word = self.peek();
        // (2) Relaxed: it publishes nothing, and goes on with the release sequence of (6).
        while let Err(now) = self.word().compare_exchange(
            word.0,
            word.with_state(State::Sealed).0,
            Ordering::Relaxed,
            Ordering::Relaxed,
        ) {
            word = Word(now);
        }
    }

    /// The same where guards are given out: if the word is still live, so that nobody else owns the entry,
    /// should a counter have wrapped. The cell gets this class.
    ///
    /// Lock-free, as that.
    ///
    /// # Safety
    /// `I-WORD`. The caller has taken the entry out, and holds the cell.
    #[inline(always)]
    pub(crate) unsafe fn seal_apart(&self, layout: Layout, index: usize, class: Class) -> bool {
        let mut word = self.peek();
        while word.is_live() {
            let owned = layout.with_class(index, layout.apart(word, index), class);
            // (2) Relaxed: it goes on with the release sequence of (6) for guards that read it.
            match self.word().compare_exchange(
                word.0,
                owned.0,
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                Ok(_) => {
                    // (14) Store→load: the own word is not live any more, then slots and count: see (12).
                    // Who comes by the cell's number, not by a link, looks at no other word first.
                    fence_after_rmw();
                    return true;
                }
                Err(now) => word = Word(now),
            }
        }
        false
    }

    /// The sealed cell gets this class.
    ///
    /// # Safety
    /// `I-WORD`. The caller has taken the entry out, and owns it.
    #[inline(always)]
    pub(crate) unsafe fn reclass(&self, layout: Layout, index: usize, class: Class) {
        let word = self.peek();
        let classed = layout.with_class(index, word, class);
        if classed != word {
            // Relaxed: nobody else changes it (it is in no chain), and who frees it publishes it (4, 16).
            self.word().store(classed.0, Ordering::Relaxed);
        }
    }

    /// Hands over a cell whose word was `sealed`: it is whoever's next who finds it held by nobody. `false`:
    /// it is another word.
    ///
    /// # Safety
    /// The caller has detached the cell.
    #[inline(always)]
    pub(crate) unsafe fn retire(&self, sealed: Word) -> bool {
        debug_assert!(sealed.is(State::Sealed));
        // (16) Release: pairs with the taking over (14). A compare-and-swap and not a store: should a
        // generation have wrapped and two operations believe that they detached this cell, one of them fails
        // here (I-OWNER).
        self.word()
            .compare_exchange(
                sealed.0,
                sealed.with_state(State::Retired).0,
                Ordering::Release,
                Ordering::Relaxed,
            )
            .is_ok()
    }

    /// The same of a cell that is the caller's alone.
    ///
    /// # Safety
    /// The cell is `Sealed`; the caller has taken the entry out, and owns it.
    #[inline(always)]
    pub(crate) unsafe fn retire_own(&self) {
        let word = self.peek();
        // (16) Release: pairs with the taking over (14).
        self.word()
            .store(word.with_state(State::Retired).0, Ordering::Release);
    }

    /// Claims a retired cell; returns the word that says so. Its payload is the caller's only if nobody holds
    /// the cell now; else it is to be put back.
    #[inline(always)]
    pub(crate) fn take_over(&self) -> Option<Word> {
        let retired = self.peek();
        if !retired.is(State::Retired) {
            return None;
        }
        // Another word each time: should the cell be put back and taken over again, the last pass of a
        // claim (module `cells`) must see that it was not claimed all the while.
        let claimed = retired.counted_up().with_state(State::Claimed);
        // (3) Release, as in `claim`: who sees the cell `Claimed` (5) sees what we freed before.
        // That the retirer's view (16) comes before ours is the business of the fence.
        // kept: the twin of the one in `claim`; in no model does a claim take a retired cell over
        // while one that was freed before by the same context is free.
        self.word()
            .compare_exchange(retired.0, claimed.0, Ordering::Release, Ordering::Relaxed)
            .ok()?;
        // (14) Store→load: the own word is not live any more, then slots and count: see (12). It is
        // also the fence (9) of a claim: our claim, then `seekers`; and the acquire fence for (16).
        fence_after_rmw();
        Some(claimed)
    }

    /// Retires a cell again that was taken over, with the word `claimed`, and is held. The caller looks at
    /// the holds again then.
    ///
    /// # Safety
    /// The caller has taken it over (`I-OWNER`), and its payload is still in it (`I-FULL`).
    #[inline(always)]
    pub(crate) unsafe fn put_back(&self, claimed: Word) {
        // (17) Put it back, then look again: the last guard may have gone while the cell was ours,
        // have seen it `Claimed` and have left it to us. Store→load against (18): the same two
        // outcomes as at (12). Relaxed: a read-modify-write goes on with the release sequence of (16).
        self.word()
            .swap(claimed.with_state(State::Retired).0, Ordering::Relaxed);
        // (17) See above, and (18).
        fence_after_rmw();
    }

    /// The cell's owner takes its payload out: `word`, but `Claimed`.
    ///
    /// # Safety
    /// The cell is `Sealed`; the caller sealed it and told nobody, or has taken it out and nobody holds it
    /// (`I-DROP`): it owns the payload. `word` is its word, or one with a next generation and another class.
    #[inline(always)]
    pub(crate) unsafe fn empty(&self, word: Word) {
        // Relaxed: it is ours all the while.
        self.word()
            .store(word.with_state(State::Claimed).0, Ordering::Relaxed);
    }

    /// The cell is nobody's: `word`, but `Free`.
    ///
    /// # Safety
    /// The cell is the caller's, by `I-OWNER` or because it has taken the entry out, and its payload is not
    /// needed any more. `word` is its word, or one with a next generation and another class.
    #[inline(always)]
    pub(crate) unsafe fn free(&self, word: Word) {
        // (4) Release: pairs with the fence (9) behind the next claim.
        self.word()
            .store(word.with_state(State::Free).0, Ordering::Release);
    }

    #[inline(always)]
    fn word(&self) -> &AtomicUsize {
        &self.0.0
    }
}

impl core::fmt::Debug for Own {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}
