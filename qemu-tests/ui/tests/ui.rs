//! Programs that must not compile, with the compiler's words, and some that must.
//!
//! The words differ between compilers: the `.stderr` files are those of the stable toolchain that
//! `rust-toolchain.toml` names. After a change of toolchain, or of a type's definition that a message
//! quotes: `TRYBUILD=overwrite cargo test --package ui`, then read the difference. A program that
//! compiles is a failure whatever the words.

#[test]
fn what_must_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
}

#[test]
fn what_must_compile() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}
