//! What a map must do to take part: [`Subject`] is the map, [`Session`] what a thread holds of it.

/// A map from `u64` to `u64` that threads share.
///
/// Every workload is compiled for every subject: no dynamic call lies between the loop and the map.
pub trait Subject: Send + Sync + Sized + 'static {
    /// What a thread holds for some operations: the map itself, a pin, a handle.
    type Session<'a>: Session;

    /// After how many operations a thread takes a new session.
    const BATCH: usize = 64;

    /// An empty map with room for `capacity` entries.
    fn with_capacity(capacity: usize) -> Self;

    /// What a thread needs for its next operations.
    fn session(&self) -> Self::Session<'_>;
}

/// The operations that are measured. Called once or more for each session.
pub trait Session {
    /// A copy of the key's value.
    fn get(&mut self, key: u64) -> Option<u64>;

    /// Inserts or replaces; `false` if the map has no room for it.
    fn insert(&mut self, key: u64, value: u64) -> bool;

    /// Removes the key; `false` if it was not there.
    fn remove(&mut self, key: u64) -> bool;

    /// Adds one to the key's value so that no concurrent addition is lost; `false` if the key is not
    /// there. A subject without such an operation is left out of that workload.
    fn add_one(&mut self, key: u64) -> bool;
}
