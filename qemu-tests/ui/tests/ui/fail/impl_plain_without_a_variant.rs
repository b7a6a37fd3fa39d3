//! Each variant has a place in the list.
use arenamap::impl_plain;

#[derive(Clone, Copy)]
enum Mode {
    Idle,
    Run,
    Stop,
}

impl_plain!(enum Mode { Idle, Run });

fn main() {}
