//! A [`Map`] whose users stopped anywhere.

use super::Map;
use crate::table::repair::settle;

impl<K, V, const N: usize, const EXTRA: usize, S> Map<K, V, N, EXTRA, S> {
    /// Brings the map into order after its users stopped anywhere and will never go on: after a reset, if
    /// its memory keeps what is in it, or when a core was declared dead.
    ///
    /// Nothing that was in the map is lost: each entry that a look-up would have found is there, and so is
    /// what an insert had put in before it stopped, although it never returned. Every other cell is free
    /// again: what was claimed, removed and held, or leaked with a guard. All of `capacity` and all spare
    /// cells can be used. What such cells held is dropped, exactly once, but for what a context had in its
    /// own hands when it stopped: an entry that it was just moving into its cell or out of it, dropping, or
    /// looking at whether it may drop it, is not dropped (again).
    ///
    /// The map works without this, too: stopped contexts are in nobody's way. They cost two cells each at
    /// most (in an iterator three; in an insert into a [`Cache`](crate::Cache) three or four), which this
    /// gets back.
    ///
    /// *Who may call it*: the exclusive borrow says that nobody else is at work in the map and that nobody
    /// ever goes on with an operation of it or with a guard. Of a `static` only you can know that: after a
    /// reset, before other cores and interrupts are started; or with the dead core held in reset and all
    /// others kept away. It may itself stop anywhere, by another reset, and be called again. What is in the
    /// memory must have been a map (a new one is all zero bits), what keys and values refer to must still be
    /// there, and the hasher must hash as before: a seed that is drawn at each start must be kept, too.
    ///
    /// Complexity: the cells. When full: no difference. Panics: only if the drop of a key or value does; the
    /// map is in order then, too, and the others are dropped.
    ///
    /// ```
    /// # use arenamap::Map;
    /// let mut names: Map<u16, String, 8> = Map::new();
    /// names.insert(5, "five".to_string())?;
    /// names.insert(6, "six".to_string())?;
    /// std::mem::forget(names.remove(&6)); // its owner will never let go of it
    /// assert_eq!(names.stats().removed, 1);
    /// names.repair();
    /// assert_eq!(names.stats().removed, 0);
    /// assert!(names.contains_key(&5) && !names.contains_key(&6));
    /// # Ok::<(), arenamap::Full<(u16, String)>>(())
    /// ```
    pub fn repair(&mut self) {
        self.repair_and(|_| ());
    }

    /// The same; `then` comes when the map is in order, before anything is dropped, which may panic.
    pub(crate) fn repair_and(&mut self, then: impl FnOnce(&Self)) {
        self.table.arena.forget_holds();
        settle(&mut self.table, true);
        self.table.arena.cells_mut().restart();
        then(self);
        self.table.arena.reclaim_all();
    }
}
