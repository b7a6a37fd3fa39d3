//! No mutation and no move through a pool's guard.
use tagged_arena::{Id, Pool};

fn main() {
    let pool: Pool<String, 4> = Pool::new();
    let mut guard = pool.get(Id::from_bits(16).unwrap()).unwrap();
    guard.push('x');
    let moved: String = *guard;
    drop(moved);
}
