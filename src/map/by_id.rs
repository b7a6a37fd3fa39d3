//! Entries by their identifiers.

use super::{Map, Ref};
use crate::error::Full;
use crate::handle::{EntryId, WithId};
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;

impl<K, V> Ref<'_, K, WithId<V>> {
    /// The entry's identifier. Of an entry that was removed it is the one that it had: it names nothing now.
    ///
    /// Of a map with more than 2^24 - 1 cells it is of no use: two entries may have the same.
    ///
    /// Wait-free. Interrupts: yes. Panics: never.
    ///
    /// ```
    /// # use arenamap::{Map, WithId};
    /// let names: Map<u16, WithId<&str>, 8> = Map::new();
    /// let name = names.try_insert(5, "five".into()).expect("new, and there is room");
    /// let id = name.id();
    /// assert_eq!(names.entry_id(&5), Some(id));
    /// names.remove(&5);
    /// assert!(name.id() == id && names.get_by_id(id).is_none());
    /// ```
    pub fn id(&self) -> EntryId {
        EntryId::new(self.cell(), self.value().stamp())
    }
}

/// # Entries by identifiers
///
/// With values of type [`WithId`] an entry can be named by an [`EntryId`], a number that outlives it. An
/// entry is what one insert or replacement put in: **a replacement is another entry**, so the identifier of
/// the one replaced is stale from then on, although the key is still there. A value that is changed where
/// it is, by an atomic in it or by [`get_mut`](Self::get_mut), keeps its entry. But change the value *in*
/// the [`WithId`], `**map.get_mut(&key)? = new`: to assign or swap a whole `WithId` moves its stamp, too,
/// and the entry's identifier is stale.
///
/// An identifier is tied to its map by its stamp: of two maps with values `WithId`, neither knows those of
/// the other. What moves a value takes it into another entry, too: out of the map by `drain` or
/// [`Ref::try_unwrap`](crate::Ref::try_unwrap) and in again, it is named by its old identifier only if it
/// comes to the very cell where it was. Put in a new `WithId` with what is in the old one.
///
/// Stamps are counted from the start of the program. After a reset, in a map whose memory keeps what is in
/// it, those from before are given again. So an identifier of an entry from before must not be used,
/// neither one that was kept nor one that was asked for afterwards: take such entries out (by `drain`) and
/// put them in anew, each with a new [`WithId`].
///
/// Stamps are of 40 bits on 64-bit targets and of 32 bits on 32-bit ones. Once 2^38 values (2^32) were made
/// they begin to repeat, and a stale identifier that was kept so long names another entry if, just when it
/// is used, the entry in its cell was made a multiple of so many values after its own. That entry is then
/// returned or removed; memory safety does not rest on it. A map with more than 2^24 - 1 cells does not
/// compile with these methods.
impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher>
    Map<K, WithId<V>, N, EXTRA, S>
{
    const CELLS: () = assert!(
        N + EXTRA <= EntryId::MOST_CELLS,
        "too many cells for identifiers: N + EXTRA may be 16,777,215 at most"
    );

    /// The identifier of the key's entry.
    ///
    /// As [`get`](Self::get), in progress, complexity, interrupts and panics. The entry may be gone when the
    /// caller has its identifier; an entry that is held by a [`Ref`] has [`Ref::id`].
    ///
    /// ```
    /// # use arenamap::{Map, WithId};
    /// let names: Map<u16, WithId<&str>, 8> = Map::new();
    /// names.insert(5, "five".into())?;
    /// let id = names.entry_id(&5).expect("it is there");
    /// assert_eq!(names.get_by_id(id).map(|name| **name), Some("five"));
    /// assert_eq!(names.entry_id(&6), None);
    /// # Ok::<(), arenamap::Full<(u16, WithId<&str>)>>(())
    /// ```
    pub fn entry_id<Q: Hash + Equivalent<K> + ?Sized>(&self, key: &Q) -> Option<EntryId> {
        let () = Self::CELLS;
        self.get(key).map(|entry| entry.id())
    }

    /// Inserts an entry, or replaces the key's entry in one step, and returns the new entry's identifier and
    /// the entry replaced, still readable. As [`insert`](Self::insert), of which more is said there.
    ///
    /// Of an entry that is not to replace another, [`try_insert`](Self::try_insert) gives a [`Ref`], and so
    /// its identifier.
    ///
    /// # Errors
    /// [`Full`] with key and value.
    ///
    /// ```
    /// # use arenamap::{Map, WithId};
    /// let names: Map<u16, WithId<&str>, 8> = Map::new();
    /// let (first, none) = names.insert_with_id(5, "fifth")?;
    /// let (second, old) = names.insert_with_id(5, "five")?;
    /// assert!(none.is_none() && old.is_some_and(|old| old.id() == first));
    /// assert!(names.get_by_id(first).is_none());
    /// assert_eq!(names.get_by_id(second).map(|name| **name), Some("five"));
    /// # Ok::<(), arenamap::Full<(u16, &str)>>(())
    /// ```
    pub fn insert_with_id(
        &self,
        key: K,
        value: V,
    ) -> Result<(EntryId, Option<Ref<'_, K, WithId<V>>>), Full<(K, V)>> {
        let () = Self::CELLS;
        let value = WithId::new(value);
        let stamp = value.stamp();
        match self.insert_told(key, value) {
            Ok((index, old)) => Ok((EntryId::new(index, stamp), old)),
            Err(Full((key, value))) => Err(Full((key, value.into_inner()))),
        }
    }

    /// The entry that `id` names, held by a guard; `None` if it is in the map no more.
    ///
    /// Looks at one cell and at one or two buckets' words: no key is compared, and none is hashed unless
    /// the entry is in a chain, was at its head, and a removal or replacement of it is in progress, was
    /// interrupted, or has failed. Linearizes where the word is read that says that the entry is there, or
    /// where it is found to be gone. Wait-free while a hazard slot is free, else lock-free; so it is where
    /// it hashes, too, and looks along the chain. Interrupts: yes. Panics: as [`get`](Self::get).
    ///
    /// ```
    /// # use arenamap::{Map, WithId};
    /// let names: Map<u16, WithId<&str>, 8> = Map::new();
    /// let (id, _) = names.insert_with_id(5, "five")?;
    /// let name = names.get_by_id(id).expect("it is there");
    /// assert_eq!((*name.key(), **name), (5, "five"));
    /// # drop(name);
    /// # Ok::<(), arenamap::Full<(u16, &str)>>(())
    /// ```
    pub fn get_by_id(&self, id: EntryId) -> Option<Ref<'_, K, WithId<V>>> {
        let () = Self::CELLS;
        let index = id.index().filter(|&index| index < N + EXTRA)?;
        self.held_at(index).filter(|entry| entry.id() == id)
    }

    /// Removes the entry that `id` names, and no other, and returns it, still readable; `None` if it is in
    /// the map no more. Of several that remove one entry, by its identifier or by its key, one gets it.
    ///
    /// Finds it as [`get_by_id`](Self::get_by_id) does; where it is in a chain its key is hashed. Linearizes
    /// as [`remove`](Self::remove). Lock-free. Complexity: constant, and for an entry in a chain that chain.
    /// Interrupts: yes. Panics: as [`get`](Self::get).
    ///
    /// ```
    /// # use arenamap::{Map, WithId};
    /// let names: Map<u16, WithId<&str>, 8> = Map::new();
    /// let (id, _) = names.insert_with_id(5, "five")?;
    /// assert_eq!(names.remove_by_id(id).map(|name| **name), Some("five"));
    /// assert!(names.remove_by_id(id).is_none() && !names.contains_key(&5));
    /// # Ok::<(), arenamap::Full<(u16, &str)>>(())
    /// ```
    pub fn remove_by_id(&self, id: EntryId) -> Option<Ref<'_, K, WithId<V>>> {
        let entry = self.get_by_id(id)?;
        self.remove_held(entry)
    }
}
