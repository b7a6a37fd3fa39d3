//! Groups and their seats: what the bits of a bucket's word stand for.

use crate::hash::{NativeHash, buckets};
use tagged_arena::sync::NARROW;
use tagged_arena::word::{Layout, Word};

/// How many cells a group has. Two for loom, so that its small maps have a seat and a chain.
pub(crate) const GROUP: usize = if cfg!(tagged_arena_loom) { 2 } else { 4 };

/// The groups of a map with so many cells, and the layout of their buckets' words:
///
/// ```text
///  high                                              low
/// [ version | index + 1 (0 = none) | guests | home cells ]
///             the chain's first      a bit each
/// ```
///
/// The *seats* of a bucket are its home cells and some cells of the neighbouring group, as its guests, that
/// one's last cell first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    groups: usize,
    /// Home cells of a group: fewer than usual only if there are fewer cells at all.
    pub(crate) home: usize,
    /// Guest bits of a bucket.
    guests: usize,
    /// Where chain and version lie in a bucket's word.
    pub(crate) link: Layout,
}

impl Shape {
    pub(crate) const fn new(cells: usize) -> Self {
        let home = if cells < GROUP { cells } else { GROUP };
        let groups = if cells < GROUP {
            1
        } else {
            buckets(cells / GROUP)
        };
        let index_bits = usize::BITS - cells.leading_zeros();
        // (Too many cells do not compile: the layout of own words says so.)
        let room = (usize::BITS - index_bits).saturating_sub(Layout::FEWEST_BITS + home as u32);
        let mut guests = if (room as usize) < GROUP {
            room as usize
        } else {
            GROUP
        };
        // Where code is dear there are no guests, but a chain sooner.
        if cells <= GROUP || NARROW {
            guests = 0;
        }
        let link = Layout::beside((home + guests) as u32, cells);
        Self {
            groups,
            home,
            guests,
            link,
        }
    }

    pub(crate) const fn groups(self) -> usize {
        self.groups
    }

    /// The group of a hash.
    #[inline(always)]
    pub(crate) fn group(self, hash: NativeHash) -> usize {
        hash.bucket(self.groups)
    }

    /// The first home cell of a group.
    #[inline(always)]
    pub(crate) const fn first(self, group: usize) -> usize {
        group * GROUP
    }

    /// The cell that a bit of a group's word stands for.
    #[inline(always)]
    pub(crate) const fn cell(self, group: usize, bit: u32) -> usize {
        let (first, bit) = (self.first(group), bit as usize);
        if self.guests == 0 || bit < self.home {
            first + bit
        } else {
            (first + bit - self.home) ^ (2 * GROUP - 1)
        }
    }

    /// The bit of a group's word that stands for a cell, or zero.
    #[inline(always)]
    pub(crate) const fn bit(self, group: usize, cell: usize) -> usize {
        let home = cell ^ self.first(group);
        if home < GROUP {
            return 1 << home;
        }
        let guest = home ^ (2 * GROUP - 1);
        if guest < self.guests {
            1 << (self.home + guest)
        } else {
            0
        }
    }

    /// The seats that a cell is, as group and bit: at home, and of the neighbouring group as its guest.
    #[inline(always)]
    pub(crate) fn seats_of(self, cell: usize) -> impl Iterator<Item = (usize, usize)> {
        let home = cell / GROUP;
        let groups = [home, home ^ 1].into_iter();
        let groups = groups.filter(move |&group| group < self.groups);
        let seats = groups.map(move |group| (group, self.bit(group, cell)));
        seats.filter(|&(_, bit)| bit != 0)
    }

    /// The bits of the home cells.
    pub(crate) const fn home_bits(self) -> usize {
        (1 << self.home) - 1
    }

    /// The bits of all seats.
    pub(crate) const fn seat_bits(self) -> usize {
        (1 << (self.home + self.guests)) - 1
    }

    /// How many entries are in a bucket's seats.
    #[inline(always)]
    pub(crate) const fn seated(self, word: Word) -> usize {
        (word.0 & self.seat_bits()).count_ones() as usize
    }

    /// Whether nothing but home cells is in a bucket.
    #[inline(always)]
    pub(crate) const fn only_home(self, word: Word) -> bool {
        word.0 & (self.link_bits() | self.seat_bits() & !self.home_bits()) == 0
    }

    /// Whether a bucket has a chain.
    #[inline(always)]
    pub(crate) const fn has_chain(self, word: Word) -> bool {
        word.0 & self.link_bits() != 0
    }

    const fn link_bits(self) -> usize {
        self.link.index_bits()
    }
}

#[cfg(all(test, not(tagged_arena_loom)))]
mod tests {
    use super::*;

    #[test]
    fn each_seat_has_one_bit_and_no_cell_is_at_home_twice() {
        // Under Miri, which learns nothing new from more cells, not so many.
        let some = if cfg!(miri) { 1..14 } else { 1..70 };
        let many: &[usize] = if cfg!(miri) { &[] } else { &[264, 1000, 4095] };
        for cells in some.chain(many.iter().copied()) {
            let shape = Shape::new(cells);
            assert!(shape.groups() * shape.home <= cells, "{cells}");
            assert!(
                shape.link.generation_bits() >= Layout::FEWEST_BITS.min(Layout::GENERATION_LIMIT)
            );
            for group in 0..shape.groups() {
                for bit in 0..(shape.home + shape.guests) as u32 {
                    assert_eq!(shape.bit(group, shape.cell(group, bit)), 1 << bit);
                }
                for cell in 0..cells {
                    let bit = shape.bit(group, cell);
                    if bit != 0 {
                        assert_eq!(shape.cell(group, bit.trailing_zeros()), cell);
                    }
                    let at_home = bit & shape.home_bits() != 0;
                    assert_eq!(at_home, cell / GROUP == group && cell % GROUP < shape.home);
                    let mut seats = shape.seats_of(cell).filter(|seat| seat.0 == group);
                    let seat = (bit != 0).then_some((group, bit));
                    assert_eq!((seats.next(), seats.next()), (seat, None));
                }
            }
        }
    }

    #[test]
    fn a_group_is_a_quarter_of_the_cells() {
        assert_eq!(Shape::new(264).groups(), 64);
        assert_eq!(Shape::new(3).groups(), 1);
        assert_eq!(Shape::new(13).groups(), 3);
    }
}
