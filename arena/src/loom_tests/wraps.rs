//! Generations of one or two bits, which wrap inside a model: `--cfg tagged_arena_tiny`, and
//! `--cfg tagged_arena_tiny="1"` beside it for one bit.
//!
//! What is promised then: a stale identifier may name a newer value, but no guard dangles, and each value is
//! dropped once.

use super::Token;
use crate::arena::{Arena, Node};
use crate::cells::{Cells, Want};
use crate::models::{model, together};
use crate::word::State;
use crate::{Id, Pool};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;
use std::boxed::Box;
use std::vec;
use std::vec::Vec;

/// After so many turns a generation has wrapped.
const TURNS: usize = 1 << Pool::<Token, 1>::GENERATION_BITS;

fn token(content: usize, drops: &Arc<AtomicUsize>) -> Token {
    let drops = drops.clone();
    Token { content, drops }
}

/// Removes the value and puts the next in, again and again; says how many it put in. A guard may keep the
/// cell.
fn turn<T>(pool: &Pool<T, 1>, mut id: Id, next: impl Fn(usize) -> T) -> usize {
    for turn in 0..TURNS {
        drop(pool.remove(id));
        match pool.insert(next(turn + 2)) {
            Ok(new) => id = new,
            // It is dropped with the refusal.
            Err(_) => return turn + 1,
        }
    }
    TURNS
}

#[test]
fn a_guard_by_a_stale_identifier_holds_what_it_found() {
    use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
    // Over all executions; loom does not see it.
    let newer = std::sync::Arc::new(AtomicBool::new(false));
    let seen = newer.clone();
    model(move || {
        let pool: Arc<Pool<usize, 1>> = Arc::new(Pool::new());
        let id = pool.insert(1).unwrap();
        let (reader, writer) = (pool.clone(), pool.clone());
        let seen = seen.clone();
        together::<()>(vec![
            Box::new(move || {
                if let Some(guard) = reader.get(id) {
                    let content = *guard;
                    assert!((1..=TURNS + 1).contains(&content), "{content}");
                    seen.fetch_or(content > 1, Relaxed);
                    thread::yield_now();
                    assert_eq!(*guard, content);
                }
            }),
            Box::new(move || {
                turn(&writer, id, |content| content);
            }),
        ]);
    });
    assert!(newer.load(Relaxed), "no generation wrapped");
}

/// The same of values that are dropped.
#[test]
fn a_guard_by_a_stale_identifier_keeps_its_value() {
    model(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let pool: Arc<Pool<Token, 1>> = Arc::new(Pool::new());
        let id = pool.insert(token(1, &drops)).ok().unwrap();
        let (reader, writer) = (pool.clone(), pool.clone());
        let counter = drops.clone();
        let made = together::<usize>(vec![
            Box::new(move || {
                if let Some(guard) = reader.get(id) {
                    let content = guard.content;
                    assert!((1..=TURNS + 1).contains(&content), "{content}");
                    thread::yield_now();
                    assert_eq!(guard.content, content);
                }
                1
            }),
            Box::new(move || turn(&writer, id, |content| token(content, &counter))),
        ]);
        drop(pool);
        assert_eq!(drops.load(Ordering::Relaxed), made.iter().sum::<usize>());
    });
}

/// Both remove by identifiers that may be stale: each value is removed by one of them.
#[test]
fn a_removal_by_a_stale_identifier_takes_one_value() {
    model(|| {
        let drops = Arc::new(AtomicUsize::new(0));
        let pool: Arc<Pool<Token, 1>> = Arc::new(Pool::new());
        let id = pool.insert(token(1, &drops)).ok().unwrap();
        let (remover, writer) = (pool.clone(), pool.clone());
        let counter = drops.clone();
        let made = together::<usize>(vec![
            Box::new(move || {
                if let Some(guard) = remover.remove(id) {
                    assert!((1..=TURNS + 1).contains(&guard.content));
                }
                1
            }),
            Box::new(move || turn(&writer, id, |content| token(content, &counter))),
        ]);
        let made = made.iter().sum::<usize>();
        assert_eq!(drops.load(Ordering::Relaxed) + pool.len(), made, "promptly");
        drop(pool);
        assert_eq!(drops.load(Ordering::Relaxed), made);
    });
}

/// An owner was stopped with a pending cell that somebody took for linked and removed; it finds the very same
/// word there again, of another owner.
#[test]
fn reach_of_another_owners_cell() {
    model(|| {
        // SAFETY: each thread owns what it claimed; the cell is retired by who marked it.
        let arena: Arc<Arena<(), Box<usize>, 1, 0>> = Arc::new(unsafe { Arena::new() });
        let (owner, other) = (arena.clone(), arena.clone());
        let work: Vec<Box<dyn FnOnce()>> = vec![
            Box::new(move || {
                let filled = owner
                    .claim(0, Want::Ordinary)
                    .unwrap()
                    .fill(Box::new(1), None);
                // Its link lost a race: dropped, it is taken back, if it is still ours by its word.
                drop(filled);
            }),
            Box::new(move || {
                let layout = Cells::<Node<(), Box<usize>>, 1, 0>::LAYOUT;
                let guard = other.hold(0);
                if !guard.own().is_pending() {
                    return;
                }
                // SAFETY: it is held, and pending.
                let live = unsafe { guard.cell().own.commit(layout) };
                if !live.is(State::Live) {
                    return;
                }
                let sealed = layout.bump(live).with_state(State::Sealed);
                // SAFETY: it is live, and retired below.
                if !unsafe { guard.cell().own.seal(live, sealed) } {
                    return;
                }
                drop(guard);
                // SAFETY: sealed above.
                unsafe { other.retire(0, sealed) };
                if let Some(owned) = other.claim(0, Want::Ordinary) {
                    let _ = owned.fill(Box::new(2), None).linked();
                }
            }),
        ];
        together(work);
    });
}
