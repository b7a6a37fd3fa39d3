//! `defmt::Format` where it needs bounds of its own. Plain types derive it where they stand.
//!
//! It shows what `Debug` shows, so that the two never differ: a map is its entries.

use crate::error::TryInsertError;
use crate::{
    Cache, Changed, CopyMap, CopySet, Inserted, KeyRef, Map, Plain, Ref, Set, WaitUntil, Watched,
    Watcher, WithId, iter,
};
use core::hash::{BuildHasher, Hash};
use defmt::{Format, Formatter, write};

/// Formats entries as `{key: value, ...}`.
fn entries<T>(f: Formatter<'_>, entries: impl Iterator<Item = T>, entry: impl Fn(&T)) {
    write!(f, "{{");
    for (index, each) in entries.enumerate() {
        if index > 0 {
            write!(f, ", ");
        }
        entry(&each);
    }
    write!(f, "}}");
}

impl<K, V, const N: usize, const EXTRA: usize, S> Format for Map<K, V, N, EXTRA, S>
where
    K: Eq + Hash + Format,
    V: Format,
    S: BuildHasher,
{
    fn format(&self, f: Formatter<'_>) {
        entries(f, self.iter(), |entry| {
            write!(f, "{}: {}", entry.key(), entry.value());
        });
    }
}

impl<K, V, const N: usize, const EXTRA: usize, S> Format for Cache<K, V, N, EXTRA, S>
where
    K: Eq + Hash + Format,
    V: Format,
    S: BuildHasher,
{
    fn format(&self, f: Formatter<'_>) {
        entries(f, self.iter(), |entry| {
            write!(f, "{}: {}", entry.key(), entry.value());
        });
    }
}

impl<K: Format, V: Format> Format for Inserted<'_, K, V> {
    fn format(&self, f: Formatter<'_>) {
        write!(
            f,
            "Inserted {{ replaced: {}, evicted: {} }}",
            self.replaced, self.evicted
        );
    }
}

impl<K: Plain, V: Plain, const N: usize, const EXTRA: usize, S> Format
    for CopyMap<K, V, N, EXTRA, S>
where
    K: Eq + Hash + Format,
    V: Format,
    S: BuildHasher,
{
    fn format(&self, f: Formatter<'_>) {
        entries(f, self.iter(), |(key, value)| {
            write!(f, "{}: {}", key, value)
        });
    }
}

impl<T, const N: usize, const EXTRA: usize, S> Format for Set<T, N, EXTRA, S>
where
    T: Eq + Hash + Format,
    S: BuildHasher,
{
    fn format(&self, f: Formatter<'_>) {
        entries(f, self.iter(), |member| write!(f, "{}", **member));
    }
}

impl<T, const N: usize, const EXTRA: usize, S> Format for CopySet<T, N, EXTRA, S>
where
    T: Plain + Eq + Hash + Format,
    S: BuildHasher,
{
    fn format(&self, f: Formatter<'_>) {
        entries(f, self.iter(), |member| write!(f, "{}", member));
    }
}

impl<M: Format, const WATCHERS: usize> Format for Watched<M, WATCHERS> {
    fn format(&self, f: Formatter<'_>) {
        self.map.format(f);
    }
}

impl<M, const WATCHERS: usize> Format for Watcher<'_, M, WATCHERS> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Watcher {{ .. }}");
    }
}

impl<M, const WATCHERS: usize> Format for Changed<'_, '_, M, WATCHERS> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Changed {{ .. }}");
    }
}

impl<M, const WATCHERS: usize, F> Format for WaitUntil<'_, '_, M, WATCHERS, F> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "WaitUntil {{ .. }}");
    }
}

#[cfg(feature = "siphash")]
impl Format for crate::SeededState {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "SeededState {{ seeded: {=bool} }}", self.is_seeded());
    }
}

#[cfg(feature = "siphash")]
impl Format for crate::SeededHasher {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "SeededHasher {{ .. }}");
    }
}

impl<I> Format for iter::Members<I> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Members {{ .. }}");
    }
}

impl<K: Format, V: Format> Format for Ref<'_, K, V> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "Ref({}, {})", self.key(), self.value());
    }
}

impl<K, V, R> Format for TryInsertError<K, V, R> {
    fn format(&self, f: Formatter<'_>) {
        match self {
            Self::Occupied { .. } => write!(f, "Occupied {{ .. }}"),
            Self::Full(_) => write!(f, "Full(..)"),
        }
    }
}

impl<K: Format, V> Format for KeyRef<'_, K, V> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "KeyRef({})", **self);
    }
}

impl<V: Format> Format for WithId<V> {
    fn format(&self, f: Formatter<'_>) {
        write!(f, "{}", **self);
    }
}

/// Where an iterator is cannot be shown without moving it. Keys and values must be what is in brackets.
macro_rules! iterators {
    (@ [$($held:tt)*] $name:ident $(<$life:lifetime>)?: $shown:literal) => {
        impl<K: $($held)*, V: $($held)*, const N: usize, const EXTRA: usize, S> Format
            for iter::$name<$($life,)? K, V, N, EXTRA, S>
        {
            fn format(&self, f: Formatter<'_>) {
                write!(f, $shown);
            }
        }
    };
    ($held:tt $($name:ident $(<$life:lifetime>)?: $shown:literal,)*) => {
        $(iterators!(@ $held $name $(<$life>)?: $shown);)*
    };
}

iterators! { []
    Iter<'_>: "Iter {{ .. }}",
    CacheIter<'_>: "CacheIter {{ .. }}",
    Expire<'_>: "Expire {{ .. }}",
    Keys<'_>: "Keys {{ .. }}",
    IterMut<'_>: "IterMut {{ .. }}",
    Drain<'_>: "Drain {{ .. }}",
    CacheDrain<'_>: "CacheDrain {{ .. }}",
    IntoIter: "IntoIter {{ .. }}",
}

iterators! { [Plain]
    CopyIter<'_>: "CopyIter {{ .. }}",
    CopyKeys<'_>: "CopyKeys {{ .. }}",
    CopyValues<'_>: "CopyValues {{ .. }}",
    CopyDrain<'_>: "CopyDrain {{ .. }}",
    CopyIntoIter: "CopyIntoIter {{ .. }}",
}
