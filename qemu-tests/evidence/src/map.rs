//! The methods of `Map`, and what the end of a guard does.

use core::hint::black_box;

/// A macro for the same reason as in `copy_map`.
macro_rules! methods {
    ($module:ident, $name:literal, $key:ty, $value:ty, $change:expr) => {
        mod $module {
            use arenamap::iter::Iter;
            use arenamap::{DefaultHashBuilder, Full, Map, Ref, Stats, TryInsertError};

            type Key = $key;
            type Value = $value;
            type Held = Ref<'static, Key, Value>;

            #[unsafe(export_name = $name)]
            static MAP: Map<Key, Value, 256> = Map::new();

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
            fn iter() -> Iter<'static, Key, Value, 256, DefaultHashBuilder, 8> {
                MAP.iter()
            }

            #[unsafe(export_name = concat!($name, "::iter::next"))]
            fn next(
                iter: &mut Iter<'static, Key, Value, 256, DefaultHashBuilder, 8>,
            ) -> Option<Held> {
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

methods!(u32_u32, "Map<u32,u32>", u32, u32, |v| v ^ 1);
methods!(u32_array, "Map<u32,[u32;8]>", u32, [u32; 8], |v| {
    let mut changed = *v;
    changed[0] ^= 1;
    changed
});

pub fn keep() {
    black_box(u32_u32::addresses());
    black_box(u32_array::addresses());
}
