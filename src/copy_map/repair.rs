//! A [`CopyMap`] whose users stopped anywhere.

use super::CopyMap;
use crate::table::repair::settle;
use tagged_arena::plain::Plain;

impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize, S> CopyMap<K, V, N, EXTRA, S> {
    /// Brings the map into order after its users stopped anywhere and will never go on: after a reset, if
    /// its memory keeps what is in it, or when a core was declared dead.
    ///
    /// Nothing that was in the map is lost: each entry that a look-up would have found is there, and so is
    /// what an insert had put in before it stopped, although it never returned. Every other cell is free
    /// again; all of `capacity` and all spare cells can be used.
    ///
    /// Of who may call it, and when, [`Map::repair`](crate::Map::repair) tells more. It may itself stop
    /// anywhere and be called again. Complexity: the cells. When full: no difference. Panics: never.
    ///
    /// ```
    /// # use arenamap::CopyMap;
    /// let mut map: CopyMap<u16, u32, 8> = CopyMap::new();
    /// map.insert(1, 10)?;
    /// map.repair();
    /// assert_eq!(map.get(&1), Some(10));
    /// # Ok::<(), arenamap::Full<(u16, u32)>>(())
    /// ```
    pub fn repair(&mut self) {
        settle(&mut self.table, false);
        self.thaw();
        self.table.cells.restart();
    }
}
