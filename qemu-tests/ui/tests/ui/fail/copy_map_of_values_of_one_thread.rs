//! Plain data may still be bound to its thread.
use arenamap::CopyMap;
use std::marker::PhantomData;

type Bound = PhantomData<*const u32>;

fn send<T: Send>() {}
fn share<T: Sync>() {}

fn main() {
    send::<CopyMap<u32, Bound, 4>>();
    share::<CopyMap<u32, Bound, 4>>();
    share::<CopyMap<Bound, u32, 4>>();
}
