//! The hasher is used by every thread.
use arenamap::{CopyMap, Map};
use std::cell::Cell;
use std::hash::RandomState;
use std::rc::Rc;

fn share<T: Sync>() {}
fn send<T: Send>() {}

fn main() {
    share::<Map<u32, u32, 4, 8, Cell<RandomState>>>();
    share::<CopyMap<u32, u32, 4, 8, Cell<RandomState>>>();
    send::<Map<u32, u32, 4, 8, Rc<RandomState>>>();
    send::<CopyMap<u32, u32, 4, 8, Rc<RandomState>>>();
}
