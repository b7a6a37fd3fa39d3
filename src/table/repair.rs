//! A table brought back into order whose users stopped anywhere, and will not go on.
//!
//! What is in the map is decided by one compare-and-swap each time, so at any instant each entry is in it or
//! is not, wherever the operations stand: in a seat whose bit is set, or linked in a chain and not sealed.
//! That is kept; what every other cell was about to become is forgotten. The states that this passes through
//! are such that it may stop, too, and be done again from the beginning:
//!
//! 1. What a link may hang on becomes `Pending`: linked or not, that is not known yet.
//! 2. Along each chain: what is `Pending` is an entry and becomes `Live`; what is sealed is unlinked.
//! 3. Every cell that is neither `Live` nor in a seat now is free, or retired if something is left in it to
//!    be dropped; and as many of them as there are to be are spare.

use super::Table;
use super::exclusive::is_seated;
use tagged_arena::word::{Class, State, Word};

/// Brings own words and buckets' words into order. Cells that are in no use are `Retired` if a payload is in
/// them and `payloads` says that these are to be dropped, else `Free`.
///
/// All accesses are Relaxed: nobody else is there (T-EXCLUSIVE, but that operations were in progress).
pub(crate) fn settle<T: Table>(table: &mut T, payloads: bool) {
    let cells = T::OWN.cells();
    for index in 0..cells {
        let own = table.own(index).peek();
        if own.linkable() {
            set(table, index, own.with_state(State::Pending));
        }
    }
    for group in 0..T::SHAPE.groups() {
        relink(table, group);
    }
    let mut spares = cells - T::OWN.ordinary();
    // Spare first those that were at the start.
    for index in (T::OWN.ordinary()..cells).chain((0..T::OWN.ordinary()).rev()) {
        let own = table.own(index).peek();
        let seated = own.is(State::Sealed) && is_seated(table, index);
        let (next, class) = if own.is(State::Live) || seated {
            (own, Class::Ordinary)
        } else {
            let class = if spares == 0 {
                Class::Ordinary
            } else {
                spares -= 1;
                Class::Spare
            };
            (T::OWN.abandoned(own, payloads), class)
        };
        set(table, index, T::OWN.with_class(index, next, class));
    }
}

/// Links what is in a bucket's chain anew, without what is sealed.
fn relink<T: Table>(table: &T, group: usize) {
    let bucket = table.bucket(group);
    let mut next = T::SHAPE.link.index(bucket.peek());
    // The cell that links to what comes, or the bucket.
    let mut last = None;
    let link = |last: Option<usize>, next: Option<usize>| {
        let (at, layout) = match last {
            Some(index) => (table.own(index).link(), T::OWN),
            None => (bucket, T::SHAPE.link),
        };
        // SAFETY: T-EXCLUSIVE; nothing but the link differs.
        unsafe { at.restore(layout.link(at.peek(), next)) };
    };
    while let Some(index) = next {
        let own = table.own(index).peek();
        next = T::OWN.index(own);
        match own.state() {
            State::Pending => {
                set(table, index, T::OWN.bump(own).with_state(State::Live));
                last = Some(index);
            }
            State::Sealed if next != Some(index) => link(last, next),
            // A counter wrapped exactly: what is behind is lost.
            _ => {
                link(last, None);
                break;
            }
        }
    }
}

/// A word that says no more of the cell's payload than the one before it did.
fn set<T: Table>(table: &T, index: usize, word: Word) {
    // SAFETY: T-EXCLUSIVE; and nothing that is free now is in the map.
    unsafe { table.own(index).link().restore(word) };
}
