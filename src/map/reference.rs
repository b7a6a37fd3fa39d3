//! [`Ref`]: an entry of a [`Map`](crate::Map), held by a guard.

use core::fmt;
use core::ops::Deref;
use tagged_arena::guard::Guard;

/// An entry that stays readable while this guard lives, also after it was removed or replaced.
///
/// Dereferences to the value. Dropping it is one release store; where key or value have drop glue, the last
/// guard of a removed entry drops them. (What [`remove`](crate::Map::remove) and
/// [`insert`](crate::Map::insert) return owns its cell: dropping that looks at the slots, and is lock-free.)
/// Holding it costs others nothing but the entry's cell, once the entry is removed; leaking it costs that
/// cell. With more than 65,534 guards of one entry at once that cell is lost, too.
///
/// [`Ref::try_unwrap`] takes key and value of a removed entry out of its last guard. What else it can do, as
/// the guards of the standard library do it:
///
/// * **It is held once more** by [`Ref::clone`], which is no method: `guard.clone()` clones the value.
/// * `Display` shows the value; `Debug` shows key and value.
/// * **It is not compared itself**: is it the key, the value or the entry that is to be the same? Compare
///   `*one == *other`, or `one.key() == other.key()`; of an `Option<Ref>` take `as_deref()`. So there is no
///   `PartialEq`, no `Ord` and no `Hash`, and no `Borrow`, which would promise them. `Deref` does what
///   `AsRef` would do.
pub struct Ref<'a, K, V> {
    /// INVARIANT `M-LIVE`: the entry was in the map while the guard held its cell (`I-LIVE` of
    /// `tagged-arena`).
    guard: Guard<'a, (), (K, V)>,
}

impl<'a, K, V> Ref<'a, K, V> {
    /// # Safety
    /// `M-LIVE`.
    #[inline(always)]
    pub(crate) unsafe fn new(guard: Guard<'a, (), (K, V)>) -> Self {
        Self { guard }
    }

    /// Which cell it is in.
    #[inline(always)]
    pub(super) fn cell(&self) -> usize {
        self.guard.index()
    }

    #[inline(always)]
    pub(super) fn into_guard(self) -> Guard<'a, (), (K, V)> {
        self.guard
    }

    #[inline(always)]
    pub(crate) fn guard(&self) -> &Guard<'a, (), (K, V)> {
        &self.guard
    }

    #[inline(always)]
    fn pair(&self) -> &(K, V) {
        // SAFETY: M-LIVE.
        unsafe { self.guard.payload() }
    }

    /// The key. Wait-free. Panics: never.
    ///
    /// ```
    /// # use arenamap::Map;
    /// let names: Map<u16, &str, 8> = Map::new();
    /// names.insert(5, "five")?;
    /// let entry = names.get(&5).expect("it is there");
    /// assert_eq!((entry.key(), entry.value()), (&5, &"five"));
    /// # Ok::<(), arenamap::Full<(u16, &str)>>(())
    /// ```
    #[inline]
    pub fn key(&self) -> &K {
        &self.pair().0
    }

    /// The value. Wait-free. Panics: never. Example: at [`key`](Self::key).
    #[inline]
    pub fn value(&self) -> &V {
        &self.pair().1
    }

    /// The same entry, held once more: it stays readable until both are dropped. To be called as
    /// `Ref::clone(&guard)`.
    ///
    /// Counts in the entry's cell, whichever way the first guard holds it, and never fails: lock-free. With
    /// more than 65,534 guards at once the cell is lost, as the type's text says. Interrupts: yes. Panics:
    /// never.
    ///
    /// ```
    /// use arenamap::{Map, Ref};
    ///
    /// let names: Map<u16, String, 8> = Map::new();
    /// names.insert(5, "five".to_string())?;
    /// let first = names.get(&5).expect("it is there");
    /// let second = Ref::clone(&first);
    /// names.remove(&5);
    /// drop(first);
    /// assert_eq!(*second, "five");
    /// # Ok::<(), arenamap::Full<(u16, String)>>(())
    /// ```
    #[must_use = "without it the entry is held as before"]
    // As in `core::cell::Ref`: a method would hide the value's.
    #[allow(clippy::should_implement_trait)]
    pub fn clone(this: &Self) -> Self {
        let guard = this.guard.again();
        // SAFETY: M-LIVE: it holds the entry that `this` holds.
        unsafe { Self::new(guard) }
    }

    /// Takes key and value out of an entry that was removed, replaced or evicted, if this is its last guard.
    /// Its cell is free then. To be called as `Ref::try_unwrap(guard)`.
    ///
    /// Lock-free. Complexity: the hazard slots, sixteen at most. Interrupts: yes. Panics: never. For types
    /// whose values are handed on: buffers of a DMA, boxes, guards of other maps.
    ///
    /// # Errors
    /// The guard, if the entry is still in the map, or if another guard holds it. Other contexts may be in
    /// the way, too, without a guard of yours: a look-up that comes by, an insert that looks for a cell,
    /// one that is just unlinking the entry from its chain. So do not loop until it succeeds: keep the
    /// guard, or drop it. Of two guards that are tried at the same time, both may come back.
    ///
    /// Of a [`WithId`](crate::WithId) put the value in again, not the whole: see [*Entries by
    /// identifiers*](crate::Map#entries-by-identifiers).
    ///
    /// ```
    /// use arenamap::{Map, Ref};
    ///
    /// let frames: Map<u16, Box<[u8]>, 8> = Map::new();
    /// frames.insert(5, Box::new([1, 2, 3]))?;
    ///
    /// let held = frames.get(&5).expect("it is there");
    /// let held = Ref::try_unwrap(held).expect_err("it is in the map");
    /// let removed = frames.remove(&5).expect("it was there");
    /// let removed = Ref::try_unwrap(removed).expect_err("it is held");
    /// drop(held);
    /// let (key, frame): (u16, Box<[u8]>) = Ref::try_unwrap(removed).expect("it is not");
    /// assert_eq!((key, &*frame), (5, &[1, 2, 3][..]));
    /// # Ok::<(), arenamap::Full<(u16, Box<[u8]>)>>(())
    /// ```
    pub fn try_unwrap(this: Self) -> Result<(K, V), Self> {
        this.guard.try_take().map_err(|guard| Self { guard })
    }
}

impl<K, V> Deref for Ref<'_, K, V> {
    type Target = V;

    #[inline]
    fn deref(&self) -> &V {
        self.value()
    }
}

impl<K, V: fmt::Display> fmt::Display for Ref<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Ref<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Ref")
            .field(self.key())
            .field(self.value())
            .finish()
    }
}

/// A key that stays readable while this guard lives, also after its entry was removed or replaced: a
/// [`Ref`] that dereferences to the key. [`Map::keys`](crate::Map::keys) yields them.
///
/// What is said of [`Ref`] holds here of the key: [`KeyRef::clone`] holds it once more, `Display` shows it,
/// and to compare it, compare `*one == *other`.
pub struct KeyRef<'a, K, V>(Ref<'a, K, V>);

impl<'a, K, V> KeyRef<'a, K, V> {
    #[inline]
    pub(crate) fn new(entry: Ref<'a, K, V>) -> Self {
        Self(entry)
    }

    /// The same key, held once more: as [`Ref::clone`]. To be called as `KeyRef::clone(&guard)`.
    ///
    /// ```
    /// use arenamap::{KeyRef, Map};
    ///
    /// let numbers: Map<String, u32, 8> = Map::new();
    /// numbers.insert("five".to_string(), 5)?;
    /// let first = numbers.keys().next().expect("there is one");
    /// let second = KeyRef::clone(&first);
    /// numbers.remove("five");
    /// drop(first);
    /// assert_eq!(*second, "five");
    /// # Ok::<(), arenamap::Full<(String, u32)>>(())
    /// ```
    #[must_use = "without it the key is held as before"]
    // As in `core::cell::Ref`: a method would hide the value's.
    #[allow(clippy::should_implement_trait)]
    pub fn clone(this: &Self) -> Self {
        Self(Ref::clone(&this.0))
    }
}

impl<K, V> Deref for KeyRef<'_, K, V> {
    type Target = K;

    #[inline]
    fn deref(&self) -> &K {
        self.0.key()
    }
}

impl<K: fmt::Display, V> fmt::Display for KeyRef<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<K: fmt::Debug, V> fmt::Debug for KeyRef<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyRef").field(&**self).finish()
    }
}
