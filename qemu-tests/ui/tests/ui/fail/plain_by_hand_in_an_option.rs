//! Where a type implements `Plain` by hand, its `Option` takes a line more.
use arenamap::{CopyMap, Plain};

#[derive(Clone, Copy)]
struct Level(u8);

impl Plain for Level {
    type Bits = u8;

    fn to_bits(self) -> u8 {
        self.0
    }

    fn from_bits(bits: u8) -> Option<Self> {
        (bits <= 100).then_some(Self(bits))
    }
}

static LEVELS: CopyMap<u8, Option<Level>, 4> = CopyMap::new();

fn main() {
    LEVELS.get(&1);
}
