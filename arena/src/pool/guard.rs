//! [`PoolGuard`]: a value of a pool, held.

use crate::guard::Guard;
use core::fmt;
use core::ops::Deref;

/// Holds a value of a [`Pool`](super::Pool) and dereferences to it.
///
/// As with the guards of the standard library, `guard.clone()` clones the value and [`PoolGuard::clone`] is
/// no method; `Display` and `Debug` show the value; and guards are not compared, but what they hold is:
/// `*one == *other`.
pub struct PoolGuard<'a, T>(pub(super) Guard<'a, (), T>);

impl<T> PoolGuard<'_, T> {
    /// The value.
    fn value(&self) -> &T {
        // SAFETY: `Pool::hold` gives out this guard only after its `own` was `Live` (I-LIVE), and `clone`
        // holds the same.
        unsafe { self.0.payload() }
    }

    /// The same value, held once more. To be called as `PoolGuard::clone(&guard)`.
    ///
    /// Counts in the value's cell and never fails: lock-free. With more than 65,534 guards of one value at
    /// once its cell is never free again. Interrupts: yes. Panics: never.
    ///
    /// ```
    /// use tagged_arena::{Pool, PoolGuard};
    ///
    /// let names: Pool<String, 4> = Pool::new();
    /// let id = names.insert("five".to_string())?;
    /// let first = names.get(id).expect("it is there");
    /// let second = PoolGuard::clone(&first);
    /// names.remove(id);
    /// drop(first);
    /// assert_eq!(*second, "five");
    /// # Ok::<(), tagged_arena::Full<String>>(())
    /// ```
    #[must_use = "without it the value is held as before"]
    // As in `core::cell::Ref`: a method would hide the value's.
    #[allow(clippy::should_implement_trait)]
    pub fn clone(this: &Self) -> Self {
        Self(this.0.again())
    }

    /// Takes out a value that was removed, if this is its last guard: its cell is free then. To be called as
    /// `PoolGuard::try_unwrap(guard)`.
    ///
    /// Lock-free. Complexity: the hazard slots, sixteen at most. Interrupts: yes. Panics: never.
    ///
    /// # Errors
    /// The guard, if the value is still in the pool, or if another guard holds it. An operation of another
    /// context that looks at its cell may be in the way, too: do not loop until it succeeds, but keep the
    /// guard, or drop it. Of two guards that are tried at the same time, both may come back.
    ///
    /// ```
    /// use tagged_arena::{Pool, PoolGuard};
    ///
    /// let frames: Pool<Box<[u8]>, 4> = Pool::new();
    /// let id = frames.insert(Box::new([1, 2, 3]))?;
    /// let removed = frames.remove(id).expect("it is there");
    /// let frame: Box<[u8]> = PoolGuard::try_unwrap(removed).expect("nobody else holds it");
    /// assert_eq!(*frame, [1, 2, 3]);
    /// # Ok::<(), tagged_arena::Full<Box<[u8]>>>(())
    /// ```
    pub fn try_unwrap(this: Self) -> Result<T, Self> {
        this.0.try_take().map_err(Self)
    }
}

impl<T> Deref for PoolGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.value()
    }
}

impl<T: fmt::Display> fmt::Display for PoolGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}

impl<T: fmt::Debug> fmt::Debug for PoolGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}
