//! Through a pool of shorter-lived values one could put them in a pool of `'static` ones.
use tagged_arena::Pool;

fn shorten<'m, 'short>(
    pool: &'m Pool<&'static str, 4>,
    _: &'short str,
) -> &'m Pool<&'short str, 4> {
    pool
}

fn main() {
    let pool = Pool::new();
    shorten(&pool, "").len();
}
