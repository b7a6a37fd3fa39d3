//! The low-level face starts with a promise to keep to its protocol.
use tagged_arena::Arena;
use tagged_arena::cells::Cells;

fn main() {
    let cells: Cells<(), 4, 0> = Cells::new();
    let arena: Arena<(), String, 4, 0> = Arena::new();
    drop((cells, arena));
}
