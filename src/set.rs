//! Sets: maps without values.

use crate::copy_map::{CopyDrain, CopyIntoIter, CopyKeys};
use crate::extend::insert_all;
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
pub struct CopySet<T: Plain, const N: usize, S = DefaultHashBuilder, const EXTRA: usize = 8>(
    CopyMap<T, (), N, S, EXTRA>,
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
pub struct Set<T, const N: usize, S = DefaultHashBuilder, const EXTRA: usize = 8>(
    Map<T, (), N, S, EXTRA>,
);

/// What both sets have; `$held` is what members must be, `$bound` what they must be to be found, and `$shown`
/// of what is yielded is a member.
macro_rules! set {
    ($set:ident, $map:ident, [$($held:tt)*], [$($bound:tt)+], $member:ident => $shown:expr) => {
        impl<T: $($held)*, const N: usize, const EXTRA: usize> $set<T, N, DefaultHashBuilder, EXTRA> {
            const_new! {
                /// An empty set with the default hasher: all zero bits, so that a `static` lies in `.bss`.
                ///
                /// `N = 0` does not compile.
                pub fn new() -> Self {
                    Self($map::new())
                }
            }
        }

        impl<T: $($held)*, const N: usize, S, const EXTRA: usize> $set<T, N, S, EXTRA> {
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
        }

        impl<T: $($bound)+, const N: usize, S: BuildHasher, const EXTRA: usize> $set<T, N, S, EXTRA> {
            /// Adds a member; whether it was not there before. What is there stays. Of several that race to
            /// add a member, exactly one is told `true`.
            ///
            #[doc = concat!("As [`", stringify!($map), "::try_insert`].")]
            ///
            /// # Errors
            /// [`Full`] with the member that does not fit. One that is there already is no error.
            pub fn insert(&self, member: T) -> Result<bool, Full<T>> {
                match self.0.try_insert(member, ()) {
                    Ok(_) => Ok(true),
                    Err(TryInsertError::Occupied { .. }) => Ok(false),
                    Err(TryInsertError::Full((member, ()))) => Err(Full(member)),
                }
            }

            #[doc = concat!("Whether it is a member: as [`", stringify!($map), "::contains_key`].")]
            #[inline]
            pub fn contains<Q: Hash + Equivalent<T> + ?Sized>(&self, member: &Q) -> bool {
                self.0.contains_key(member)
            }

            #[doc = concat!(
                "Removes a member; whether it was there: as [`",
                stringify!($map), "::remove`]."
            )]
            pub fn remove<Q: Hash + Equivalent<T> + ?Sized>(&self, member: &Q) -> bool {
                self.0.remove(member).is_some()
            }

            #[doc = concat!(
                "Removes each member for which `wanted` is false: as [`",
                stringify!($map), "::retain`]."
            )]
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

            /// Adds member by member, until one does not fit. What was added before stays.
            ///
            /// # Errors
            /// [`Full`] with the member that did not fit and the rest of the iterator.
            pub fn try_extend<I: IntoIterator<Item = T>>(
                &self,
                members: I,
            ) -> Result<(), Full<(T, I::IntoIter)>> {
                insert_all(members.into_iter(), |member| self.insert(member).map(drop))
            }
        }

        impl<T: $($held)*, const N: usize, S: Default, const EXTRA: usize> Default for $set<T, N, S, EXTRA> {
            fn default() -> Self {
                Self::with_hasher(S::default())
            }
        }

        impl<T: $($bound)+ + fmt::Debug, const N: usize, S: BuildHasher, const EXTRA: usize> fmt::Debug
            for $set<T, N, S, EXTRA>
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

impl<T: Plain + Eq + Hash, const N: usize, S: BuildHasher, const EXTRA: usize>
    CopySet<T, N, S, EXTRA>
{
    /// The members, a weak snapshot: as [`CopyMap::keys`].
    pub fn iter(&self) -> CopyKeys<'_, T, (), N, S, EXTRA> {
        self.0.keys()
    }
}

impl<T: Plain, const N: usize, S, const EXTRA: usize> CopySet<T, N, S, EXTRA> {
    /// Empties the set and yields what was in it: as [`CopyMap::drain`].
    pub fn drain(&mut self) -> Members<CopyDrain<'_, T, (), N, S, EXTRA>> {
        Members(self.0.drain())
    }
}

impl<T: Eq + Hash, const N: usize, S: BuildHasher, const EXTRA: usize> Set<T, N, S, EXTRA> {
    /// The members, a weak snapshot: as [`Map::keys`].
    pub fn iter(&self) -> Keys<'_, T, (), N, S, EXTRA> {
        self.0.keys()
    }

    /// The member that is equal to this one, held by a guard: as [`Map::get`].
    pub fn get<Q: Hash + Equivalent<T> + ?Sized>(&self, member: &Q) -> Option<KeyRef<'_, T, ()>> {
        self.0.get(member).map(KeyRef::new)
    }

    /// Removes the member and returns it, still readable: as [`Map::remove`].
    pub fn take<Q: Hash + Equivalent<T> + ?Sized>(&self, member: &Q) -> Option<KeyRef<'_, T, ()>> {
        self.0.remove(member).map(KeyRef::new)
    }
}

impl<T, const N: usize, S, const EXTRA: usize> Set<T, N, S, EXTRA> {
    /// Empties the set and yields what was in it: as [`Map::drain`].
    pub fn drain(&mut self) -> Members<Drain<'_, T, (), N, S, EXTRA>> {
        Members(self.0.drain())
    }
}

impl<'a, T: Plain + Eq + Hash, const N: usize, S: BuildHasher, const EXTRA: usize> IntoIterator
    for &'a CopySet<T, N, S, EXTRA>
{
    type Item = T;
    type IntoIter = CopyKeys<'a, T, (), N, S, EXTRA>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T: Eq + Hash, const N: usize, S: BuildHasher, const EXTRA: usize> IntoIterator
    for &'a Set<T, N, S, EXTRA>
{
    type Item = KeyRef<'a, T, ()>;
    type IntoIter = Keys<'a, T, (), N, S, EXTRA>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: Plain, const N: usize, S, const EXTRA: usize> IntoIterator for CopySet<T, N, S, EXTRA> {
    type Item = T;
    type IntoIter = Members<CopyIntoIter<T, (), N, S, EXTRA>>;

    fn into_iter(self) -> Self::IntoIter {
        Members(self.0.into_iter())
    }
}

impl<T, const N: usize, S, const EXTRA: usize> IntoIterator for Set<T, N, S, EXTRA> {
    type Item = T;
    type IntoIter = Members<IntoIter<T, (), N, S, EXTRA>>;

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
