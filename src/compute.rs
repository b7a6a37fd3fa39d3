//! What `compute` is to do with a key, and what it did.

/// What is to become of a key: what the closure of [`Map::compute`](crate::Map::compute) and
/// [`CopyMap::compute`](crate::CopyMap::compute) decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Compute<V> {
    /// It gets this value: inserted if the key is not there, else in place of the one that is.
    Put(V),
    /// Its entry is removed, if it has one.
    Remove,
    /// Nothing is changed.
    Keep,
}

/// What became of a key: what [`Map::compute`](crate::Map::compute) and
/// [`CopyMap::compute`](crate::CopyMap::compute) return.
///
/// `R` is what stands for an entry: a [`Ref`](crate::Ref), or a copy of its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Computed<R> {
    /// It was not there, and is now.
    Inserted,
    /// It has another value now. This is the one that was replaced.
    Replaced(R),
    /// It is not there any more. This is what was removed.
    Removed(R),
    /// It was kept as it is.
    Kept(R),
    /// It was not there, and is not now.
    Absent,
}
