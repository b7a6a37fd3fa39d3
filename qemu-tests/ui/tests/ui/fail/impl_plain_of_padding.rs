//! Padding has no bytes that could be stored.
use arenamap::impl_plain;

#[derive(Clone, Copy)]
#[repr(C)]
struct Padded {
    small: u8,
    large: u64,
}

impl_plain!(Padded);

fn main() {}
