//! What changes the entry of a key, by a closure.

use super::{Map, Ref, Spot};
use crate::backoff::Backoff;
use crate::compute::{Compute, Computed};
use crate::error::Full;
use core::hash::{BuildHasher, Hash};
use equivalent::Equivalent;
use tagged_arena::cells::Want;
use tagged_arena::word::Class;

impl<K: Eq + Hash, V, const N: usize, const EXTRA: usize, S: BuildHasher> Map<K, V, N, EXTRA, S> {
    /// Replaces the key's value by `change` of it, in one step: the key is never absent, and no other
    /// change is lost in between. Returns the entry replaced, still readable; `None` if the key is not
    /// there.
    ///
    /// `change` is called again if another writer was quicker, at this entry or elsewhere in its bucket. So
    /// it must not itself change this map each time: that may never end. The key is cloned into the new
    /// entry. For a value that is updated often, an atomic in the map and a guard (`map.get(&key)` and
    /// `fetch_add`) costs less than half. Lock-free. Complexity, when full, interrupts: as
    /// [`insert`](Self::insert), which replaces, too. Panics: as [`get`](Self::get) or
    /// [`insert`](Self::insert), or if `change`, `K`'s `Clone`, or the drop of a key or value that was not
    /// put in does.
    ///
    /// # Errors
    /// [`Full`] if every spare cell is in use; nothing has changed then.
    ///
    /// ```
    /// # use arenamap::Map;
    /// let names: Map<u16, String, 8> = Map::new();
    /// names.insert(5, "five".to_string())?;
    /// let old = names.update(&5, |name| name.to_uppercase()).expect("there is a spare cell");
    /// assert_eq!(old.as_deref().map(String::as_str), Some("five"));
    /// assert_eq!(*names.get(&5).expect("it is there"), "FIVE");
    /// assert!(names.update(&6, String::clone).is_ok_and(|old| old.is_none()));
    /// # Ok::<(), arenamap::Full<(u16, String)>>(())
    /// ```
    pub fn update<Q: Hash + Equivalent<K> + ?Sized>(
        &self,
        key: &Q,
        mut change: impl FnMut(&V) -> V,
    ) -> Result<Option<Ref<'_, K, V>>, Full<()>>
    where
        K: Clone,
    {
        let spot = self.spot(key);
        match self.locate_fast(spot, key) {
            Some((bucket, bit, Some(old))) => {
                if let Some(seat) = self.claim_seat(&bucket) {
                    let (key, value) = old.pair();
                    let pair = (key.clone(), change(value));
                    if self.put_seat(spot, &bucket, bit, seat, pair).is_ok() {
                        return Ok(Some(self.taken_seat(old)));
                    }
                }
            }
            Some((bucket, _, None)) if bucket.unchanged() => return Ok(None),
            _ => {}
        }
        self.update_slow(spot, key, change)
    }

    #[inline(never)]
    fn update_slow<Q: Equivalent<K> + ?Sized>(
        &self,
        spot: Spot,
        key: &Q,
        mut change: impl FnMut(&V) -> V,
    ) -> Result<Option<Ref<'_, K, V>>, Full<()>>
    where
        K: Clone,
    {
        let mut unused = None;
        let mut backoff = Backoff::new();
        loop {
            let (bucket, Some(old)) = self.locate(spot, key) else {
                return Ok(None);
            };
            let Some(owned) = self.claim(unused.take(), &bucket, Want::Any) else {
                if self.unchanged(&bucket, Some(&old)) {
                    return Err(Full(()));
                }
                continue;
            };
            let class = owned.claim().class;
            let pair = (old.pair().0.clone(), change(&old.pair().1));
            match self.put(spot, &bucket, Some(&old), owned, pair, false) {
                Ok(_) => return Ok(Some(self.taken(&bucket, old, class))),
                Err((_, owned)) => unused = Some(owned),
            }
            backoff.lost();
        }
    }

    /// Inserts what `init` makes if the key is not there; else replaces its entry, with `change` of its
    /// value. One step either way: of changes by several contexts none is lost. Returns the entry
    /// replaced, still readable; `None` if there was none.
    ///
    /// `init` is called at most once. `change` is called again if another writer was quicker, as in
    /// [`update`](Self::update), of which more is said there. If the key comes or goes meanwhile, both may
    /// be called; what `init` made is kept for the next try, and dropped at the end if it was not wanted.
    /// The key given replaces the one that is there. Lock-free. Complexity, when full, interrupts: as
    /// [`insert`](Self::insert). Panics: as [`insert`](Self::insert), or if a closure or the drop of a
    /// value that was not wanted does.
    ///
    /// # Errors
    /// [`Full`] with the key and the value that did not fit: that of `init`, or that of `change`.
    ///
    /// ```
    /// # use arenamap::Map;
    /// let last: Map<&str, String, 8> = Map::new();
    /// for line in ["one", "two"] {
    ///     last.upsert("log", || line.to_string(), |old| format!("{old}, {line}"))?;
    /// }
    /// assert_eq!(*last.get("log").expect("it is there"), "one, two");
    /// # Ok::<(), arenamap::Full<(&str, String)>>(())
    /// ```
    pub fn upsert(
        &self,
        key: K,
        init: impl FnOnce() -> V,
        mut change: impl FnMut(&V) -> V,
    ) -> Result<Option<Ref<'_, K, V>>, Full<(K, V)>> {
        let (mut init, mut made) = (Some(init), None);
        // Whether the last value was that of `init`.
        let mut initial = false;
        let computed = self.compute_again(key, |old, unused| {
            if initial {
                made = unused;
            }
            initial = old.is_none();
            if let Some(old) = old {
                return Compute::Put(change(old));
            }
            if let Some(init) = init.take() {
                made = Some(init());
            }
            made.take().map_or(Compute::Keep, Compute::Put)
        });
        // First: should one of their drops panic, the entry is still let go.
        drop((init, made));
        Ok(match computed? {
            Computed::Replaced(old) => Some(old),
            _ => None,
        })
    }

    /// Shows `decide` the key's value, `None` if it is not there, and does what it says ([`Compute`]), in
    /// one step: what it was shown is what is replaced, removed or kept. The entry comes back, still
    /// readable.
    ///
    /// `decide` is called again if another writer was quicker, at this key or elsewhere in its bucket; its
    /// last answer counts, and what it wanted to put in before is dropped. So it must not itself change this
    /// map each time: that may never end. The key given replaces the one that is there. Lock-free.
    /// Complexity, when full, interrupts: as [`insert`](Self::insert); removing and keeping take no cell.
    /// Panics: as [`insert`](Self::insert), or if `decide` or the drop of a value that was not put in does.
    ///
    /// # Errors
    /// [`Full`] with the key and the value that `decide` wanted to put in. Nothing has changed then.
    ///
    /// ```
    /// use arenamap::{Compute, Computed, Map};
    ///
    /// let jobs: Map<u16, String, 8> = Map::new();
    /// // Takes the first step off, and the job with its last one.
    /// let step = |job| {
    ///     jobs.compute(job, |steps| match steps {
    ///         Some(steps) if steps.contains(' ') => Compute::Put(steps.replacen("open ", "", 1)),
    ///         _ => Compute::Remove,
    ///     })
    /// };
    /// jobs.insert(7, "open read".to_string())?;
    /// assert!(matches!(step(7)?, Computed::Replaced(steps) if *steps == "open read"));
    /// assert!(matches!(step(7)?, Computed::Removed(steps) if *steps == "read"));
    /// assert!(matches!(step(7)?, Computed::Absent));
    /// # Ok::<(), arenamap::Full<(u16, String)>>(())
    /// ```
    pub fn compute(
        &self,
        key: K,
        mut decide: impl FnMut(Option<&V>) -> Compute<V>,
    ) -> Result<Computed<Ref<'_, K, V>>, Full<(K, V)>> {
        self.compute_again(key, |old, unused| {
            drop(unused);
            decide(old)
        })
    }

    /// The same; `decide` also gets back the value that it wanted to put in the last time.
    fn compute_again(
        &self,
        mut key: K,
        mut decide: impl FnMut(Option<&V>, Option<V>) -> Compute<V>,
    ) -> Result<Computed<Ref<'_, K, V>>, Full<(K, V)>> {
        let spot = self.spot(&key);
        let (mut back, mut unused) = (None, None);
        let mut backoff = Backoff::new();
        loop {
            let (bucket, found) = self.locate(spot, &key);
            let old = found.as_ref().map(|old| &old.pair().1);
            let decision = decide(old, back.take());
            let (value, found) = match (decision, found) {
                (Compute::Put(value), found) => (value, found),
                // The key is dropped first: should that panic, the entry is still let go.
                (Compute::Keep, Some(old)) => {
                    drop(key);
                    return Ok(Computed::Kept(old.into_ref()));
                }
                (Compute::Remove, Some(old)) => {
                    // First: it has no more cells at a time than others.
                    drop(unused.take());
                    if self.take_out(&bucket, &old) {
                        let removed = self.taken(&bucket, old, Class::Ordinary);
                        drop(key);
                        return Ok(Computed::Removed(removed));
                    }
                    drop(old);
                    backoff.lost();
                    continue;
                }
                (Compute::Keep | Compute::Remove, None) => return Ok(Computed::Absent),
            };
            let want = if found.is_some() {
                Want::Any
            } else {
                Want::Ordinary
            };
            let Some(owned) = self.claim(unused.take(), &bucket, want) else {
                if self.unchanged(&bucket, found.as_ref()) {
                    return Err(Full((key, value)));
                }
                back = Some(value);
                continue;
            };
            let class = owned.claim().class;
            match self.put(spot, &bucket, found.as_ref(), owned, (key, value), false) {
                Ok(_) => {
                    let replaced = |old| Computed::Replaced(self.taken(&bucket, old, class));
                    return Ok(found.map_or(Computed::Inserted, replaced));
                }
                Err(((same, value), owned)) => {
                    (key, back, unused) = (same, Some(value), Some(owned));
                }
            }
            backoff.lost();
        }
    }
}
