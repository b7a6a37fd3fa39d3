//! `defmt::Format` for every public type. What it shows is checked on boards (`cargo qemu test
//! defmt`): the strings are in an image's ELF, and a test program of the host has no logger. So
//! nothing here formats anything; the linker drops the code that would.

use crate::iter::{CacheDrain, CacheIter, CopyDrain, CopyIntoIter, CopyIter, CopyKeys, CopyValues};
use crate::iter::{Drain, Expire, IntoIter, Iter, IterMut, Keys, Members};
use crate::{Cache, CacheStats, Changed, Inserted, TooManyWatchers, WaitUntil, Watched, Watcher};
use crate::{Compute, Computed, CopyMap, CopySet, DefaultHashBuilder, DefaultHasher, Full};
use crate::{EntryId, KeyRef, Map, Ref, Set, Stats, TryInsertError, WithId};
#[cfg(feature = "siphash")]
use crate::{SeedError, SeededHasher, SeededState};
use std::string::String;

/// Not `Format`: what does not show it must not ask for it.
#[derive(Clone, Copy)]
struct Opaque;

impl crate::Plain for Opaque {
    type Bits = ();

    fn to_bits(self) {}

    fn from_bits((): ()) -> Option<Self> {
        Some(Self)
    }
}

const fn formats<T: defmt::Format>() {}

#[test]
fn every_public_type_can_be_logged() {
    formats::<Map<u8, &str, 4>>();
    formats::<CopyMap<u8, u16, 4>>();
    formats::<(Set<&str, 4>, CopySet<u8, 4>, Members<Opaque>)>();
    formats::<Ref<'static, u8, bool>>();
    formats::<KeyRef<'static, u8, Opaque>>();
    formats::<Iter<'static, Opaque, Opaque, 4, 8, Opaque>>();
    formats::<Keys<'static, Opaque, Opaque, 4, 8, Opaque>>();
    formats::<IterMut<'static, Opaque, Opaque, 4, 8, Opaque>>();
    formats::<Drain<'static, Opaque, Opaque, 4, 8, Opaque>>();
    formats::<IntoIter<Opaque, Opaque, 4, 8, Opaque>>();
    formats::<CopyIter<'static, Opaque, Opaque, 4, 8, Opaque>>();
    formats::<CopyKeys<'static, Opaque, Opaque, 4, 8, Opaque>>();
    formats::<CopyValues<'static, Opaque, Opaque, 4, 8, Opaque>>();
    formats::<CopyDrain<'static, Opaque, Opaque, 4, 8, Opaque>>();
    formats::<CopyIntoIter<Opaque, Opaque, 4, 8, Opaque>>();
    formats::<(Compute<u8>, Computed<u8>)>();
    formats::<TryInsertError<Opaque, Opaque, Opaque>>();
    formats::<Full<Opaque>>();
    formats::<(EntryId, WithId<u8>)>();
    formats::<(Cache<u8, &str, 4>, CacheStats)>();
    formats::<Inserted<'static, u8, u8>>();
    formats::<CacheIter<'static, Opaque, Opaque, 4, 8, Opaque>>();
    formats::<CacheDrain<'static, Opaque, Opaque, 4, 8, Opaque>>();
    formats::<Expire<'static, Opaque, Opaque, 4, 8, Opaque>>();
    formats::<(Watched<CopySet<u8, 4>, 1>, TooManyWatchers)>();
    formats::<Watcher<'static, Opaque, 1>>();
    formats::<Changed<'static, 'static, Opaque, 1>>();
    formats::<WaitUntil<'static, 'static, Opaque, 1, Opaque>>();
    #[cfg(feature = "siphash")]
    formats::<(SeedError, SeededState, SeededHasher)>();
    formats::<(Stats, DefaultHashBuilder, DefaultHasher)>();
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
