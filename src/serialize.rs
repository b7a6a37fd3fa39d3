//! `serde`: maps and sets, written with their exact length and read with a check of it.
//!
//! Formats such as `postcard` write a map's length first. A map that others change meanwhile has none until
//! it has been gone through: so its entries are collected on the stack before any is written.
//! (`serialize_map(None)` would be refused by just those formats, and [`len`](CopyMap::len) might be another
//! number than that of the entries that follow.)

use crate::{CopyMap, CopySet, Full, KeyRef, Map, Plain, Ref, Set, Watched, WithId};
use core::array::from_fn;
use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::marker::PhantomData;
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// What an iterator over a map yielded, if that is no more than there are cells: keys that come and go
/// meanwhile may be yielded, too.
struct Collected<T, const N: usize, const EXTRA: usize> {
    main: [Option<T>; N],
    extra: [Option<T>; EXTRA],
}

impl<T, const N: usize, const EXTRA: usize> Collected<T, N, EXTRA> {
    /// Lock-free: it starts over only when so many entries were inserted meanwhile that they do not fit.
    fn new<I: Iterator<Item = T>>(iter: impl Fn() -> I) -> Self {
        loop {
            let mut entries = iter().fuse();
            let main = from_fn(|_| entries.next());
            let extra = from_fn(|_| entries.next());
            if entries.next().is_none() {
                return Self { main, extra };
            }
        }
    }

    fn iter(&self) -> impl Iterator<Item = &T> {
        self.main.iter().chain(&self.extra).flatten()
    }

    fn len(&self) -> usize {
        self.iter().count()
    }
}

/// A map of its entries, as they were when it was gone through ([`CopyMap::iter`]), with their exact number.
///
/// They are collected first: on the stack lie as many pairs as the map has cells. Lock-free until the first
/// is written; from then on nobody can disturb it. Interrupts: yes, if the stack has room and the serializer
/// may be used there.
impl<K, V, const N: usize, const EXTRA: usize, S> Serialize for CopyMap<K, V, N, EXTRA, S>
where
    K: Plain + Eq + Hash + Serialize,
    V: Plain + Serialize,
    S: BuildHasher,
{
    fn serialize<W: Serializer>(&self, serializer: W) -> Result<W::Ok, W::Error> {
        let entries: Collected<(K, V), N, EXTRA> = Collected::new(|| self.iter());
        let mut map = serializer.serialize_map(Some(entries.len()))?;
        for (key, value) in entries.iter() {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

/// A map of its entries, as they were when it was gone through ([`Map::iter`]), with their exact number.
///
/// They are collected first: on the stack lie as many guards (five words each) as the map has cells. Until
/// it is done, what is removed or replaced costs its cell. Lock-free until the first entry is written; from
/// then on nobody can disturb it. Interrupts: yes, if the stack has room and the serializer may be used
/// there.
impl<K, V, const N: usize, const EXTRA: usize, S> Serialize for Map<K, V, N, EXTRA, S>
where
    K: Eq + Hash + Serialize,
    V: Serialize,
    S: BuildHasher,
{
    fn serialize<W: Serializer>(&self, serializer: W) -> Result<W::Ok, W::Error> {
        let entries: Collected<Ref<'_, K, V>, N, EXTRA> = Collected::new(|| self.iter());
        let mut map = serializer.serialize_map(Some(entries.len()))?;
        for entry in entries.iter() {
            map.serialize_entry(entry.key(), entry.value())?;
        }
        map.end()
    }
}

/// A sequence of its members: as [`CopyMap`]'s entries.
impl<T, const N: usize, const EXTRA: usize, S> Serialize for CopySet<T, N, EXTRA, S>
where
    T: Plain + Eq + Hash + Serialize,
    S: BuildHasher,
{
    fn serialize<W: Serializer>(&self, serializer: W) -> Result<W::Ok, W::Error> {
        let members: Collected<T, N, EXTRA> = Collected::new(|| self.iter());
        let mut seq = serializer.serialize_seq(Some(members.len()))?;
        for member in members.iter() {
            seq.serialize_element(member)?;
        }
        seq.end()
    }
}

/// A sequence of its members: as [`Map`]'s entries.
impl<T, const N: usize, const EXTRA: usize, S> Serialize for Set<T, N, EXTRA, S>
where
    T: Eq + Hash + Serialize,
    S: BuildHasher,
{
    fn serialize<W: Serializer>(&self, serializer: W) -> Result<W::Ok, W::Error> {
        let members: Collected<KeyRef<'_, T, ()>, N, EXTRA> = Collected::new(|| self.iter());
        let mut seq = serializer.serialize_seq(Some(members.len()))?;
        for member in members.iter() {
            seq.serialize_element(&**member)?;
        }
        seq.end()
    }
}

/// As the map or set in it.
impl<M: Serialize, const WATCHERS: usize> Serialize for Watched<M, WATCHERS> {
    fn serialize<W: Serializer>(&self, serializer: W) -> Result<W::Ok, W::Error> {
        self.map.serialize(serializer)
    }
}

/// As the value.
impl<V: Serialize> Serialize for WithId<V> {
    fn serialize<W: Serializer>(&self, serializer: W) -> Result<W::Ok, W::Error> {
        (**self).serialize(serializer)
    }
}

/// The value, with a stamp of its own: identifiers from before name nothing.
impl<'de, V: Deserialize<'de>> Deserialize<'de> for WithId<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        V::deserialize(deserializer).map(Self::new)
    }
}

/// Puts what it reads into the map or set: as that, and tells the watchers once, at the end.
impl<'de, M, const WATCHERS: usize> DeserializeSeed<'de> for &Watched<M, WATCHERS>
where
    for<'a> &'a M: DeserializeSeed<'de, Value = ()>,
{
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.write(|map, changed| {
            // Also if it fails: what was read before stays.
            changed.set(true);
            map.deserialize(deserializer)
        })
    }
}

/// Puts what it reads into a map or a set.
struct Filling<'a, M, T> {
    to: &'a M,
    read: PhantomData<T>,
}

impl<'a, M, T> Filling<'a, M, T> {
    fn new(to: &'a M) -> Self {
        Self {
            to,
            read: PhantomData,
        }
    }
}

/// What would have fitted.
struct AtMost(usize, &'static str);

impl de::Expected for AtMost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {} {}", self.0, self.1)
    }
}

/// One more than `len` does not fit: there are as many, or cells are taken by what is held or in progress.
fn full<E: de::Error>(len: usize, capacity: usize, what: &'static str) -> E {
    match len < capacity {
        true => E::custom(Full(())),
        false => E::invalid_length(len + 1, &AtMost(capacity, what)),
    }
}

/// Reading, of maps or of sets.
macro_rules! reads {
    (map $map:ident, [$($bound:tt)*]) => {
        impl<'de, K, V, const N: usize, const EXTRA: usize, S> Visitor<'de>
            for Filling<'_, $map<K, V, N, EXTRA, S>, (K, V)>
        where
            K: $($bound)* Eq + Hash + Deserialize<'de>,
            V: $($bound)* Deserialize<'de>,
            S: BuildHasher,
        {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a map of at most {} entries", self.to.capacity())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
                while let Some((key, value)) = map.next_entry()? {
                    if self.to.insert(key, value).is_err() {
                        return Err(full(self.to.len(), self.to.capacity(), "entries"));
                    }
                }
                Ok(())
            }
        }

        /// Puts the entries that it reads into this map, beside those that are there: for a `static`. Of
        /// entries with one key the last stays, as in the standard library. Lock-free, but for the
        /// deserializer.
        ///
        /// # Errors
        /// Those of the deserializer, and one that says so if an entry does not fit (an invalid length, if
        /// the entries alone are as many as may be). What was read before stays.
        impl<'de, K, V, const N: usize, const EXTRA: usize, S> DeserializeSeed<'de>
            for &$map<K, V, N, EXTRA, S>
        where
            K: $($bound)* Eq + Hash + Deserialize<'de>,
            V: $($bound)* Deserialize<'de>,
            S: BuildHasher,
        {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                deserializer.deserialize_map(Filling::new(self))
            }
        }

        /// A map of the entries that it reads: of those with one key the last, as in the standard library.
        ///
        /// # Errors
        /// Those of the deserializer, and an invalid length if there are more keys than the capacity; with
        /// `EXTRA = 0` also if a key comes again when the map is full, for then it has no cell to replace it.
        impl<'de, K, V, const N: usize, const EXTRA: usize, S> Deserialize<'de>
            for $map<K, V, N, EXTRA, S>
        where
            K: $($bound)* Eq + Hash + Deserialize<'de>,
            V: $($bound)* Deserialize<'de>,
            S: BuildHasher + Default,
        {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let map = Self::default();
                map.deserialize(deserializer)?;
                Ok(map)
            }
        }
    };
    (set $set:ident, [$($bound:tt)*]) => {
        impl<'de, T, const N: usize, const EXTRA: usize, S> Visitor<'de>
            for Filling<'_, $set<T, N, EXTRA, S>, T>
        where
            T: $($bound)* Eq + Hash + Deserialize<'de>,
            S: BuildHasher,
        {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a sequence of at most {} members", self.to.capacity())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
                while let Some(member) = seq.next_element()? {
                    if self.to.insert(member).is_err() {
                        return Err(full(self.to.len(), self.to.capacity(), "members"));
                    }
                }
                Ok(())
            }
        }

        /// Adds the members that it reads to this set: for a `static`. Lock-free, but for the deserializer.
        ///
        /// # Errors
        /// Those of the deserializer, and one that says so if a member does not fit (an invalid length, if
        /// the members alone are as many as may be). What was read before stays.
        impl<'de, T, const N: usize, const EXTRA: usize, S> DeserializeSeed<'de>
            for &$set<T, N, EXTRA, S>
        where
            T: $($bound)* Eq + Hash + Deserialize<'de>,
            S: BuildHasher,
        {
            type Value = ();

            fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
                deserializer.deserialize_seq(Filling::new(self))
            }
        }

        /// A set of the members that it reads. One that comes twice is no error, as in the standard library.
        ///
        /// # Errors
        /// Those of the deserializer, and an invalid length if there are more members than the capacity.
        impl<'de, T, const N: usize, const EXTRA: usize, S> Deserialize<'de>
            for $set<T, N, EXTRA, S>
        where
            T: $($bound)* Eq + Hash + Deserialize<'de>,
            S: BuildHasher + Default,
        {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let set = Self::default();
                set.deserialize(deserializer)?;
                Ok(set)
            }
        }
    };
}

reads!(map CopyMap, [Plain +]);
reads!(map Map, []);
reads!(set CopySet, [Plain +]);
reads!(set Set, []);
