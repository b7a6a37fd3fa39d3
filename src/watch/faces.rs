//! The methods of the maps and sets, on [`Watched`] ones.
//!
//! A macro, because the four have different methods that are handed on in the same two ways: what reads
//! goes to the map as it is, what writes is followed by the news.

use super::{Watched, Watcher};
use crate::extend::insert_all;
use crate::iter::{CopyIter, CopyKeys, CopyValues, Iter, Keys};
use crate::{
    Compute, Computed, CopyMap, CopySet, EntryId, Equivalent, Full, KeyRef, Map, Plain, Ref, Set,
    Stats, TryInsertError, WithId,
};
use core::cell::Cell;
use core::future::Future;
use core::hash::{BuildHasher, Hash};
#[cfg(feature = "heapless")]
use heapless::Vec;

/// `reads` and `writes` list methods: type parameters, arguments, what is returned, bounds. What `writes`
/// gives to [`Watched::write`] sets a flag if it has changed the map. `extend` is how one item is put in;
/// `waits` are those of the watchers.
macro_rules! watched {
    (
        $map:ident<$($of:ident),+>, [$($bounds:tt)+],
        reads { $($(#[$only_if:meta])* $read:ident[$($read_of:tt)*]($($read_arg:ident: $read_type:ty),*)
            -> $read_out:ty $([$($read_where:tt)+])?;)+ }
        writes { $($write:ident[$($write_of:tt)*]($($arg:ident: $type:ty),*) -> $out:ty
            $([$($where:tt)+])?: $does:expr;)+ }
        extend $item:ty: $insert:expr;
        waits { $($(#[$doc:meta])+ $wait:ident($key:ident: $key_of:ident) -> $found:ty: $look:expr;)+ }
    ) => {
        impl<$($bounds)+, const N: usize, const EXTRA: usize, S: BuildHasher, const WATCHERS: usize>
            Watched<$map<$($of),+, N, EXTRA, S>, WATCHERS>
        {
            $(
                #[doc = concat!("As [`", stringify!($map), "::", stringify!($read), "`].")]
                $(#[$only_if])*
                #[inline]
                pub fn $read<$($read_of)*>(&self $(, $read_arg: $read_type)*) -> $read_out
                $(where $($read_where)+)?
                {
                    self.map.$read($($read_arg),*)
                }
            )+
            $(
                #[doc = concat!(
                    "As [`", stringify!($map), "::", stringify!($write),
                    "`]; a change wakes the watchers."
                )]
                #[inline]
                pub fn $write<$($write_of)*>(&self $(, $arg: $type)*) -> $out
                $(where $($where)+)?
                {
                    self.write($does)
                }
            )+

            #[doc = concat!("As [`", stringify!($map), "::try_extend`]; each change wakes the watchers.")]
            pub fn try_extend<I: IntoIterator<Item = $item>>(
                &self,
                items: I,
            ) -> Result<(), Full<($item, I::IntoIter)>> {
                insert_all(items.into_iter(), |item| ($insert)(self, item))
            }
        }

        impl<'a, $($bounds)+, const N: usize, const EXTRA: usize, S: BuildHasher, const WATCHERS: usize>
            Watcher<'a, $map<$($of),+, N, EXTRA, S>, WATCHERS>
        {
            $(
                $(#[$doc])+
                ///
                /// Progress, complexity, interrupts, cancellation: as of [`wait_until`](Self::wait_until),
                /// for a look-up. Panics: if `Q`'s `Hash` or `equivalent` does, too.
                pub fn $wait<Q: Hash + Equivalent<$key_of> + ?Sized>(
                    &mut self,
                    $key: &Q,
                ) -> impl Future<Output = $found> + Unpin {
                    self.wait_until($look)
                }
            )+
        }
    };
}

watched! {
    Map<K, V>, [K: Eq + Hash, V],
    reads {
        get[Q: Hash + Equivalent<K> + ?Sized](key: &Q) -> Option<Ref<'_, K, V>>;
        get_copied[Q: Hash + Equivalent<K> + ?Sized](key: &Q) -> Option<V> [V: Copy];
        contains_key[Q: Hash + Equivalent<K> + ?Sized](key: &Q) -> bool;
        iter[]() -> Iter<'_, K, V, N, EXTRA, S>;
        keys[]() -> Keys<'_, K, V, N, EXTRA, S>;
        values[]() -> Iter<'_, K, V, N, EXTRA, S>;
        len[]() -> usize;
        is_empty[]() -> bool;
        is_full[]() -> bool;
        capacity[]() -> usize;
        cells[]() -> usize;
        stats[]() -> Stats;
        hasher[]() -> &S;
        #[cfg(feature = "heapless")]
        snapshot[const M: usize]() -> Result<Vec<Ref<'_, K, V>, M>, Full<Vec<Ref<'_, K, V>, M>>>;
    }
    writes {
        insert[](key: K, value: V) -> Result<Option<Ref<'_, K, V>>, Full<(K, V)>>:
            |map, changed| map.insert(key, value).inspect(|_| changed.set(true));
        try_insert[](key: K, value: V) -> Result<Ref<'_, K, V>, TryInsertError<K, V, Ref<'_, K, V>>>:
            |map, changed| map.try_insert(key, value).inspect(|_| changed.set(true));
        get_or_insert_with[](key: K, make: impl FnOnce() -> V) -> Result<Ref<'_, K, V>, Full<K>>:
            |map, changed| map.get_or_insert_with(key, || {
                changed.set(true);
                make()
            });
        update[Q: Hash + Equivalent<K> + ?Sized](key: &Q, change: impl FnMut(&V) -> V)
            -> Result<Option<Ref<'_, K, V>>, Full<()>> [K: Clone]:
            |map, changed| map.update(key, change).inspect(|old| changed.set(old.is_some()));
        upsert[](key: K, init: impl FnOnce() -> V, change: impl FnMut(&V) -> V)
            -> Result<Option<Ref<'_, K, V>>, Full<(K, V)>>:
            |map, changed| map.upsert(key, init, change).inspect(|_| changed.set(true));
        compute[](key: K, decide: impl FnMut(Option<&V>) -> Compute<V>)
            -> Result<Computed<Ref<'_, K, V>>, Full<(K, V)>>:
            |map, changed| map.compute(key, decide).inspect(|done| changed.set(has_changed(done)));
        remove[Q: Hash + Equivalent<K> + ?Sized](key: &Q) -> Option<Ref<'_, K, V>>:
            |map, changed| map.remove(key).inspect(|_| changed.set(true));
        remove_if[Q: Hash + Equivalent<K> + ?Sized](key: &Q, wanted: impl FnMut(&K, &V) -> bool)
            -> Option<Ref<'_, K, V>>:
            |map, changed| map.remove_if(key, wanted).inspect(|_| changed.set(true));
        retain[](wanted: impl FnMut(&K, &V) -> bool) -> ():
            |map, changed| {
                let mut wanted = wanted;
                map.retain(|key, value| wanted(key, value) || removes(changed));
            };
        clear[]() -> (): |map, changed| map.retain(|_, _| removes(changed));
    }
    extend (K, V): |watched: &Self, (key, value)| watched.insert(key, value).map(drop);
    waits {
        /// Waits until the key is in the map, and resolves with its entry. If it comes and goes before the
        /// task is polled, the task waits on.
        ///
        /// ```
        /// # use arenamap::{Map, Watched};
        /// # use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
        /// # fn poll<T>(future: impl Future<Output = T>) -> Poll<T> {
        /// #     pin!(future).poll(&mut Context::from_waker(Waker::noop()))
        /// # }
        /// let names: Watched<Map<u16, &str, 8>, 1> = Watched::new(Map::new());
        /// let mut watcher = names.watcher().expect("the first");
        /// assert!(poll(watcher.wait_for(&5)).is_pending());
        /// names.insert(5, "five").expect("there is room");
        /// assert!(matches!(poll(watcher.wait_for(&5)), Poll::Ready(name) if *name == "five"));
        /// assert!(poll(watcher.removed(&5)).is_pending());
        /// names.remove(&5);
        /// assert!(poll(watcher.removed(&5)).is_ready());
        /// ```
        wait_for(key: K) -> Ref<'a, K, V>: move |map| map.get(key);
        /// Waits until the key is not in the map. If it goes and comes back before the task is polled, the
        /// task waits on. Example: at `wait_for`.
        removed(key: K) -> (): move |map| (!map.contains_key(key)).then_some(());
    }
}

watched! {
    CopyMap<K, V>, [K: Plain + Eq + Hash, V: Plain],
    reads {
        get[Q: Hash + Equivalent<K> + ?Sized](key: &Q) -> Option<V>;
        contains_key[Q: Hash + Equivalent<K> + ?Sized](key: &Q) -> bool;
        iter[]() -> CopyIter<'_, K, V, N, EXTRA, S>;
        keys[]() -> CopyKeys<'_, K, V, N, EXTRA, S>;
        values[]() -> CopyValues<'_, K, V, N, EXTRA, S>;
        len[]() -> usize;
        is_empty[]() -> bool;
        is_full[]() -> bool;
        capacity[]() -> usize;
        cells[]() -> usize;
        stats[]() -> Stats;
        hasher[]() -> &S;
        #[cfg(feature = "heapless")]
        snapshot[const M: usize]() -> Result<Vec<(K, V), M>, Full<Vec<(K, V), M>>>;
    }
    writes {
        insert[](key: K, value: V) -> Result<Option<V>, Full<(K, V)>>:
            |map, changed| map.insert(key, value).inspect(|_| changed.set(true));
        try_insert[](key: K, value: V) -> Result<(), TryInsertError<K, V, V>>:
            |map, changed| map.try_insert(key, value).inspect(|()| changed.set(true));
        get_or_insert_with[](key: K, make: impl FnOnce() -> V) -> Result<V, Full<K>>:
            |map, changed| map.get_or_insert_with(key, || {
                changed.set(true);
                make()
            });
        update[Q: Hash + Equivalent<K> + ?Sized](key: &Q, change: impl FnMut(&V) -> V)
            -> Result<Option<V>, Full<()>>:
            |map, changed| map.update(key, change).inspect(|old| changed.set(old.is_some()));
        upsert[](key: K, init: impl FnOnce() -> V, change: impl FnMut(&V) -> V)
            -> Result<Option<V>, Full<(K, V)>>:
            |map, changed| map.upsert(key, init, change).inspect(|_| changed.set(true));
        compute[](key: K, decide: impl FnMut(Option<&V>) -> Compute<V>)
            -> Result<Computed<V>, Full<(K, V)>>:
            |map, changed| map.compute(key, decide).inspect(|done| changed.set(has_changed(done)));
        remove[Q: Hash + Equivalent<K> + ?Sized](key: &Q) -> Option<V>:
            |map, changed| map.remove(key).inspect(|_| changed.set(true));
        remove_if[Q: Hash + Equivalent<K> + ?Sized](key: &Q, wanted: impl FnMut(&K, &V) -> bool)
            -> Option<V>:
            |map, changed| map.remove_if(key, wanted).inspect(|_| changed.set(true));
        retain[](wanted: impl FnMut(&K, &V) -> bool) -> ():
            |map, changed| {
                let mut wanted = wanted;
                map.retain(|key, value| wanted(key, value) || removes(changed));
            };
        clear[]() -> (): |map, changed| map.retain(|_, _| removes(changed));
    }
    extend (K, V): |watched: &Self, (key, value)| watched.insert(key, value).map(drop);
    waits {
        /// Waits until the key is in the map, and resolves with its value. If it comes and goes before the
        /// task is polled, the task waits on.
        ///
        /// ```
        /// # use arenamap::{CopyMap, Watched};
        /// # use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
        /// # fn poll<T>(future: impl Future<Output = T>) -> Poll<T> {
        /// #     pin!(future).poll(&mut Context::from_waker(Waker::noop()))
        /// # }
        /// let levels: Watched<CopyMap<u16, u32, 8>, 1> = Watched::new(CopyMap::new());
        /// let mut watcher = levels.watcher().expect("the first");
        /// assert!(poll(watcher.wait_for(&5)).is_pending());
        /// levels.insert(5, 50).expect("there is room");
        /// assert_eq!(poll(watcher.wait_for(&5)), Poll::Ready(50));
        /// assert!(poll(watcher.removed(&5)).is_pending());
        /// levels.remove(&5);
        /// assert!(poll(watcher.removed(&5)).is_ready());
        /// ```
        wait_for(key: K) -> V: move |map| map.get(key);
        /// Waits until the key is not in the map. If it goes and comes back before the task is polled, the
        /// task waits on. Example: at `wait_for`.
        removed(key: K) -> (): move |map| (!map.contains_key(key)).then_some(());
    }
}

watched! {
    Set<T>, [T: Eq + Hash],
    reads {
        get[Q: Hash + Equivalent<T> + ?Sized](member: &Q) -> Option<KeyRef<'_, T, ()>>;
        contains[Q: Hash + Equivalent<T> + ?Sized](member: &Q) -> bool;
        iter[]() -> Keys<'_, T, (), N, EXTRA, S>;
        len[]() -> usize;
        is_empty[]() -> bool;
        is_full[]() -> bool;
        capacity[]() -> usize;
        cells[]() -> usize;
        stats[]() -> Stats;
        hasher[]() -> &S;
        #[cfg(feature = "heapless")]
        snapshot[const M: usize]() -> Result<Vec<KeyRef<'_, T, ()>, M>, Full<Vec<KeyRef<'_, T, ()>, M>>>;
    }
    writes {
        insert[](member: T) -> Result<bool, Full<T>>:
            |set, changed| set.insert(member).inspect(|&new| changed.set(new));
        remove[Q: Hash + Equivalent<T> + ?Sized](member: &Q) -> bool:
            |set, changed| set.remove(member) && !removes(changed);
        take[Q: Hash + Equivalent<T> + ?Sized](member: &Q) -> Option<KeyRef<'_, T, ()>>:
            |set, changed| set.take(member).inspect(|_| changed.set(true));
        retain[](wanted: impl FnMut(&T) -> bool) -> ():
            |set, changed| {
                let mut wanted = wanted;
                set.retain(|member| wanted(member) || removes(changed));
            };
        clear[]() -> (): |set, changed| set.retain(|_| removes(changed));
    }
    extend T: |watched: &Self, member| watched.insert(member).map(drop);
    waits {
        /// Waits until this is a member, and resolves with it. If it comes and goes before the task is
        /// polled, the task waits on.
        ///
        /// ```
        /// # use arenamap::{Set, Watched};
        /// # use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
        /// # fn poll<T>(future: impl Future<Output = T>) -> Poll<T> {
        /// #     pin!(future).poll(&mut Context::from_waker(Waker::noop()))
        /// # }
        /// let users: Watched<Set<&str, 8>, 1> = Watched::new(Set::new());
        /// let mut watcher = users.watcher().expect("the first");
        /// assert!(poll(watcher.wait_for("ada")).is_pending());
        /// users.insert("ada").expect("there is room");
        /// assert!(matches!(poll(watcher.wait_for("ada")), Poll::Ready(user) if *user == "ada"));
        /// assert!(poll(watcher.removed("ada")).is_pending());
        /// users.remove("ada");
        /// assert!(poll(watcher.removed("ada")).is_ready());
        /// ```
        wait_for(member: T) -> KeyRef<'a, T, ()>: move |set| set.get(member);
        /// Waits until this is no member. If it goes and comes back before the task is polled, the task
        /// waits on. Example: at `wait_for`.
        removed(member: T) -> (): move |set| (!set.contains(member)).then_some(());
    }
}

watched! {
    CopySet<T>, [T: Plain + Eq + Hash],
    reads {
        contains[Q: Hash + Equivalent<T> + ?Sized](member: &Q) -> bool;
        iter[]() -> CopyKeys<'_, T, (), N, EXTRA, S>;
        len[]() -> usize;
        is_empty[]() -> bool;
        is_full[]() -> bool;
        capacity[]() -> usize;
        cells[]() -> usize;
        stats[]() -> Stats;
        hasher[]() -> &S;
        #[cfg(feature = "heapless")]
        snapshot[const M: usize]() -> Result<Vec<T, M>, Full<Vec<T, M>>>;
    }
    writes {
        insert[](member: T) -> Result<bool, Full<T>>:
            |set, changed| set.insert(member).inspect(|&new| changed.set(new));
        remove[Q: Hash + Equivalent<T> + ?Sized](member: &Q) -> bool:
            |set, changed| set.remove(member) && !removes(changed);
        retain[](wanted: impl FnMut(&T) -> bool) -> ():
            |set, changed| {
                let mut wanted = wanted;
                set.retain(|member| wanted(member) || removes(changed));
            };
        clear[]() -> (): |set, changed| set.retain(|_| removes(changed));
    }
    extend T: |watched: &Self, member| watched.insert(member).map(drop);
    waits {
        /// Waits until this is a member. If it comes and goes before the task is polled, the task waits on.
        ///
        /// ```
        /// # use arenamap::{CopySet, Watched};
        /// # use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
        /// # fn poll<T>(future: impl Future<Output = T>) -> Poll<T> {
        /// #     pin!(future).poll(&mut Context::from_waker(Waker::noop()))
        /// # }
        /// let heard: Watched<CopySet<u16, 8>, 1> = Watched::new(CopySet::new());
        /// let mut watcher = heard.watcher().expect("the first");
        /// assert!(poll(watcher.wait_for(&0x120)).is_pending());
        /// heard.insert(0x120).expect("there is room");
        /// assert!(poll(watcher.wait_for(&0x120)).is_ready());
        /// assert!(poll(watcher.removed(&0x120)).is_pending());
        /// heard.remove(&0x120);
        /// assert!(poll(watcher.removed(&0x120)).is_ready());
        /// ```
        wait_for(member: T) -> (): move |set| set.contains(member).then_some(());
        /// Waits until this is no member. If it goes and comes back before the task is polled, the task
        /// waits on. Example: at `wait_for`.
        removed(member: T) -> (): move |set| (!set.contains(member)).then_some(());
    }
}

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher, const WATCHERS: usize>
    Watched<Map<K, WithId<V>, N, EXTRA, S>, WATCHERS>
{
    /// As [`Map::entry_id`].
    pub fn entry_id<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<EntryId> {
        self.map.entry_id(key)
    }

    /// As [`Map::get_by_id`].
    pub fn get_by_id(&self, id: EntryId) -> Option<Ref<'_, K, WithId<V>>> {
        self.map.get_by_id(id)
    }

    /// As [`Map::insert_with_id`]; a change wakes the watchers.
    pub fn insert_with_id(
        &self,
        key: K,
        value: V,
    ) -> Result<(EntryId, Option<Ref<'_, K, WithId<V>>>), Full<(K, V)>> {
        self.write(|map, changed| {
            let put = map.insert_with_id(key, value);
            put.inspect(|_| changed.set(true))
        })
    }

    /// As [`Map::remove_by_id`]; a change wakes the watchers.
    pub fn remove_by_id(&self, id: EntryId) -> Option<Ref<'_, K, WithId<V>>> {
        self.write(|map, changed| map.remove_by_id(id).inspect(|_| changed.set(true)))
    }
}

/// Whether what was done changed the map.
fn has_changed<R>(done: &Computed<R>) -> bool {
    !matches!(done, Computed::Kept(_) | Computed::Absent)
}

/// Takes down that something is removed; what is not kept, as `retain` asks, is.
fn removes(changed: &Cell<bool>) -> bool {
    changed.set(true);
    false
}
