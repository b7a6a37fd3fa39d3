//! What the map is compared with: `heapless`'s map behind a lock.

use core::hint::black_box;

/// A macro for the same reason as in `copy_map`; `$map` is how one gets at the locked map.
macro_rules! methods {
    ($name:literal, |$map:ident| $lock:ident) => {
        type Map = heapless::index_map::FnvIndexMap<u32, u32, 256>;

        #[unsafe(export_name = concat!($name, "::get"))]
        fn get(key: u32) -> Option<u32> {
            $lock(|$map| $map.get(&key).copied())
        }

        #[unsafe(export_name = concat!($name, "::contains_key"))]
        fn contains_key(key: u32) -> bool {
            $lock(|$map| $map.contains_key(&key))
        }

        #[unsafe(export_name = concat!($name, "::insert"))]
        fn insert(key: u32, value: u32) -> Result<Option<u32>, (u32, u32)> {
            $lock(|$map| $map.insert(key, value))
        }

        #[unsafe(export_name = concat!($name, "::try_insert"))]
        fn try_insert(key: u32, value: u32) -> Result<(), (u32, u32)> {
            $lock(|$map| match $map.entry(key) {
                heapless::index_map::Entry::Occupied(there) => Err((key, *there.get())),
                heapless::index_map::Entry::Vacant(place) => match place.insert(value) {
                    Ok(_) => Ok(()),
                    Err(value) => Err((key, value)),
                },
            })
        }

        #[unsafe(export_name = concat!($name, "::get_or_insert_with"))]
        fn get_or_insert_with(key: u32, value: u32) -> Result<u32, u32> {
            $lock(|$map| match $map.entry(key) {
                heapless::index_map::Entry::Occupied(there) => Ok(*there.get()),
                heapless::index_map::Entry::Vacant(place) => match place.insert(value) {
                    Ok(value) => Ok(*value),
                    Err(_) => Err(key),
                },
            })
        }

        #[unsafe(export_name = concat!($name, "::update"))]
        fn update(key: u32) -> Option<u32> {
            $lock(|$map| {
                let value = $map.get_mut(&key)?;
                let old = *value;
                *value ^= 1;
                Some(old)
            })
        }

        #[unsafe(export_name = concat!($name, "::remove"))]
        fn remove(key: u32) -> Option<u32> {
            $lock(|$map| $map.remove(&key))
        }

        #[unsafe(export_name = concat!($name, "::iter"))]
        fn iter() -> u32 {
            $lock(|$map| $map.iter().fold(0, |sum, (key, value)| sum ^ key ^ value))
        }

        #[unsafe(export_name = concat!($name, "::len"))]
        fn len() -> usize {
            $lock(|$map| $map.len())
        }

        pub fn addresses() -> [*const (); 9] {
            [
                get as *const (),
                contains_key as *const (),
                insert as *const (),
                try_insert as *const (),
                get_or_insert_with as *const (),
                update as *const (),
                remove as *const (),
                iter as *const (),
                len as *const (),
            ]
        }
    };
}

/// Interrupts are masked while the map is used.
mod masked {
    use core::cell::RefCell;
    use critical_section::Mutex;

    #[unsafe(export_name = "critical_section<FnvIndexMap>")]
    static MAP: Mutex<RefCell<Map>> = Mutex::new(RefCell::new(Map::new()));

    #[inline(always)]
    fn locked<R>(f: impl FnOnce(&mut Map) -> R) -> R {
        critical_section::with(|token| f(&mut MAP.borrow_ref_mut(token)))
    }

    methods!("critical_section<FnvIndexMap>", |map| locked);
}

/// Whoever comes second spins.
#[cfg(target_has_atomic = "ptr")]
mod spinning {
    use spin::Mutex;

    #[unsafe(export_name = "spin<FnvIndexMap>")]
    static MAP: Mutex<Map> = Mutex::new(Map::new());

    #[inline(always)]
    fn locked<R>(f: impl FnOnce(&mut Map) -> R) -> R {
        f(&mut MAP.lock())
    }

    methods!("spin<FnvIndexMap>", |map| locked);
}

pub fn keep() {
    black_box(masked::addresses());
    #[cfg(target_has_atomic = "ptr")]
    black_box(spinning::addresses());
}
