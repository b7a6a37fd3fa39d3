//! The one native word that holds a cell's state, its link and a generation.
//!
//! ```text
//!  high                                                     low
//! [ generation            | index + 1 (0 = none) | class | state ]
//!   what is left            as many bits as the    1       3
//!                           number of cells needs
//! ```
//!
//! **Every** change of a link word goes with the next generation, also across reuse of the cell, so
//! that two equal reads of a link word mean that nothing happened to it in between, unless the
//! generation wrapped exactly once (see [`Layout::GENERATION_LIMIT`] and the crate's section
//! *What a wrap could do*).

/// What a cell is doing. The numbers are chosen so that zero bits are a free cell and so that one
/// bit (`LINKABLE`) tells whether a link may hang on the word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(usize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum State {
    /// Nobody's: may be claimed.
    Free = 0,
    /// Exclusively owned by one operation, which fills it or empties it.
    Claimed = 1,
    /// Detached and handed over: reclaimed as soon as no guard holds it.
    Retired = 2,
    /// Filled and outside every chain's sight: in a structure that says so elsewhere (a bucket's word), or
    /// logically deleted. In a chain it is passed: its word does not change while it is linked.
    Sealed = 3,
    /// Filled and perhaps linked already; its owner may still take it back. A guard on it is no good
    /// until it is live.
    Pending = 4,
    /// Filled and part of the structure: guards may be given out.
    Live = 5,
    /// As `Pending`, and its owner holds the cell: once it is linked, the owner reads the payload under
    /// that hold. A state of its own, so that an owner of a `Pending` cell never takes this payload for
    /// its own, should the two words have one generation.
    Promised = 6,
    /// Live, and about to leave its chain at the head: its link is fixed, unless the attempt is over.
    Frozen = 7,
}

const STATE_MASK: usize = 0b111;
const LINKABLE: usize = 0b100;
const CLASS: usize = 0b1000;
const INDEX_SHIFT: u32 = 4;

/// Who may claim a free cell: see [`crate::cells`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Class {
    /// One of the cells that the capacity promises.
    Ordinary,
    /// One of the cells that are kept for replacements.
    Spare,
}

/// A snapshot of a link word.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Word(pub usize);

impl Word {
    /// The state in it. A bucket's head carries none: it reads as [`State::Free`].
    #[inline(always)]
    pub const fn state(self) -> State {
        match self.0 & STATE_MASK {
            1 => State::Claimed,
            2 => State::Retired,
            3 => State::Sealed,
            4 => State::Pending,
            5 => State::Live,
            6 => State::Promised,
            7 => State::Frozen,
            _ => State::Free,
        }
    }

    /// Whether it is exactly this state (one comparison).
    #[inline(always)]
    pub const fn is(self, state: State) -> bool {
        self.0 & STATE_MASK == state as usize
    }

    /// Whether the cell is in a chain or about to be, and not deleted: a successor may hang on it (a test
    /// of one bit).
    #[inline(always)]
    pub const fn linkable(self) -> bool {
        self.0 & LINKABLE != 0
    }

    /// Whether the cell is free or retired: the states without these bits.
    #[inline(always)]
    pub const fn is_unused(self) -> bool {
        self.0 & (State::Live as usize) == 0
    }

    /// Whether the cell is filled and not live yet: `Pending` or `Promised`.
    #[inline(always)]
    pub const fn is_pending(self) -> bool {
        self.0 & (State::Live as usize) == LINKABLE
    }

    /// Whether the entry is live, frozen or not (a test of two bits).
    #[inline(always)]
    pub const fn is_live(self) -> bool {
        self.0 & (State::Live as usize) == State::Live as usize
    }

    /// The same word, `Live` if it was `Pending`, `Promised` or `Frozen`.
    #[inline(always)]
    pub const fn committed(self) -> Self {
        // The lowest bit set and the one above cleared, where the third says linkable.
        let bit = (self.0 & LINKABLE) >> LINKABLE.trailing_zeros();
        Self((self.0 | bit) & !(bit << 1))
    }

    /// The same word with another state.
    #[inline(always)]
    pub const fn with_state(self, state: State) -> Self {
        Self(self.0 & !STATE_MASK | state as usize)
    }

    /// The same word, counted up by one in generation and index together, the index being the low digits. For
    /// a cell that links to nothing: its index is not read before it is filled or freed.
    #[inline(always)]
    pub(crate) const fn counted_up(self) -> Self {
        Self(self.0.wrapping_add(1 << INDEX_SHIFT))
    }

    const fn class_bit(self) -> bool {
        self.0 & CLASS != 0
    }

    const fn with_class_bit(self, bit: bool) -> Self {
        Self(self.0 & !CLASS | if bit { CLASS } else { 0 })
    }
}

impl core::fmt::Debug for Word {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:?}+{:#x}", self.state(), self.0 & !STATE_MASK)
    }
}

/// Where the fields lie, computed from the number of cells at compile time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Layout {
    cells: usize,
    /// How many cells are ordinary at the start; those behind them are spare.
    ordinary: usize,
    index_shift: u32,
    index_mask: usize,
    generation_shift: u32,
    generation_mask: usize,
}

impl Layout {
    /// The number of generation bits is cut to this under `--cfg tagged_arena_tiny`, so that tests
    /// see wraps all the time: to two bits, or to one with `--cfg tagged_arena_tiny="1"` beside it.
    pub const GENERATION_LIMIT: u32 = if cfg!(tagged_arena_tiny = "1") {
        1
    } else if cfg!(tagged_arena_tiny) {
        2
    } else {
        usize::BITS
    };

    /// The layout for `cells` cells, of which the first `ordinary` are ordinary.
    ///
    /// # Panics
    /// At compile time, when there is no cell, or when no generation bit would be left.
    pub const fn new(cells: usize, ordinary: usize) -> Self {
        Self::below(INDEX_SHIFT, cells, ordinary)
    }

    /// The layout of a word that links to one of `cells` cells and has `low` bits of its own below the link.
    ///
    /// # Panics
    /// As [`new`](Self::new).
    pub const fn beside(low: u32, cells: usize) -> Self {
        Self::below(low, cells, cells)
    }

    const fn below(index_shift: u32, cells: usize, ordinary: usize) -> Self {
        assert!(ordinary > 0, "a capacity of zero: N must be at least 1");
        assert!(ordinary <= cells);
        let index_bits = usize::BITS - cells.leading_zeros();
        let generation_shift = index_shift + index_bits;
        assert!(
            generation_shift + 2 <= usize::BITS,
            "too many cells: at least 2 generation bits must be left in a native word"
        );
        let mut bits = usize::BITS - generation_shift;
        if bits > Self::GENERATION_LIMIT {
            bits = Self::GENERATION_LIMIT;
        }
        Self {
            cells,
            ordinary,
            index_shift,
            index_mask: (1 << index_bits) - 1,
            generation_shift,
            generation_mask: (usize::MAX >> (usize::BITS - bits)) << generation_shift,
        }
    }

    /// The fewest bits of generation that a target may be left with: on 32-bit targets with fewer, updates
    /// were seen to be lost by ordinary preemption.
    pub const FEWEST_BITS: u32 = 16;

    /// The most cells of which a link leaves [`FEWEST_BITS`](Self::FEWEST_BITS) bits of generation: 4,095 on
    /// 32-bit targets.
    pub const MOST_CELLS: usize = (1 << (usize::BITS - INDEX_SHIFT - Self::FEWEST_BITS)) - 1;

    /// The same layout.
    ///
    /// # Panics
    /// At compile time, when it has fewer than [`FEWEST_BITS`](Self::FEWEST_BITS) bits of generation, unless
    /// they were cut for tests.
    pub const fn with_enough_bits(self) -> Self {
        assert!(
            self.cells <= Self::MOST_CELLS,
            "too many cells for a native word: N + EXTRA may be 4,095 at most on 32-bit targets (16 bits \
             of generation must be left)"
        );
        self
    }

    /// The bits of a link: all zero if there is none.
    #[inline(always)]
    pub const fn index_bits(self) -> usize {
        self.index_mask << self.index_shift
    }

    /// The number of cells.
    pub const fn cells(self) -> usize {
        self.cells
    }

    /// How many cells are ordinary: the exact capacity.
    pub const fn ordinary(self) -> usize {
        self.ordinary
    }

    /// The number of generation bits.
    pub const fn generation_bits(self) -> u32 {
        self.generation_mask.count_ones()
    }

    /// The index that the word links to.
    #[inline(always)]
    pub const fn index(self, word: Word) -> Option<usize> {
        ((word.0 >> self.index_shift) & self.index_mask).checked_sub(1)
    }

    /// The next word of the same cell or head: same state and class, the next generation, linking
    /// to `index`.
    #[inline(always)]
    pub const fn link(self, word: Word, index: Option<usize>) -> Word {
        self.with_index(self.bump(word), index)
    }

    /// The next own word of the cell `index`, for an entry that is in no chain: `Sealed`, and linking to
    /// itself. So it is no word of a cell that was sealed in a chain, whatever its generation says.
    #[inline(always)]
    pub const fn apart(self, word: Word, index: usize) -> Word {
        self.link(word, Some(index)).with_state(State::Sealed)
    }

    /// The same word, generation included, with another index: for identifiers, not for links.
    #[inline(always)]
    pub const fn with_index(self, word: Word, index: Option<usize>) -> Word {
        let field = match index {
            Some(i) => {
                debug_assert!(i < self.cells);
                i + 1
            }
            None => 0,
        };
        Word(word.0 & !(self.index_mask << self.index_shift) | field << self.index_shift)
    }

    /// The same word with the next generation.
    #[inline(always)]
    pub const fn bump(self, word: Word) -> Word {
        let generation = word.0.wrapping_add(1 << self.generation_shift) & self.generation_mask;
        Word(word.0 & !self.generation_mask | generation)
    }

    /// The generation in a word.
    #[inline(always)]
    pub const fn generation(self, word: Word) -> usize {
        (word.0 & self.generation_mask) >> self.generation_shift
    }

    /// The class of the cell `index` whose own word is `word`. The bit says "other than at the
    /// start", so that all-zero words are right for every cell.
    #[inline(always)]
    pub const fn class(self, index: usize, word: Word) -> Class {
        if word.class_bit() == (index < self.ordinary) {
            Class::Spare
        } else {
            Class::Ordinary
        }
    }

    /// The own word of cell `index` with another class.
    #[inline(always)]
    pub const fn with_class(self, index: usize, word: Word, class: Class) -> Word {
        let spare = matches!(class, Class::Spare);
        word.with_class_bit(spare == (index < self.ordinary))
    }
}

#[cfg(all(test, not(tagged_arena_loom)))]
mod tests {
    use super::*;

    #[test]
    fn fields_do_not_touch_each_other() {
        for (cells, ordinary) in [(1, 1), (2, 1), (3, 3), (4, 2), (264, 256), (65544, 65536)] {
            let layout = Layout::new(cells, ordinary);
            for index in [None, Some(0), Some(cells / 2), Some(cells - 1)] {
                for state in [
                    State::Free,
                    State::Claimed,
                    State::Retired,
                    State::Sealed,
                    State::Pending,
                    State::Live,
                    State::Promised,
                    State::Frozen,
                ] {
                    for class in [Class::Ordinary, Class::Spare] {
                        let mut word = Word(usize::MAX).with_state(state);
                        word = layout.with_class(cells - 1, word, class);
                        let before = layout.generation(word);
                        word = layout.link(word, index);
                        assert_eq!(word.state(), state);
                        assert_eq!(layout.index(word), index);
                        assert_eq!(layout.class(cells - 1, word), class);
                        let wrap = 1usize.checked_shl(layout.generation_bits()).unwrap_or(0);
                        assert_eq!(layout.generation(word), (before + 1) & wrap.wrapping_sub(1));
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_linkable_is_committed_and_nothing_else() {
        for rest in [0, usize::MAX] {
            let word = |state| Word(rest).with_state(state);
            for state in [State::Free, State::Claimed, State::Retired, State::Sealed] {
                assert_eq!(word(state).committed(), word(state));
                assert!(!word(state).linkable() && !word(state).is_pending());
            }
            for state in [State::Pending, State::Live, State::Promised, State::Frozen] {
                assert_eq!(word(state).committed(), word(State::Live));
                assert!(word(state).linkable() && !word(state).is_unused());
                assert_eq!(word(state).is_pending(), !word(state).is_live());
            }
        }
    }

    #[test]
    fn zero_is_a_free_cell_of_its_first_class() {
        let layout = Layout::new(10, 7);
        for index in 0..10 {
            let word = Word(0);
            assert!(word.is(State::Free) && !word.linkable());
            assert_eq!(layout.index(word), None);
            let class = if index < 7 {
                Class::Ordinary
            } else {
                Class::Spare
            };
            assert_eq!(layout.class(index, word), class);
        }
    }

    #[test]
    fn generation_goes_round_after_exactly_its_bits() {
        // So many cells that few generation bits are left on any target.
        let cells = usize::MAX >> 11;
        let layout = Layout::new(cells, cells);
        assert!(layout.generation_bits() <= 7);
        let start = layout.link(Word(0), Some(2));
        let mut word = layout.bump(start);
        let mut steps = 1usize;
        while word != start {
            word = layout.bump(word);
            steps += 1;
        }
        assert_eq!(steps, 1 << layout.generation_bits());
    }
}
