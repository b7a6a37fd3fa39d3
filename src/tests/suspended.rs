//! A table's words, and what an operation that is suspended in the chain of bucket 0 has done so far.

use crate::table::Table;
use std::vec;
use std::vec::Vec;
use tagged_arena::word::{State, Word};

/// The word of bucket 0.
pub(super) fn bucket<T: Table>(table: &T) -> Word {
    table.bucket(0).read()
}

pub(super) fn own<T: Table>(table: &T, index: usize) -> Word {
    table.own(index).read()
}

/// The cells of bucket 0's chain.
pub(super) fn chain<T: Table>(table: &T) -> Vec<usize> {
    let mut cells = vec![];
    let mut next = T::SHAPE.link.index(bucket(table));
    while let Some(index) = next {
        assert!(!cells.contains(&index), "a circle: {cells:?}");
        let own = own(table, index);
        assert!(
            own.linkable() || own.is(State::Sealed),
            "{own:?} in the chain"
        );
        cells.push(index);
        next = T::OWN.index(own);
    }
    cells
}

/// What a removal or replacement of the chain's first does before it is suspended: returns the bucket's word
/// from which it will go on.
pub(super) fn freeze_first<T: Table>(table: &T) -> Word {
    let from = bucket(table);
    let first = table.own(chain(table)[0]);
    // SAFETY: it is live.
    assert!(unsafe { first.freeze(T::OWN, first.read()) }.is_some());
    from
}

/// What a removal of the chain's cell of this number does before it is suspended, or before a drop in it
/// panics.
pub(super) fn seal<T: Table>(table: &T, number: usize) {
    let own = table.own(chain(table)[number]);
    let live = own.read();
    let sealed = T::OWN.bump(live).with_state(State::Sealed);
    // SAFETY: it is live; whoever unlinks it hands it over.
    assert!(unsafe { own.seal(live, sealed) });
}
