//! What an exclusive borrow of a [`Map`] allows: values are changed where they are, and moved out.
//!
//! No guard can be used then: each borrows the map. One that was leaked still costs its cell.

use super::Map;
use crate::DefaultHashBuilder;
use crate::table::exclusive::{Entries, pop};
use core::hash::{BuildHasher, Hash};
use core::iter::FusedIterator;
use equivalent::Equivalent;
use tagged_arena::cells::Claim;
use tagged_arena::exhaust::exhaust;
use tagged_arena::word::Class;

impl<K, V, const N: usize, const EXTRA: usize, S> Map<K, V, N, EXTRA, S> {
    /// Takes an entry out, from bucket `group` on.
    pub(crate) fn pop(&mut self, group: &mut usize) -> Option<(K, V)> {
        let table = &mut self.table;
        let index = pop(table, group)?;
        // SAFETY: I-FULL: the entry was in the map until now. It is ours alone (T-EXCLUSIVE), and read once:
        // its cell is free next, and no user code runs in between.
        let pair = unsafe { table.arena.payload(index).read() };
        let class = Class::Ordinary;
        // SAFETY: as above.
        unsafe { table.arena.cells().free(Claim { index, class }) };
        Some(pair)
    }
}

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Map<K, V, N, EXTRA, S> {
    /// The key's value, to be changed where it is.
    ///
    /// Complexity: as [`get`](Self::get). Panics: only if `Q`'s `Hash` or `equivalent` does.
    ///
    /// ```
    /// # use arenamap::Map;
    /// let mut names: Map<u16, String, 8> = Map::new();
    /// names.insert(5, "fi".to_string())?;
    /// names.get_mut(&5).expect("it is there").push_str("ve");
    /// assert_eq!(*names.get(&5).expect("it is there"), "five");
    /// # Ok::<(), arenamap::Full<(u16, String)>>(())
    /// ```
    pub fn get_mut<Q: Hash + Equivalent<K> + ?Sized>(&mut self, key: &Q) -> Option<&mut V> {
        let index = self.find(self.spot(key), key)?.guard.index();
        // SAFETY: I-FULL: the entry is in the map, which is exclusively ours for as long as the reference
        // lives (T-EXCLUSIVE); the guard is gone.
        let (_, value) = unsafe { &mut *self.table.arena.payload(index) };
        Some(value)
    }
}

impl<K, V, const N: usize, const EXTRA: usize, S> Map<K, V, N, EXTRA, S> {
    /// All entries, each value to be changed where it is.
    ///
    /// Complexity: the cells; and for each entry of a chain whose removal was suspended or failed, all
    /// chains. Panics: never.
    ///
    /// ```
    /// # use arenamap::Map;
    /// let mut names: Map<u16, String, 8> = Map::new();
    /// names.insert(5, "fi".to_string())?;
    /// for (_, name) in names.iter_mut() {
    ///     name.push_str("ve");
    /// }
    /// assert_eq!(*names.get(&5).expect("it is there"), "five");
    /// # Ok::<(), arenamap::Full<(u16, String)>>(())
    /// ```
    pub fn iter_mut(&mut self) -> IterMut<'_, K, V, N, EXTRA, S> {
        IterMut {
            map: self,
            entries: Entries::default(),
        }
    }

    /// Empties the map and yields what was in it. What the iterator has not yielded when it is dropped is
    /// removed and dropped then; should it be leaked, that stays in the map.
    ///
    /// Complexity: the cells. Panics: only if the drop of an entry does; the others are removed all the
    /// same.
    ///
    /// ```
    /// # use arenamap::Map;
    /// let mut names: Map<u16, String, 8> = Map::new();
    /// names.insert(5, "five".to_string())?;
    /// assert!(names.drain().eq([(5, "five".to_string())]));
    /// assert!(names.is_empty());
    /// # Ok::<(), arenamap::Full<(u16, String)>>(())
    /// ```
    pub fn drain(&mut self) -> Drain<'_, K, V, N, EXTRA, S> {
        Drain {
            map: self,
            group: 0,
        }
    }
}

/// Iterates over a [`Map`] that is exclusively borrowed: see [`Map::iter_mut`].
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct IterMut<'a, K, V, const N: usize, const EXTRA: usize = 8, S = DefaultHashBuilder> {
    /// Exclusively borrowed: shared here, for the references that were given out live on.
    map: &'a Map<K, V, N, EXTRA, S>,
    entries: Entries,
}

// SAFETY: the map is exclusively borrowed for 'a, and shared with nobody: to send the iterator is to send the
// references to its entries that it lends. It reads neither hasher nor guards.
unsafe impl<K: Send, V: Send, const N: usize, const EXTRA: usize, S> Send
    for IterMut<'_, K, V, N, EXTRA, S>
{
}

impl<'a, K, V, const N: usize, const EXTRA: usize, S> Iterator for IterMut<'a, K, V, N, EXTRA, S> {
    type Item = (&'a K, &'a mut V);

    fn next(&mut self) -> Option<Self::Item> {
        let table = &self.map.table;
        let index = self.entries.next(table)?;
        // SAFETY: I-FULL: the entry is in the map, which is exclusively ours for 'a (T-EXCLUSIVE), and its
        // cell comes once.
        let (key, value) = unsafe { &mut *table.arena.payload(index) };
        Some((key, value))
    }
}

impl<K, V, const N: usize, const EXTRA: usize, S> FusedIterator for IterMut<'_, K, V, N, EXTRA, S> {}

impl<'a, K, V, const N: usize, const EXTRA: usize, S> IntoIterator
    for &'a mut Map<K, V, N, EXTRA, S>
{
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V, N, EXTRA, S>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

/// Empties a [`Map`]: see [`Map::drain`].
pub struct Drain<'a, K, V, const N: usize, const EXTRA: usize = 8, S = DefaultHashBuilder> {
    map: &'a mut Map<K, V, N, EXTRA, S>,
    group: usize,
}

impl<K, V, const N: usize, const EXTRA: usize, S> Iterator for Drain<'_, K, V, N, EXTRA, S> {
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        self.map.pop(&mut self.group)
    }
}

impl<K, V, const N: usize, const EXTRA: usize, S> FusedIterator for Drain<'_, K, V, N, EXTRA, S> {}

impl<K, V, const N: usize, const EXTRA: usize, S> Drop for Drain<'_, K, V, N, EXTRA, S> {
    fn drop(&mut self) {
        exhaust(self);
    }
}

/// Iterates over what was in a [`Map`]: made by its `into_iter`. What it has not yielded is dropped with
/// it.
pub struct IntoIter<K, V, const N: usize, const EXTRA: usize = 8, S = DefaultHashBuilder> {
    map: Map<K, V, N, EXTRA, S>,
    group: usize,
}

impl<K, V, const N: usize, const EXTRA: usize, S> Iterator for IntoIter<K, V, N, EXTRA, S> {
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        self.map.pop(&mut self.group)
    }
}

impl<K, V, const N: usize, const EXTRA: usize, S> FusedIterator for IntoIter<K, V, N, EXTRA, S> {}

impl<K, V, const N: usize, const EXTRA: usize, S> IntoIterator for Map<K, V, N, EXTRA, S> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V, N, EXTRA, S>;

    fn into_iter(self) -> Self::IntoIter {
        IntoIter {
            map: self,
            group: 0,
        }
    }
}
