//! Raw pointers, too.
use arenamap::Map;

fn send<T: Send>() {}

fn main() {
    send::<Map<u32, *const u32, 4>>();
    send::<Map<*mut u32, u32, 4>>();
}
