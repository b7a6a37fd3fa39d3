//! Models of guards that give out what they hold.

use super::{Arc, AtomicUsize, Ordering, Token, model, thread, together};
use crate::{Pool, PoolGuard};
use std::boxed::Box;
use std::vec;

/// Whether it was the last guard: then the value is ours, and whatever others did with it is behind us.
fn unwrapped(guard: PoolGuard<'_, Token>) -> bool {
    match PoolGuard::try_unwrap(guard) {
        Ok(mut token) => {
            assert_eq!(token.content, 1);
            token.content = 7;
            true
        }
        Err(guard) => {
            assert_eq!(guard.content, 1);
            thread::yield_now();
            assert_eq!(guard.content, 1);
            false
        }
    }
}

/// Of two guards at most one gives the value out; its cell is used again at once, and by count or by slot the
/// other one keeps it.
fn two_guards(guard: fn(&Pool<Token, 1>, PoolGuard<'_, Token>) -> bool) {
    model(move || {
        let drops = Arc::new(AtomicUsize::new(0));
        let token = |content| {
            let drops = drops.clone();
            Token { content, drops }
        };
        let pool: Arc<Pool<Token, 1>> = Arc::new(Pool::new());
        let id = pool.insert(token(1)).unwrap();
        let (reader, remover) = (pool.clone(), pool.clone());
        let second = token(2);
        let work: vec::Vec<Box<dyn FnOnce() -> bool>> = vec![
            Box::new(move || reader.get(id).is_some_and(|held| guard(&reader, held))),
            Box::new(move || {
                let taken = unwrapped(remover.remove(id).unwrap());
                if let Ok(id) = remover.insert(second) {
                    assert_eq!(remover.get(id).unwrap().content, 2);
                }
                taken
            }),
        ];
        assert_ne!(together(work), [true, true], "it is there once");
        drop(pool);
        let drops = drops.load(Ordering::Relaxed);
        assert_eq!(drops, 2, "each dropped exactly once");
    });
}

#[test]
fn a_value_is_taken_out_of_one_of_two_guards() {
    two_guards(|_, held| unwrapped(held));
}

#[test]
fn a_value_is_taken_out_beside_a_guard_that_ends() {
    two_guards(|_, held| {
        assert_eq!(held.content, 1);
        false
    });
}

#[test]
fn a_value_is_taken_out_of_one_that_is_counted() {
    two_guards(|_, held| {
        let counted = PoolGuard::clone(&held);
        drop(held);
        unwrapped(counted)
    });
}
