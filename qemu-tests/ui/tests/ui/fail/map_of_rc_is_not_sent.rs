//! `Rc` as a key or a value keeps the map in its thread.
use arenamap::Map;
use std::rc::Rc;

fn send<T: Send>() {}

fn main() {
    send::<Map<u32, Rc<u32>, 4>>();
    send::<Map<Rc<u32>, u32, 4>>();
}
