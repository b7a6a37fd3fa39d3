//! A [`Cache`] whose users stopped anywhere.

use super::Cache;

impl<K, V, const N: usize, const EXTRA: usize, S> Cache<K, V, N, EXTRA, S> {
    /// Brings the cache into order after its users stopped anywhere and will never go on: after a reset, if
    /// its memory keeps what is in it, or when a core was declared dead.
    ///
    /// What was in the cache is there, with its pin and its deadline, and all else is free again: the cells,
    /// as [`Map::repair`](crate::Map::repair) says, and the places that operations in progress had taken. A
    /// deadline counts from the clock of before: after a reset, pass on from where that stood, or
    /// [`renew`](Self::renew) what is to stay.
    ///
    /// Who may call it: see [`Map::repair`](crate::Map::repair). It may itself stop anywhere and be called
    /// again. Complexity: the cells. When full: no difference. Panics: only if the drop of a key or value
    /// does; the cache is in order then, too.
    ///
    /// ```
    /// # use arenamap::Cache;
    /// let mut names: Cache<u16, String, 8> = Cache::new();
    /// names.insert(5, "five".to_string())?;
    /// std::mem::forget(names.get(&5)); // its holder will never let go of it
    /// names.repair();
    /// assert_eq!(names.get(&5).as_deref().map(String::as_str), Some("five"));
    /// # Ok::<(), arenamap::Full<(u16, String)>>(())
    /// ```
    pub fn repair(&mut self) {
        let Self { map, places, .. } = self;
        map.repair_and(|map| places.restart(map.len()));
    }
}

#[cfg(all(test, not(tagged_arena_loom)))]
impl<K, V, const N: usize, const EXTRA: usize, S> Cache<K, V, N, EXTRA, S> {
    /// No place is taken but those of the entries.
    #[track_caller]
    pub(crate) fn check_places(&self) {
        assert_eq!(self.places.taken(), self.map.len());
    }

    /// What an insert leaves that stops once it has taken a place. `false`: there is none.
    pub(crate) fn lose_a_place(&self) -> bool {
        self.places.take(N).map(core::mem::forget).is_some()
    }
}
