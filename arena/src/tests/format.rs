//! `defmt::Format` for every public type. What it shows is checked on boards (`cargo qemu test
//! defmt`): the strings are in an image's ELF, and a test program of the host has no logger. So
//! nothing here formats anything; the linker drops the code that would.

use crate::arena::{Arena, Node};
use crate::cell::{Cell, LinkWord, Own};
use crate::cells::{Cells, Claim, Want};
use crate::guard::Guard;
use crate::owned::{Filled, Owned, Promised, Sealed};
use crate::plain::{AtomicPlain, Packed, Raw, Tagged};
use crate::slots::{Pin, Slots};
use crate::sync::{Numbers, Padded, UnsafeCell};
use crate::word::{Class, Layout, State, Word};
use crate::{Full, Id, Pool, PoolDrain, PoolGuard, PoolIntoIter, PoolIter};
use std::string::String;

/// Not `Format`: what does not show it must not ask for it.
struct Opaque;

const fn formats<T: defmt::Format>() {}

#[test]
fn every_public_type_can_be_logged() {
    formats::<Full<Opaque>>();
    formats::<Id>();
    formats::<Pool<Opaque, 4>>();
    formats::<PoolGuard<'static, u8>>();
    formats::<PoolIter<'static, Opaque, 4>>();
    formats::<PoolDrain<'static, Opaque, 4>>();
    formats::<PoolIntoIter<Opaque, 4>>();
    formats::<Arena<(), Opaque, 4, 0>>();
    formats::<Node<u8, Opaque>>();
    formats::<Cells<u8, 4, 8>>();
    formats::<Cell<u8>>();
    formats::<(Claim, Want, LinkWord, Own)>();
    formats::<Guard<'static, Opaque, Opaque>>();
    formats::<Owned<'static, Opaque, Opaque, 4, 0>>();
    formats::<Filled<'static, Opaque, Opaque, 4, 0>>();
    formats::<Promised<'static, Opaque, Opaque, 4, 0>>();
    formats::<Sealed<'static, Opaque, Opaque, 4, 0>>();
    formats::<(AtomicPlain<u8>, Tagged<u8>)>();
    formats::<(Packed<u8, u32>, Raw<u8>)>();
    formats::<(Pin<'static>, Slots, Numbers)>();
    formats::<(Padded<u8>, UnsafeCell<Opaque>)>();
    formats::<(Class, Layout, State, Word)>();
}

/// A public type that the list above forgets fails this test.
#[test]
fn the_list_is_complete() {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    let listed = include_str!("format.rs");
    let mut found = 0;
    let mut folders = std::vec![std::path::PathBuf::from(source)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("tests") && !path.ends_with("loom_tests") {
                folders.push(path);
            } else if path.ends_with("sync/hooked.rs") {
                // Only builds that count accesses have it.
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                for name in public_types(&std::fs::read_to_string(&path).unwrap()) {
                    found += 1;
                    let shown = listed.lines().any(|line| {
                        line.contains("formats::<")
                            && line
                                .split(|c: char| !c.is_alphanumeric())
                                .any(|word| word == name)
                    });
                    assert!(shown, "{name} of {}", path.display());
                }
            }
        }
    }
    assert!(found > 1, "no public type found below {source}");
}

/// The names behind `pub struct`, `pub enum` and `pub union`.
fn public_types(source: &str) -> impl Iterator<Item = String> {
    source.lines().filter_map(|line| {
        let rest = line.trim_start().strip_prefix("pub ")?;
        let (kind, rest) = rest.split_once(' ')?;
        let is_type = ["struct", "enum", "union"].contains(&kind);
        let end = rest.find(|c: char| !c.is_alphanumeric())?;
        is_type.then(|| rest[..end].into())
    })
}
