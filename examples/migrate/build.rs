//! Links the program for its board, with the arguments that `targets` hands out.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let arguments = env::var("DEP_TARGETS_LINK_ARGS").expect("the package depends on `targets`");
    for argument in arguments.split('\x1f').filter(|word| !word.is_empty()) {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
}
