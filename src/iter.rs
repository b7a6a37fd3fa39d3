//! The iterators.

pub use crate::cache::{CacheDrain, CacheIter, Expire};
pub use crate::copy_map::{CopyDrain, CopyIntoIter, CopyIter, CopyKeys, CopyValues};
pub use crate::map::{Drain, IntoIter, Iter, IterMut, Keys};
pub use crate::set::Members;

use crate::Plain;
use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::iter::FusedIterator;

/// Where an iterator is cannot be shown without moving it. `$held` is what keys and values must be.
macro_rules! shown {
    (@ [$($held:tt)*] $name:ident $(<$life:lifetime>)?) => {
        impl<K: $($held)*, V: $($held)*, const N: usize, const EXTRA: usize, S> fmt::Debug
            for $name<$($life,)? K, V, N, EXTRA, S>
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
    ($held:tt $($name:ident $(<$life:lifetime>)?,)*) => {
        $(shown!(@ $held $name $(<$life>)?);)*
    };
}

shown! { [] Iter<'_>, CacheIter<'_>, Expire<'_>, Keys<'_>, IterMut<'_>, Drain<'_>, CacheDrain<'_>, IntoIter, }
shown! { [Plain] CopyIter<'_>, CopyKeys<'_>, CopyValues<'_>, CopyDrain<'_>, CopyIntoIter, }

/// Those that go by the buckets, or by the cells, stay at their end.
macro_rules! fused {
    (@ [$($key:tt)*] [$($value:tt)*] $name:ident) => {
        impl<K: $($key)*, V: $($value)*, const N: usize, const EXTRA: usize, S: BuildHasher> FusedIterator
            for $name<'_, K, V, N, EXTRA, S>
        {
        }
    };
    ($key:tt $value:tt $($name:ident,)*) => {
        $(fused!(@ $key $value $name);)*
    };
}

fused! { [Eq + Hash] [] Iter, Keys, CacheIter, }
fused! { [Plain + Eq + Hash] [Plain] CopyIter, CopyKeys, CopyValues, }
