//! The methods of `CopyMap`.

/// A macro, because each function needs a name of its own for the linker and a `static` map: that
/// is how firmware uses it, and what a constant address saves belongs to the picture.
macro_rules! copy_map {
    ($module:ident, $name:literal, $key:ty, $value:ty, $n:expr, $extra:expr, $change:expr) => {
        mod $module {
            use arenamap::iter::CopyIter;
            use arenamap::{CopyMap, Full, Stats, TryInsertError};

            type Key = $key;
            type Value = $value;
            const N: usize = $n;
            const EXTRA: usize = $extra;

            #[unsafe(export_name = $name)]
            static MAP: CopyMap<Key, Value, N, EXTRA> = CopyMap::new();

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
            fn iter() -> CopyIter<'static, Key, Value, N, EXTRA> {
                MAP.iter()
            }

            #[unsafe(export_name = concat!($name, "::iter::next"))]
            fn next(iter: &mut CopyIter<'static, Key, Value, N, EXTRA>) -> Option<(Key, Value)> {
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
