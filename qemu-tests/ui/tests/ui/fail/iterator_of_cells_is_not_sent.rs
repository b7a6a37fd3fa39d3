//! An iterator is a shared reference to the map.
use arenamap::iter::Iter;
use std::cell::Cell;

fn send<T: Send>() {}

fn main() {
    send::<Iter<'static, u32, Cell<u32>, 4>>();
}
