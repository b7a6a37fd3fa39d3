//! Sets: maps without values.

use crate::copy_map::{CopyDrain, CopyIntoIter, CopyKeys};
use crate::extend::{insert_all, of_array};
use crate::map::{Drain, IntoIter, Keys};
use crate::{
    CopyMap, DefaultHashBuilder, Equivalent, Full, KeyRef, Map, Plain, Stats, TryInsertError,
};
use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::iter::FusedIterator;
use tagged_arena::const_new;

/// A lock-free set of plain data: a [`CopyMap`] without values.
///
/// Members are copied in and out, and a look-up stores nothing to shared memory. Everything that is said of
/// [`CopyMap`]'s parameters, its memory and its methods holds for the set's: progress, complexity, what
/// happens when it is full, interrupts and panics.
///
/// ```
/// use arenamap::CopySet;
///
/// /// The CAN identifiers that have been heard, by interrupt handlers and tasks.
/// static HEARD: CopySet<u16, 64> = CopySet::new();
///
/// assert!(HEARD.insert(0x120)?);
/// assert!(!HEARD.insert(0x120)?); // it was there
/// assert!(HEARD.contains(&0x120) && HEARD.remove(&0x120));
/// # Ok::<(), arenamap::Full<u16>>(())
/// ```
pub struct CopySet<T: Plain, const N: usize, const EXTRA: usize = 8, S = DefaultHashBuilder>(
    CopyMap<T, (), N, EXTRA, S>,
);

/// A lock-free set of any type: a [`Map`] without values.
///
/// A look-up may hand a member out, held by a guard ([`KeyRef`]). Everything that is said of [`Map`]'s
/// parameters, its memory and its methods holds for the set's: progress, complexity, what happens when it is
/// full, interrupts and panics.
///
/// ```
/// use arenamap::Set;
///
/// let users: Set<String, 64> = Set::new();
/// assert!(users.insert("ada".to_string())?);
/// // The removed member stays readable while somebody holds it.
/// let ada = users.get("ada").expect("it is there");
/// assert!(users.remove("ada") && !users.contains("ada"));
/// assert_eq!(*ada, "ada");
/// # Ok::<(), arenamap::Full<String>>(())
/// ```
pub struct Set<T, const N: usize, const EXTRA: usize = 8, S = DefaultHashBuilder>(
    Map<T, (), N, EXTRA, S>,
);

/// What both sets have; `$held` is what members must be, `$bound` what they must be to be found, and `$shown`
/// of what is yielded is a member.
macro_rules! set {
    ($set:ident, $map:ident, [$($held:tt)*], [$($bound:tt)+], $member:ident => $shown:expr) => {
        impl<T: $($held)*, const N: usize, const EXTRA: usize> $set<T, N, EXTRA> {
            const_new! {
                /// An empty set with the default hasher: all zero bits, so that a `static` lies in `.bss`.
                ///
                /// `N = 0` does not compile. Nor does, on 32-bit targets, any operation of a set with
                /// `N + EXTRA` over 4,095.
                pub fn new() -> Self {
                    Self($map::new())
                }
            }
        }

        impl<T: $($held)*, const N: usize, const EXTRA: usize, S> $set<T, N, EXTRA, S> {
            const_new! {
                #[doc = concat!(
                    "An empty set with this hasher: see [`",
                    stringify!($map), "::with_hasher`]."
                )]
                pub fn with_hasher(hasher: S) -> Self {
                    Self($map::with_hasher(hasher))
                }
            }

            /// The hasher.
            pub const fn hasher(&self) -> &S {
                self.0.hasher()
            }

            #[doc = concat!(
                "How many members it holds before it is full: see [`",
                stringify!($map), "::capacity`]."
            )]
            pub const fn capacity(&self) -> usize {
                self.0.capacity()
            }

            #[doc = concat!("How many cells there are: see [`", stringify!($map), "::cells`].")]
            pub const fn cells(&self) -> usize {
                self.0.cells()
            }

            #[doc = concat!("How many members there are: see [`", stringify!($map), "::len`].")]
            pub fn len(&self) -> usize {
                self.0.len()
            }

            /// Whether there is no member: see [`len`](Self::len).
            pub fn is_empty(&self) -> bool {
                self.0.is_empty()
            }

            /// Whether there are as many members as the capacity promises: see [`len`](Self::len).
            pub fn is_full(&self) -> bool {
                self.0.is_full()
            }

            #[doc = concat!("A census of cells and chains: see [`", stringify!($map), "::stats`].")]
            pub fn stats(&self) -> Stats {
                self.0.stats()
            }

            #[doc = concat!(
                "Brings the set into order after its users stopped anywhere and will never go on: as [`",
                stringify!($map), "::repair`]. No member is lost."
            )]
            pub fn repair(&mut self) {
                self.0.repair();
            }
        }

        impl<T: $($bound)+, const N: usize, const EXTRA: usize, S: BuildHasher> $set<T, N, EXTRA, S> {
            /// Adds a member; whether it was not there before. What is there stays; the member given is
            /// dropped then. Of several that race to add a member, exactly one is told `true`.
            ///
            #[doc = concat!("As [`", stringify!($map), "::try_insert`].")]
            /// Panics: also if the drop of the member given does.
            ///
            /// # Errors
            /// [`Full`] with the member that does not fit. One that is there already is no error.
            ///
            /// ```
            #[doc = concat!("# use arenamap::", stringify!($set), ";")]
            #[doc = concat!(
                "let heard: ", stringify!($set), "<u16, 1> = ", stringify!($set), "::new();"
            )]
            /// assert!(heard.insert(0x120)?);
            /// assert!(!heard.insert(0x120)?); // it was there
            /// assert!(heard.insert(0x130).is_err()); // there is room for one
            /// # Ok::<(), arenamap::Full<u16>>(())
            /// ```
            pub fn insert(&self, member: T) -> Result<bool, Full<T>> {
                match self.0.try_insert(member, ()) {
                    Ok(_) => Ok(true),
                    Err(TryInsertError::Occupied { .. }) => Ok(false),
                    Err(TryInsertError::Full((member, ()))) => Err(Full(member)),
                }
            }

            #[doc = concat!("Whether it is a member: as [`", stringify!($map), "::contains_key`].")]
            ///
            /// ```
            #[doc = concat!("# use arenamap::", stringify!($set), ";")]
            #[doc = concat!(
                "let heard: ", stringify!($set), "<u16, 8> = ", stringify!($set), "::new();"
            )]
            /// heard.insert(0x120)?;
            /// assert!(heard.contains(&0x120) && !heard.contains(&0x130));
            /// # Ok::<(), arenamap::Full<u16>>(())
            /// ```
            #[inline]
            pub fn contains<Q: Hash + Equivalent<T> + ?Sized>(&self, member: &Q) -> bool {
                self.0.contains_key(member)
            }

            #[doc = concat!(
                "Removes a member; whether it was there: as [`",
                stringify!($map), "::remove`]."
            )]
            ///
            /// Lets go of it at once: it is dropped, unless a guard still holds it. ([`Set::take`] keeps
            /// it.) Panics: also if that drop does.
            ///
            /// ```
            #[doc = concat!("# use arenamap::", stringify!($set), ";")]
            #[doc = concat!(
                "let heard: ", stringify!($set), "<u16, 8> = ", stringify!($set), "::new();"
            )]
            /// heard.insert(0x120)?;
            /// assert!(heard.remove(&0x120) && !heard.remove(&0x120));
            /// # Ok::<(), arenamap::Full<u16>>(())
            /// ```
            pub fn remove<Q: Hash + Equivalent<T> + ?Sized>(&self, member: &Q) -> bool {
                self.0.remove(member).is_some()
            }

            #[doc = concat!(
                "Removes each member for which `wanted` is false: as [`",
                stringify!($map), "::retain`]."
            )]
            ///
            /// ```
            #[doc = concat!("# use arenamap::", stringify!($set), ";")]
            #[doc = concat!(
                "let heard: ", stringify!($set), "<u16, 8> = ", stringify!($set), "::new();"
            )]
            /// heard.try_extend([0x120, 0x130]).expect("they fit");
            /// heard.retain(|id| *id < 0x130);
            /// assert!(heard.contains(&0x120) && !heard.contains(&0x130));
            /// # Ok::<(), arenamap::Full<u16>>(())
            /// ```
            pub fn retain(&self, mut wanted: impl FnMut(&T) -> bool) {
                self.0.retain(|member, ()| wanted(member));
            }

            #[doc = concat!(
                "Removes every member that is there during the whole call: as [`",
                stringify!($map), "::clear`]."
            )]
            pub fn clear(&self) {
                self.0.clear();
            }

            /// Adds member by member, each as by [`insert`](Self::insert), until one does not fit. What was
            /// added before stays. Lock-free. Complexity: that of the inserts. Interrupts: yes. Panics: as
            /// [`insert`](Self::insert), or if the iterator does.
            ///
            /// # Errors
            /// [`Full`] with the member that did not fit and the rest of the iterator, which was not asked
            /// for more.
            ///
            /// ```
            #[doc = concat!("# use arenamap::", stringify!($set), ";")]
            #[doc = concat!(
                "let heard: ", stringify!($set), "<u16, 8> = ", stringify!($set), "::new();"
            )]
            /// assert!(heard.try_extend([0x120, 0x130, 0x120]).is_ok());
            /// assert_eq!(heard.len(), 2);
            /// // Eight fit: of the others the first comes back, and the iterator behind it.
            /// let Err(arenamap::Full((refused, rest))) = heard.try_extend(0..10) else {
            ///     panic!("ten do not fit");
            /// };
            /// assert_eq!((refused, rest), (6, 7..10));
            /// # Ok::<(), arenamap::Full<u16>>(())
            /// ```
            pub fn try_extend<I: IntoIterator<Item = T>>(
                &self,
                members: I,
            ) -> Result<(), Full<(T, I::IntoIter)>> {
                insert_all(members.into_iter(), |member| self.insert(member).map(drop))
            }
        }

        /// A set of these members; those that are equal count once.
        ///
        /// # Errors
        /// [`Full`] with all of them if there are more than the capacity, also if some are equal.
        ///
        /// ```
        #[doc = concat!("use arenamap::", stringify!($set), ";")]
        ///
        #[doc = concat!("let set: ", stringify!($set), "<u16, 8> = [1, 2, 2].try_into()?;")]
        /// assert!(set.len() == 2 && set.contains(&2));
        /// # Ok::<(), arenamap::Full<[u16; 3]>>(())
        /// ```
        impl<T: $($bound)+, const N: usize, const EXTRA: usize, S, const M: usize> TryFrom<[T; M]>
            for $set<T, N, EXTRA, S>
        where
            S: BuildHasher + Default,
        {
            type Error = Full<[T; M]>;

            fn try_from(members: [T; M]) -> Result<Self, Self::Error> {
                let set = Self::default();
                let capacity = set.capacity();
                of_array(set, capacity, members, |set, member| set.insert(member).map(drop))
            }
        }

        impl<T: $($held)*, const N: usize, const EXTRA: usize, S: Default> Default for $set<T, N, EXTRA, S> {
            fn default() -> Self {
                Self::with_hasher(S::default())
            }
        }

        impl<T: $($bound)+ + fmt::Debug, const N: usize, const EXTRA: usize, S: BuildHasher> fmt::Debug
            for $set<T, N, EXTRA, S>
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut set = f.debug_set();
                for $member in self {
                    set.entry($shown);
                }
                set.finish()
            }
        }
    };
}

set!(CopySet, CopyMap, [Plain], [Plain + Eq + Hash], member => &member);
set!(Set, Map, [], [Eq + Hash], member => &*member);

impl<T: Plain + Eq + Hash, const N: usize, const EXTRA: usize, S: BuildHasher>
    CopySet<T, N, EXTRA, S>
{
    /// The members, a weak snapshot: as [`CopyMap::keys`].
    pub fn iter(&self) -> CopyKeys<'_, T, (), N, EXTRA, S> {
        self.0.keys()
    }
}

impl<T: Plain, const N: usize, const EXTRA: usize, S> CopySet<T, N, EXTRA, S> {
    /// Empties the set and yields what was in it: as [`CopyMap::drain`].
    ///
    /// ```
    /// # use arenamap::CopySet;
    /// let mut heard: CopySet<u16, 8> = CopySet::new();
    /// heard.insert(0x120)?;
    /// assert!(heard.drain().eq([0x120]));
    /// assert!(heard.is_empty());
    /// # Ok::<(), arenamap::Full<u16>>(())
    /// ```
    pub fn drain(&mut self) -> Members<CopyDrain<'_, T, (), N, EXTRA, S>> {
        Members(self.0.drain())
    }
}

impl<T: Eq + Hash, const N: usize, const EXTRA: usize, S: BuildHasher> Set<T, N, EXTRA, S> {
    /// The members, a weak snapshot: as [`Map::keys`].
    pub fn iter(&self) -> Keys<'_, T, (), N, EXTRA, S> {
        self.0.keys()
    }

    /// The member that is equal to this one, held by a guard: as [`Map::get`].
    pub fn get<Q: Hash + Equivalent<T> + ?Sized>(&self, member: &Q) -> Option<KeyRef<'_, T, ()>> {
        self.0.get(member).map(KeyRef::new)
    }

    /// Removes the member and returns it, still readable: as [`Map::remove`].
    ///
    /// ```
    /// # use arenamap::Set;
    /// let users: Set<String, 8> = Set::new();
    /// users.insert("ada".to_string())?;
    /// let ada = users.take("ada").expect("it is there");
    /// assert!(!users.contains("ada") && *ada == "ada");
    /// # Ok::<(), arenamap::Full<String>>(())
    /// ```
    pub fn take<Q: Hash + Equivalent<T> + ?Sized>(&self, member: &Q) -> Option<KeyRef<'_, T, ()>> {
        self.0.remove(member).map(KeyRef::new)
    }
}

impl<T, const N: usize, const EXTRA: usize, S> Set<T, N, EXTRA, S> {
    /// Empties the set and yields what was in it: as [`Map::drain`].
    ///
    /// ```
    /// # use arenamap::Set;
    /// let mut users: Set<String, 8> = Set::new();
    /// users.insert("ada".to_string())?;
    /// assert!(users.drain().eq(["ada"]));
    /// assert!(users.is_empty());
    /// # Ok::<(), arenamap::Full<String>>(())
    /// ```
    pub fn drain(&mut self) -> Members<Drain<'_, T, (), N, EXTRA, S>> {
        Members(self.0.drain())
    }
}

impl<'a, T: Plain + Eq + Hash, const N: usize, const EXTRA: usize, S: BuildHasher> IntoIterator
    for &'a CopySet<T, N, EXTRA, S>
{
    type Item = T;
    type IntoIter = CopyKeys<'a, T, (), N, EXTRA, S>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T: Eq + Hash, const N: usize, const EXTRA: usize, S: BuildHasher> IntoIterator
    for &'a Set<T, N, EXTRA, S>
{
    type Item = KeyRef<'a, T, ()>;
    type IntoIter = Keys<'a, T, (), N, EXTRA, S>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: Plain, const N: usize, const EXTRA: usize, S> IntoIterator for CopySet<T, N, EXTRA, S> {
    type Item = T;
    type IntoIter = Members<CopyIntoIter<T, (), N, EXTRA, S>>;

    fn into_iter(self) -> Self::IntoIter {
        Members(self.0.into_iter())
    }
}

impl<T, const N: usize, const EXTRA: usize, S> IntoIterator for Set<T, N, EXTRA, S> {
    type Item = T;
    type IntoIter = Members<IntoIter<T, (), N, EXTRA, S>>;

    fn into_iter(self) -> Self::IntoIter {
        Members(self.0.into_iter())
    }
}

/// Yields what a set held: see [`CopySet::drain`] and [`Set::drain`].
#[derive(Debug)]
pub struct Members<I>(I);

impl<T, I: Iterator<Item = (T, ())>> Iterator for Members<I> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        self.0.next().map(|(member, ())| member)
    }
}

impl<T, I: FusedIterator<Item = (T, ())>> FusedIterator for Members<I> {}
