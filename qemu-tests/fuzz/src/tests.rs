//! The committed inputs and random ones, and the entry point of coverage-guided fuzzers: `cargo +nightly
//! bolero test --package fuzz --no-default-features --profile release -s NONE tests::sequences`.

use std::fs;

/// What `cargo bolero` calls. Without it: random inputs.
#[test]
fn sequences() {
    bolero::check!()
        .with_iterations(2000)
        .for_each(crate::run_bytes);
}

/// Every input of the corpus.
#[test]
fn corpus() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");
    let mut inputs = 0;
    for entry in fs::read_dir(folder).unwrap() {
        crate::run_bytes(&fs::read(entry.unwrap().path()).unwrap());
        inputs += 1;
    }
    assert!(inputs > 0);
}
