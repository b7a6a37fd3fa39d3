//! What the closures of operations do, as recorders and checker agree on it.

/// What `compute` does with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Inserts or replaces.
    Put(u64),
    /// Removes.
    Remove,
    /// Leaves it as it is.
    Keep,
}

/// What `compute` decides.
pub fn decided(old: Option<u64>, argument: u64) -> Decision {
    match old.map(|old| old ^ argument) {
        None if argument % 4 == 0 => Decision::Keep,
        None => Decision::Put(argument),
        Some(both) if both % 3 == 0 => Decision::Remove,
        Some(both) if both % 3 == 1 => Decision::Keep,
        Some(both) => Decision::Put(both),
    }
}

/// Whether `remove_if` removes such a value.
pub fn wanted(value: u64, argument: u64) -> bool {
    (value ^ argument) & 1 == 0
}

/// Whether `retain` keeps such a value; with some arguments it is a `clear`.
pub fn kept(value: u64, argument: u64) -> bool {
    !clears(argument) && (value ^ argument) & 1 == 0
}

/// Whether with this argument `retain` is a `clear`.
pub fn clears(argument: u64) -> bool {
    argument % 4 == 0
}
