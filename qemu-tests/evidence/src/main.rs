//! One function for each of the main methods of each map, so that its machine code can be found by name.
//!
//! The functions do nothing but call the method. `cargo qemu asm` looks at the instructions that come
//! out, `cargo qemu size` at how many there are. The program never runs.
#![cfg_attr(target_os = "none", no_std, no_main)]

mod cache;
#[macro_use]
mod copy_map;
#[cfg(target_os = "none")]
mod interrupts;
mod locked;
#[macro_use]
mod map;
mod start;

use core::hint::black_box;

copy_map!(copy_u32, "CopyMap<u32,u32>", u32, u32, 256, 8, |v| v ^ 1);
copy_map!(copy_u64, "CopyMap<u64,u64>", u64, u64, 256, 8, |v| v ^ 1);
copy_map!(
    copy_array,
    "CopyMap<u32,[u32;8]>",
    u32,
    [u32; 8],
    256,
    8,
    |v| {
        let mut changed = *v;
        changed[0] ^= 1;
        changed
    }
);
map!(map_u32, "Map<u32,u32>", u32, u32, 256, 8, |v| v ^ 1);
map!(map_array, "Map<u32,[u32;8]>", u32, [u32; 8], 256, 8, |v| {
    let mut changed = *v;
    changed[0] ^= 1;
    changed
});

/// Makes the linker keep every function: their addresses are used.
fn keep() {
    black_box(copy_u32::addresses());
    black_box(copy_u64::addresses());
    black_box(copy_array::addresses());
    black_box(map_u32::addresses());
    black_box(map_array::addresses());
    black_box(cache::addresses());
    locked::keep();
}

#[cfg(not(target_os = "none"))]
fn main() {
    keep();
    println!("never runs: `cargo qemu asm` and `cargo qemu size` look at its machine code");
}
