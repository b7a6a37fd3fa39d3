//! What an exclusive borrow of a table allows: nobody else is at work in it, and no guard can be used.
//!
//! `T-EXCLUSIVE`: no operation is in progress then. What is in a bucket's seats and linked in its chain
//! without being sealed is what is in the map, each entry in one place.

use super::chain::{take_first, tidy};
use super::{Bucket, Table};

/// Goes through the cells of all entries, bucket by bucket.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    /// The bucket after this one.
    group: usize,
    /// This one's seats and the rest of its chain.
    seats: usize,
    chain: Option<usize>,
}

impl Entries {
    /// The next entry's cell: none comes twice as long as the table is exclusively the caller's.
    pub(crate) fn next<T: Table>(&mut self, table: &T) -> Option<usize> {
        loop {
            if self.seats != 0 {
                let bit = self.seats.trailing_zeros();
                self.seats &= self.seats - 1;
                return Some(T::SHAPE.cell(self.group - 1, bit));
            }
            while let Some(index) = self.chain {
                let own = table.own(index).read();
                self.chain = T::OWN.index(own);
                if own.linkable() {
                    return Some(index);
                }
            }
            if self.group == T::SHAPE.groups() {
                return None;
            }
            let bucket = Bucket::read(table, self.group);
            self.seats = bucket.word().0 & T::SHAPE.seat_bits();
            self.chain = bucket.first::<T>();
            self.group += 1;
        }
    }
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
