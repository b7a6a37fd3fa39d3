//! `N = 0` is refused at compile time.
use tagged_arena::Pool;

static POOL: Pool<u32, 0> = Pool::new();

fn main() {
    POOL.len();
}
