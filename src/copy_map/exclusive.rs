//! What an exclusive borrow of a [`CopyMap`] allows.

use super::CopyMap;
use super::entry::CopyTable;
use crate::DefaultHashBuilder;
use crate::table::exclusive::pop;
use core::iter::FusedIterator;
use tagged_arena::cells::Claim;
use tagged_arena::plain::Plain;
use tagged_arena::word::Class;

impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize> CopyTable<K, V, N, EXTRA> {
    /// Takes an entry out, from bucket `group` on, and shows `read` its cell.
    fn pop<R>(&mut self, group: &mut usize, read: impl FnOnce(&Self, usize) -> R) -> Option<R> {
        let index = pop(self, group)?;
        let entry = read(self, index);
        let class = Class::Ordinary;
        // SAFETY: the entry was taken out.
        unsafe { self.cells.free(Claim { index, class }) };
        Some(entry)
    }
}

impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize> CopyTable<K, V, N, EXTRA> {
    fn pop_entry(&mut self, group: &mut usize) -> Option<(K, V)> {
        loop {
            let (key, value) = self.pop(group, |table, index| {
                let node = table.node(index);
                (node.key.load(), node.load_value().0)
            })?;
            if let (Some(key), Some(value)) = (K::from_bits(key), V::from_bits(value)) {
                return Some((key, value));
            }
        }
    }
}

impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize, S> CopyMap<K, V, N, EXTRA, S> {
    /// Empties the map and yields what was in it. What the iterator has not yielded when it is dropped is
    /// removed then; should it be leaked, that stays in the map.
    ///
    /// Complexity: the cells. Panics: never.
    ///
    /// ```
    /// # use arenamap::CopyMap;
    /// let mut map: CopyMap<u16, u32, 8> = CopyMap::new();
    /// map.insert(1, 10)?;
    /// assert!(map.drain().eq([(1, 10)]));
    /// assert!(map.is_empty());
    /// # Ok::<(), arenamap::Full<(u16, u32)>>(())
    /// ```
    pub fn drain(&mut self) -> CopyDrain<'_, K, V, N, EXTRA, S> {
        CopyDrain {
            map: self,
            group: 0,
        }
    }
}

/// Empties a [`CopyMap`]: see [`CopyMap::drain`].
pub struct CopyDrain<
    'a,
    K: Plain,
    V: Plain,
    const N: usize,
    const EXTRA: usize = 8,
    S = DefaultHashBuilder,
> {
    map: &'a mut CopyMap<K, V, N, EXTRA, S>,
    group: usize,
}

impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize, S> Iterator
    for CopyDrain<'_, K, V, N, EXTRA, S>
{
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        self.map.table.pop_entry(&mut self.group)
    }
}

impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize, S> FusedIterator
    for CopyDrain<'_, K, V, N, EXTRA, S>
{
}

impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize, S> Drop
    for CopyDrain<'_, K, V, N, EXTRA, S>
{
    fn drop(&mut self) {
        while self.map.table.pop(&mut self.group, |_, _| ()).is_some() {}
    }
}

/// Iterates over what was in a [`CopyMap`]: made by its `into_iter`.
pub struct CopyIntoIter<
    K: Plain,
    V: Plain,
    const N: usize,
    const EXTRA: usize = 8,
    S = DefaultHashBuilder,
> {
    map: CopyMap<K, V, N, EXTRA, S>,
    group: usize,
}

impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize, S> Iterator
    for CopyIntoIter<K, V, N, EXTRA, S>
{
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        self.map.table.pop_entry(&mut self.group)
    }
}

impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize, S> FusedIterator
    for CopyIntoIter<K, V, N, EXTRA, S>
{
}

impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize, S> IntoIterator
    for CopyMap<K, V, N, EXTRA, S>
{
    type Item = (K, V);
    type IntoIter = CopyIntoIter<K, V, N, EXTRA, S>;

    fn into_iter(self) -> Self::IntoIter {
        CopyIntoIter {
            map: self,
            group: 0,
        }
    }
}
