//! What an exclusive borrow of a table allows: nobody else is at work in it, and no guard can be used.
//!
//! `T-EXCLUSIVE`: no operation is in progress then. What is in a bucket's seats and linked in its chain
//! without being sealed is what is in the map, each entry in one place.

use super::chain::{take_first, tidy};
use super::{Bucket, Table};
use tagged_arena::word::State;

/// Goes through the cells of all entries: by their numbers, so that none comes twice, whatever links say.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    /// The cell after this one.
    next: usize,
}

impl Entries {
    /// The next entry's cell: none comes twice as long as the table is exclusively the caller's, and in each an
    /// entry is.
    pub(crate) fn next<T: Table>(&mut self, table: &T) -> Option<usize> {
        while self.next < T::OWN.cells() {
            let index = self.next;
            self.next += 1;
            let own = table.own(index).read();
            let is_entry = match own.state() {
                State::Live => true,
                State::Sealed => is_seated(table, index),
                // Its insert or its removal may have stopped, before or behind the step that decides.
                State::Pending | State::Promised | State::Frozen => is_linked(table, index),
                State::Free | State::Claimed | State::Retired => false,
            };
            if is_entry {
                return Some(index);
            }
        }
        None
    }
}

/// Whether the bit of a seat that the cell is says that an entry is in it.
pub(crate) fn is_seated<T: Table>(table: &T, index: usize) -> bool {
    let mut seats = T::SHAPE.seats_of(index);
    seats.any(|(group, bit)| table.bucket(group).read().0 & bit != 0)
}

/// Whether the cell is in a chain.
#[cold]
fn is_linked<T: Table>(table: &T, index: usize) -> bool {
    let is_in = |group| {
        let mut next = T::SHAPE.link.index(table.bucket(group).read());
        // Not for ever, should a counter that wrapped have tied it into a loop.
        for _ in 0..T::OWN.cells() {
            let Some(cell) = next else {
                break;
            };
            let own = table.own(cell).read();
            if cell == index {
                return true;
            }
            if !own.linkable() && !own.is(State::Sealed) {
                break;
            }
            next = T::OWN.index(own);
        }
        false
    };
    (0..T::SHAPE.groups()).any(is_in)
}

/// Takes an entry out, from bucket `group` on, which goes on with it. The cell is the caller's then,
/// filled, and of the ordinary class.
pub(crate) fn pop<T: Table>(table: &mut T, group: &mut usize) -> Option<usize> {
    while *group < T::SHAPE.groups() {
        if let Some(index) = pop_from(table, *group) {
            return Some(index);
        }
        *group += 1;
    }
    None
}

fn pop_from<T: Table>(table: &mut T, group: usize) -> Option<usize> {
    if T::SHAPE.has_chain(Bucket::read(table, group).word()) {
        // Of what others had sealed: the chain's first is an entry then.
        tidy(table, group);
    }
    let bucket = Bucket::read(table, group);
    let seats = bucket.word().0 & T::SHAPE.seat_bits();
    let (index, taken) = if seats != 0 {
        let bit = seats & seats.wrapping_neg();
        let index = T::SHAPE.cell(group, bit.trailing_zeros());
        (index, bucket.remove(bit))
    } else {
        let index = bucket.first::<T>()?;
        // Who put it in may have stopped before it said so.
        // SAFETY: T-EXCLUSIVE: it is linked, and nobody takes it back.
        let own = unsafe { table.own(index).commit(T::OWN) };
        (index, take_first(table, &bucket, index, own, None))
    };
    debug_assert!(taken, "T-EXCLUSIVE: nobody interferes");
    taken.then_some(index)
}
