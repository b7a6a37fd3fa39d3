//! What comes back in an error is what went in.
use arenamap::{Full, Ref, TryInsertError};
use std::cell::Cell;
use std::rc::Rc;

fn send<T: Send>() {}

fn main() {
    send::<Full<(u32, Rc<u32>)>>();
    send::<TryInsertError<u32, u32, Ref<'static, u32, Cell<u32>>>>();
}
