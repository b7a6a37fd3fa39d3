//! The methods of `Map`, and what the end of a guard does.

/// A macro for the same reason as in `copy_map`.
macro_rules! map {
    ($module:ident, $name:literal, $key:ty, $value:ty, $n:expr, $extra:expr, $change:expr) => {
        mod $module {
            use arenamap::iter::Iter;
            use arenamap::{Full, Map, Ref, Stats, TryInsertError};

            type Key = $key;
            type Value = $value;
            const N: usize = $n;
            const EXTRA: usize = $extra;
            type Held = Ref<'static, Key, Value>;

            #[unsafe(export_name = $name)]
            static MAP: Map<Key, Value, N, EXTRA> = Map::new();

            #[unsafe(export_name = concat!($name, "::get"))]
            fn get(key: Key) -> Option<Held> {
                MAP.get(&key)
            }

            #[unsafe(export_name = concat!($name, "::Ref::drop"))]
            fn drop_ref(held: Held) {
                drop(held);
            }

            #[unsafe(export_name = concat!($name, "::get_copied"))]
            fn get_copied(key: Key) -> Option<Value> {
                MAP.get_copied(&key)
            }

            #[unsafe(export_name = concat!($name, "::contains_key"))]
            fn contains_key(key: Key) -> bool {
                MAP.contains_key(&key)
            }

            #[unsafe(export_name = concat!($name, "::insert"))]
            fn insert(key: Key, value: Value) -> Result<Option<Held>, Full<(Key, Value)>> {
                MAP.insert(key, value)
            }

            #[unsafe(export_name = concat!($name, "::try_insert"))]
            fn try_insert(
                key: Key,
                value: Value,
            ) -> Result<Held, TryInsertError<Key, Value, Held>> {
                MAP.try_insert(key, value)
            }

            #[unsafe(export_name = concat!($name, "::get_or_insert_with"))]
            fn get_or_insert_with(key: Key, value: Value) -> Result<Held, Full<Key>> {
                MAP.get_or_insert_with(key, || value)
            }

            #[unsafe(export_name = concat!($name, "::update"))]
            fn update(key: Key) -> Result<Option<Held>, Full<()>> {
                MAP.update(&key, $change)
            }

            #[unsafe(export_name = concat!($name, "::remove"))]
            fn remove(key: Key) -> Option<Held> {
                MAP.remove(&key)
            }

            #[unsafe(export_name = concat!($name, "::iter"))]
            fn iter() -> Iter<'static, Key, Value, N, EXTRA> {
                MAP.iter()
            }

            #[unsafe(export_name = concat!($name, "::iter::next"))]
            fn next(iter: &mut Iter<'static, Key, Value, N, EXTRA>) -> Option<Held> {
                iter.next()
            }

            #[unsafe(export_name = concat!($name, "::len"))]
            fn len() -> usize {
                MAP.len()
            }

            #[unsafe(export_name = concat!($name, "::is_full"))]
            fn is_full() -> bool {
                MAP.is_full()
            }

            #[unsafe(export_name = concat!($name, "::stats"))]
            fn stats() -> Stats {
                MAP.stats()
            }

            pub fn addresses() -> [*const (); 14] {
                [
                    get as *const (),
                    drop_ref as *const (),
                    get_copied as *const (),
                    contains_key as *const (),
                    insert as *const (),
                    try_insert as *const (),
                    get_or_insert_with as *const (),
                    update as *const (),
                    remove as *const (),
                    iter as *const (),
                    next as *const (),
                    len as *const (),
                    is_full as *const (),
                    stats as *const (),
                ]
            }
        }
    };
}
