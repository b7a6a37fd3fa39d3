//! The pool as its documentation shows it.
use tagged_arena::{Full, Id, Pool, PoolGuard};

static POOL: Pool<String, 2> = Pool::new();

fn read(id: Id) -> Option<PoolGuard<'static, String>> {
    POOL.get(id)
}

fn main() -> Result<(), Full<String>> {
    let id = POOL.insert("a".into())?;
    let guard = read(id);
    std::thread::spawn(move || POOL.remove(id).is_some()).join().unwrap();
    assert_eq!(guard.as_deref().map(String::as_str), Some("a"));
    Ok(())
}
