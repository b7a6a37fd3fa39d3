//! A shared map hands out `&V` in every thread: `V` must be `Sync`.
use arenamap::Map;
use std::cell::{Cell, RefCell};

fn share<T: Sync>() {}

fn main() {
    share::<Map<u32, Cell<u32>, 4>>();
    share::<Map<RefCell<u32>, u32, 4>>();
}
