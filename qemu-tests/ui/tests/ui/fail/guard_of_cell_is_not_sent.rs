//! A guard is a reference to the value, and may drop it where it is dropped itself.
use arenamap::Ref;
use std::cell::Cell;
use std::sync::MutexGuard;

fn send<T: Send>() {}

fn main() {
    send::<Ref<'static, u32, Cell<u32>>>();
    send::<Ref<'static, Cell<u32>, u32>>();
    send::<Ref<'static, u32, MutexGuard<'static, u32>>>();
}
