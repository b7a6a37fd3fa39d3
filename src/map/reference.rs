//! [`Ref`]: an entry of a [`Map`](crate::Map), held by a guard.

use core::fmt;
use core::ops::Deref;
use tagged_arena::guard::Guard;

/// An entry that stays readable while this guard lives, also after it was removed or replaced.
///
/// Dereferences to the value. Dropping it is one release store; where key or value have drop glue, the last
/// guard of a removed entry drops them. (What [`remove`](crate::Map::remove) and
/// [`insert`](crate::Map::insert) return owns its cell: dropping that looks at the slots, and is lock-free.)
/// Holding it costs others nothing but the entry's cell, once the entry is removed; leaking it costs that cell.
/// With more than 65,534 guards of one entry at once that cell is lost, too.
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
    fn pair(&self) -> &(K, V) {
        // SAFETY: M-LIVE.
        unsafe { self.guard.payload() }
    }

    /// The key.
    #[inline]
    pub fn key(&self) -> &K {
        &self.pair().0
    }

    /// The value.
    #[inline]
    pub fn value(&self) -> &V {
        &self.pair().1
    }
}

impl<K, V> Deref for Ref<'_, K, V> {
    type Target = V;

    #[inline]
    fn deref(&self) -> &V {
        self.value()
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
pub struct KeyRef<'a, K, V>(Ref<'a, K, V>);

impl<'a, K, V> KeyRef<'a, K, V> {
    #[inline]
    pub(crate) fn new(entry: Ref<'a, K, V>) -> Self {
        Self(entry)
    }
}

impl<K, V> Deref for KeyRef<'_, K, V> {
    type Target = K;

    #[inline]
    fn deref(&self) -> &K {
        self.0.key()
    }
}

impl<K: fmt::Debug, V> fmt::Debug for KeyRef<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyRef").field(&**self).finish()
    }
}
