//! A pool's guards borrow it, removed values', too.
use tagged_arena::{Id, Pool};

fn main() {
    let id = Id::from_bits(16).unwrap();
    let guard = {
        let pool: Pool<String, 4> = Pool::new();
        pool.get(id)
    };
    let removed = {
        let pool: Pool<String, 4> = Pool::new();
        pool.remove(id)
    };
    drop((guard, removed));
}
