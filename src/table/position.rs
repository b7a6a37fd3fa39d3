//! Where an entry was found, and what decides about it from there: one compare-and-swap that takes it out, or
//! puts another one in its place.

use super::chain::{take_behind, take_first};
use super::{Bucket, Table};
use tagged_arena::cells::Claim;
use tagged_arena::word::{State, Word};

/// Where an entry is.
#[derive(Clone, Copy)]
pub(crate) enum At {
    /// In the seat with this bit.
    Seat(usize),
    /// The chain's first.
    First,
    /// In the chain, behind another one.
    Behind,
}

/// Where an entry was found, under a bucket's word.
#[derive(Clone, Copy)]
pub(crate) struct Position {
    pub(crate) index: usize,
    pub(crate) at: At,
    /// Its cell's own word, if it is in the chain.
    pub(crate) own: Word,
}

/// How a new entry is reached.
pub(crate) enum Target {
    /// By the bit of its seat.
    Seat,
    /// By a link; and it links to this cell.
    Chain(Option<usize>),
}

impl Position {
    #[inline(always)]
    pub(crate) fn seat(index: usize, bit: usize) -> Self {
        Self {
            index,
            at: At::Seat(bit),
            own: Word(0),
        }
    }

    #[inline(always)]
    pub(crate) fn is_behind(&self) -> bool {
        matches!(self.at, At::Behind)
    }

    /// Whether the entry, or without one that the key is absent, has been so from when it was found until
    /// now. Then a refusal is right: at one instant of that time all cells were taken.
    #[inline]
    pub(crate) fn unchanged<T: Table>(old: Option<&Self>, table: &T, bucket: &Bucket<'_>) -> bool {
        // Seats are as the bucket's word says.
        let in_place = old.is_none_or(|old| match old.at {
            At::Seat(_) => true,
            // Relaxed: before the fence (20) of the bucket's validation.
            _ => table.own(old.index).link().is(old.own),
        });
        in_place && bucket.unchanged()
    }

    /// How an entry in the cell `new` is reached that takes the place of `old`, or without it is of a new
    /// key.
    #[inline(always)]
    pub(crate) fn target<T: Table>(old: Option<&Self>, bucket: &Bucket<'_>, new: usize) -> Target {
        let at = old.map(|old| (old.at, T::OWN.index(old.own)));
        match at {
            Some((At::Behind, after)) => Target::Chain(after),
            _ if bucket.seats::<T>(new) => Target::Seat,
            Some((At::First, next)) => Target::Chain(next),
            _ => Target::Chain(bucket.first::<T>()),
        }
    }

    /// Takes the entry out: decides. One that was behind another is to be unlinked then, by
    /// [`tidy`](super::chain::tidy); the cell of any other is the caller's.
    #[inline(always)]
    pub(crate) fn take_out<T: Table>(&self, table: &T, bucket: &Bucket<'_>) -> bool {
        match self.at {
            At::Seat(bit) => bucket.remove(bit),
            At::First => take_first(table, bucket, self.index, self.own, None),
            At::Behind => {
                let sealed = T::OWN.bump(self.own).with_state(State::Sealed);
                take_behind(table, self.index, self.own, sealed)
            }
        }
    }

    /// Puts a new entry in, filled for its [`target`](Self::target), in the place of `old` if there is one:
    /// decides. Then as after [`take_out`](Self::take_out); the old one's cell gets the class that the new
    /// one's had.
    #[inline(always)]
    pub(crate) fn put<T: Table>(
        old: Option<&Self>,
        table: &T,
        bucket: &Bucket<'_>,
        new: Claim,
    ) -> bool {
        let Some(old) = old else {
            return bucket.replace::<T>(0, new.index);
        };
        match old.at {
            At::Seat(bit) => bucket.replace::<T>(bit, new.index),
            At::First => take_first(table, bucket, old.index, old.own, Some(new.index)),
            At::Behind => {
                let sealed = T::OWN.link(old.own, Some(new.index));
                // The new entry's cell is ordinary from now on.
                let sealed = T::OWN.with_class(old.index, sealed, new.class);
                take_behind(table, old.index, old.own, sealed.with_state(State::Sealed))
            }
        }
    }
}
