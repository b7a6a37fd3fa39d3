//! The methods of `CopyMap`.

use core::hint::black_box;

/// A macro, because each function needs a name of its own for the linker and a `static` map: that
/// is how firmware uses it, and what a constant address saves belongs to the picture.
macro_rules! methods {
    ($module:ident, $name:literal, $key:ty, $value:ty, $change:expr) => {
        mod $module {
            use arenamap::iter::CopyIter;
            use arenamap::{CopyMap, DefaultHashBuilder, Full, Stats, TryInsertError};

            type Key = $key;
            type Value = $value;

            #[unsafe(export_name = $name)]
            static MAP: CopyMap<Key, Value, 256> = CopyMap::new();

            #[unsafe(export_name = concat!($name, "::get"))]
            fn get(key: Key) -> Option<Value> {
                MAP.get(&key)
            }

            #[unsafe(export_name = concat!($name, "::contains_key"))]
            fn contains_key(key: Key) -> bool {
                MAP.contains_key(&key)
            }

            #[unsafe(export_name = concat!($name, "::insert"))]
            fn insert(key: Key, value: Value) -> Result<Option<Value>, Full<(Key, Value)>> {
                MAP.insert(key, value)
            }

            #[unsafe(export_name = concat!($name, "::try_insert"))]
            fn try_insert(key: Key, value: Value) -> Result<(), TryInsertError<Key, Value, Value>> {
                MAP.try_insert(key, value)
            }

            #[unsafe(export_name = concat!($name, "::get_or_insert_with"))]
            fn get_or_insert_with(key: Key, value: Value) -> Result<Value, Full<Key>> {
                MAP.get_or_insert_with(key, || value)
            }

            #[unsafe(export_name = concat!($name, "::update"))]
            fn update(key: Key) -> Result<Option<Value>, Full<()>> {
                MAP.update(&key, $change)
            }

            #[unsafe(export_name = concat!($name, "::remove"))]
            fn remove(key: Key) -> Option<Value> {
                MAP.remove(&key)
            }

            #[unsafe(export_name = concat!($name, "::iter"))]
            fn iter() -> CopyIter<'static, Key, Value, 256, DefaultHashBuilder, 8> {
                MAP.iter()
            }

            #[unsafe(export_name = concat!($name, "::iter::next"))]
            fn next(
                iter: &mut CopyIter<'static, Key, Value, 256, DefaultHashBuilder, 8>,
            ) -> Option<(Key, Value)> {
                iter.next()
            }

            #[unsafe(export_name = concat!($name, "::len"))]
            fn len() -> usize {
                MAP.len()
            }

            #[unsafe(export_name = concat!($name, "::is_empty"))]
            fn is_empty() -> bool {
                MAP.is_empty()
            }

            #[unsafe(export_name = concat!($name, "::is_full"))]
            fn is_full() -> bool {
                MAP.is_full()
            }

            #[unsafe(export_name = concat!($name, "::stats"))]
            fn stats() -> Stats {
                MAP.stats()
            }

            pub fn addresses() -> [*const (); 13] {
                [
                    get as *const (),
                    contains_key as *const (),
                    insert as *const (),
                    try_insert as *const (),
                    get_or_insert_with as *const (),
                    update as *const (),
                    remove as *const (),
                    iter as *const (),
                    next as *const (),
                    len as *const (),
                    is_empty as *const (),
                    is_full as *const (),
                    stats as *const (),
                ]
            }
        }
    };
}

methods!(u32_u32, "CopyMap<u32,u32>", u32, u32, |v| v ^ 1);
methods!(u64_u64, "CopyMap<u64,u64>", u64, u64, |v| v ^ 1);
methods!(u32_array, "CopyMap<u32,[u32;8]>", u32, [u32; 8], |v| {
    let mut changed = *v;
    changed[0] ^= 1;
    changed
});

pub fn keep() {
    black_box(u32_u32::addresses());
    black_box(u64_u64::addresses());
    black_box(u32_array::addresses());
}
