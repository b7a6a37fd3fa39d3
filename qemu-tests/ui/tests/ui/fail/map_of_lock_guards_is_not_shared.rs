//! A shared map drops in one thread what another put in: `V` must be `Send`.
use arenamap::Map;
use std::sync::MutexGuard;

fn share<T: Sync>() {}

fn main() {
    share::<Map<u32, MutexGuard<'static, u32>, 4>>();
}
