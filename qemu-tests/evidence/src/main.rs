//! One function for each method of each map, so that its machine code can be found by name.
//!
//! The functions do nothing but call the method. `cargo qemu asm` looks at the instructions that come
//! out, `cargo qemu size` at how many there are. The program never runs.
#![cfg_attr(target_os = "none", no_std, no_main)]

mod copy_map;
#[cfg(target_os = "none")]
mod interrupts;
mod locked;
mod map;
mod start;

/// Makes the linker keep every function: their addresses are used.
fn keep() {
    copy_map::keep();
    map::keep();
    locked::keep();
}

#[cfg(not(target_os = "none"))]
fn main() {
    keep();
    println!("never runs: `cargo qemu asm` and `cargo qemu size` look at its machine code");
}
