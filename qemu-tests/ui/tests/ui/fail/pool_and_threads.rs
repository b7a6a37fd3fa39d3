//! The pool's bounds are the map's.
use std::cell::Cell;
use std::rc::Rc;
use std::sync::MutexGuard;
use tagged_arena::{Pool, PoolGuard};

fn send<T: Send>() {}
fn share<T: Sync>() {}

fn main() {
    send::<Pool<Rc<u32>, 4>>();
    share::<Pool<Cell<u32>, 4>>();
    share::<Pool<MutexGuard<'static, u32>, 4>>();
    send::<PoolGuard<'static, Cell<u32>>>();
    send::<PoolGuard<'static, MutexGuard<'static, u32>>>();
    share::<PoolGuard<'static, Cell<u32>>>();
}
