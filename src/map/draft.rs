//! An entry on its way into a [`Map`](crate::Map): outside, or in a cell that is not linked yet.

use super::{Head, MapArena};
use core::mem;
use tagged_arena::arena::Owned;
use tagged_arena::cells::Want;
use tagged_arena::guard::Guard;
use tagged_arena::sync::{Half, Ordering};
use tagged_arena::word::Class;

/// Where key and value are. Nothing is lost on any way out: dropped, a draft drops what it has and
/// gives its cell back, also when user code panics.
enum Content<'a, K, V, const N: usize, const EXTRA: usize> {
    /// Only the key: the value is not made yet.
    Key(K),
    /// Both, outside.
    Pair(K, V),
    /// Both, in the cell.
    Cell(Owned<'a, Head, (K, V), N, EXTRA>),
    /// Being moved.
    Nothing,
}

/// A key, perhaps a value, perhaps a cell.
pub(crate) struct Draft<'a, K, V, const N: usize, const EXTRA: usize> {
    arena: &'a MapArena<K, V, N, EXTRA>,
    content: Content<'a, K, V, N, EXTRA>,
    /// A claimed cell with nothing in it.
    empty: Option<Owned<'a, Head, (K, V), N, EXTRA>>,
}

impl<'a, K, V, const N: usize, const EXTRA: usize> Draft<'a, K, V, N, EXTRA> {
    #[inline(always)]
    pub(crate) fn key_only(arena: &'a MapArena<K, V, N, EXTRA>, key: K) -> Self {
        Self {
            arena,
            content: Content::Key(key),
            empty: None,
        }
    }

    #[inline(always)]
    pub(crate) fn pair(arena: &'a MapArena<K, V, N, EXTRA>, key: K, value: V) -> Self {
        Self {
            arena,
            content: Content::Pair(key, value),
            empty: None,
        }
    }

    /// The key, wherever it is.
    #[inline(always)]
    pub(crate) fn key(&self) -> &K {
        match &self.content {
            Content::Key(key) | Content::Pair(key, _) => key,
            Content::Cell(owned) => match owned.payload() {
                Some((key, _)) => key,
                None => unreachable!("a draft's cell is filled"),
            },
            Content::Nothing => unreachable!("a draft is moved only within its own methods"),
        }
    }

    /// Makes sure of a cell of the right class: claims one, or exchanges a spare one for an ordinary
    /// one. `false`: there is none, and the draft is as it was, outside.
    #[inline(always)]
    pub(crate) fn claim(&mut self, home: usize, want: Want) -> bool {
        let class = match (&self.content, &self.empty) {
            (Content::Cell(owned), _) | (_, Some(owned)) => Some(owned.claim().class),
            _ => None,
        };
        if class == Some(Class::Ordinary) || (class.is_some() && want == Want::Any) {
            return true;
        }
        if class.is_some() {
            self.take_out();
        }
        self.empty = self.arena.claim(home, want);
        self.empty.is_some()
    }

    /// Whether the value is still to be made.
    #[inline(always)]
    pub(crate) fn lacks_value(&self) -> bool {
        matches!(self.content, Content::Key(_))
    }

    /// Adds the value.
    #[inline(always)]
    pub(crate) fn set_value(&mut self, value: V) {
        if let Content::Key(key) = mem::replace(&mut self.content, Content::Nothing) {
            self.content = Content::Pair(key, value);
        }
    }

    /// Puts key and value into the claimed cell, which will link to `next`; returns its index.
    #[inline(always)]
    pub(crate) fn fill(&mut self, fragment: Half, next: Option<usize>) -> usize {
        if let Some(mut owned) = self.empty.take() {
            if let Content::Pair(key, value) = mem::replace(&mut self.content, Content::Nothing) {
                owned.cell().header.label.store(fragment, Ordering::Relaxed);
                owned.fill((key, value), next);
                self.content = Content::Cell(owned);
            }
        } else if let Content::Cell(owned) = &mut self.content {
            owned.set_next(next);
        }
        match &self.content {
            Content::Cell(owned) => owned.claim().index,
            _ => unreachable!("fill follows a successful claim and a value"),
        }
    }

    /// The class that the cell had when it was claimed.
    #[inline(always)]
    pub(crate) fn class(&self) -> Class {
        match &self.content {
            Content::Cell(owned) => owned.claim().class,
            _ => Class::Ordinary,
        }
    }

    /// Holds the cell before it is linked.
    #[inline(always)]
    pub(crate) fn hold(&self) -> Guard<'a, Head, (K, V)> {
        match &self.content {
            Content::Cell(owned) => owned.hold(),
            _ => unreachable!("hold follows fill"),
        }
    }

    /// The cell is linked: makes the entry live.
    #[inline(always)]
    pub(crate) fn commit(self) {
        if let Content::Cell(owned) = self.content {
            owned.commit();
        }
    }

    /// Takes key and value out of the cell and gives the cell back.
    fn take_out(&mut self) {
        self.empty = None;
        if let Content::Cell(owned) = &mut self.content {
            if let Some((key, value)) = owned.take() {
                self.content = Content::Pair(key, value);
            }
        }
    }

    /// Key and value, or what there is of them.
    pub(crate) fn into_parts(mut self) -> (K, Option<V>) {
        self.take_out();
        match self.content {
            Content::Key(key) => (key, None),
            Content::Pair(key, value) => (key, Some(value)),
            _ => unreachable!("take_out leaves key and value outside"),
        }
    }
}
