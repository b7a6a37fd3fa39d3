//! The layout of the words: its numbers.

use crate::word::{Layout, State, Word};
use std::format;

#[test]
fn a_layout_says_what_it_was_made_for() {
    for (cells, ordinary) in [(2, 2), (3, 2), (264, 256)] {
        let layout = Layout::new(cells, ordinary);
        assert_eq!((layout.cells(), layout.ordinary()), (cells, ordinary));
    }
}

/// The most cells leave enough bits, and one more leaves one bit less.
#[test]
#[cfg(not(tagged_arena_tiny))]
fn the_most_cells_are_the_most() {
    let bits = |cells| Layout::new(cells, cells).generation_bits();
    assert_eq!(bits(Layout::MOST_CELLS), Layout::FEWEST_BITS);
    assert_eq!(bits(Layout::MOST_CELLS + 1), Layout::FEWEST_BITS - 1);
    if usize::BITS == 32 {
        assert_eq!(Layout::MOST_CELLS, 4095);
    }
}

#[test]
fn a_word_shows_its_state_and_the_rest() {
    let word = Word(0x120).with_state(State::Live);
    assert_eq!(format!("{word:?}"), "Live+0x120");
}
