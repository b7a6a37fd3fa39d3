//! Single steps that nothing but a counter that wrapped shows from outside.

use super::config::Spread;
use super::suspended::{bucket, chain, freeze_first, own};
use crate::table::Table;
use crate::table::chain::seal_first;
use crate::{CopyMap, Map};
use tagged_arena::word::State;

/// The seats of bucket 0 are full; then one more entry is in its chain.
const SEATS: u32 = 8;

/// Whoever believes that it unlinked a cell retires it by the word that it saw there: not if that is a
/// seat's.
fn retire_each_seat<T: Table>(table: &T) {
    let mut seats = bucket(table).0 & T::SHAPE.seat_bits();
    assert_ne!(seats, 0);
    while seats != 0 {
        let index = T::SHAPE.cell(0, seats.trailing_zeros());
        let word = own(table, index);
        assert!(word.is(State::Sealed));
        table.retire(index, word);
        assert_eq!(own(table, index), word, "cell {index}");
        seats &= seats - 1;
    }
}

#[test]
fn an_entry_in_a_seat_is_not_taken_for_one_that_was_sealed_in_a_chain() {
    let map: CopyMap<u32, [u64; 2], 12, 1, Spread> = CopyMap::with_hasher(Spread::OneChain);
    for key in 0..SEATS {
        assert_eq!(map.insert(key, [1; 2]), Ok(None));
    }
    retire_each_seat(&map.table);
    // With a chain, and replaced: by other ways.
    assert_eq!(map.insert(SEATS, [1; 2]), Ok(None));
    assert_eq!(map.remove(&0), Some([1; 2]));
    assert_eq!(map.insert(0, [2; 2]), Ok(None));
    for key in 0..SEATS {
        assert!(map.update(&key, |_| [3; 2]).is_ok_and(|old| old.is_some()));
    }
    retire_each_seat(&map.table);
    assert_eq!(map.len() as u32, SEATS + 1);
}

#[test]
fn a_guarded_entry_in_a_seat_is_not_taken_for_one_that_was_sealed_in_a_chain() {
    let map: Map<u32, u32, 12, 1, Spread> = Map::with_hasher(Spread::OneChain);
    for key in 0..SEATS {
        assert!(map.insert(key, 1).is_ok());
    }
    retire_each_seat(&map.table);
    assert!(map.insert(SEATS, 1).is_ok());
    assert!(map.remove(&0).is_some() && map.try_insert(0, 2).is_ok());
    for key in 0..SEATS {
        assert!(map.update(&key, |_| 3).is_ok_and(|old| old.is_some()));
    }
    retire_each_seat(&map.table);
    assert_eq!(map.len() as u32, SEATS + 1);
}

/// What others did to the own word of a first that was taken out, in vain, stays: else its generation would
/// go back when the cell is freed.
#[test]
fn a_first_that_was_taken_out_is_sealed_as_it_is() {
    type Wide = CopyMap<u32, [u64; 2], 12, 1, Spread>;
    let map: Wide = CopyMap::with_hasher(Spread::OneChain);
    for key in 0..=SEATS {
        assert_eq!(map.insert(key, [1; 2]), Ok(None));
    }
    let first = chain(&map.table)[0];
    freeze_first(&map.table);
    let frozen = own(&map.table, first);
    seal_first(&map.table, first);
    assert_eq!(own(&map.table, first), frozen.with_state(State::Sealed));
}
