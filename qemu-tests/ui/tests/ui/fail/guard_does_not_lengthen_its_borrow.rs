//! A guard's lifetime is that of the borrow of the map, and cannot grow.
use arenamap::Ref;

fn lengthen<'m>(guard: Ref<'m, u32, u32>) -> Ref<'static, u32, u32> {
    guard
}

fn main() {
    let _ = lengthen;
}
