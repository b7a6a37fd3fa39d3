//! A panic in user code between freezing a value and taking the entry out.

use super::config::Spread;
use crate::CopyMap;
use core::cell::Cell;
use core::hash::{Hash, Hasher};
use equivalent::Equivalent;
use std::panic::{AssertUnwindSafe, catch_unwind};

type Narrow = CopyMap<u32, u32, 4, 8, Spread>;

struct Look<'a>(u32, Cell<u32>, &'a Narrow);

impl Hash for Look<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Equivalent<u32> for Look<'_> {
    fn equivalent(&self, key: &u32) -> bool {
        self.1.set(self.1.get() + 1);
        match self.1.get() {
            // Appended behind the entry that is looked at: its own word changes.
            1 => assert_eq!(self.2.insert(2, 20), Ok(None)),
            _ => panic!("a panic in user code"),
        }
        self.0 == *key
    }
}

#[test]
fn a_panic_while_a_value_is_frozen() {
    let map = Narrow::with_hasher(Spread::OneChain);
    map.insert(1, 10).unwrap();
    let look = Look(1, Cell::new(0), &map);
    let removed = catch_unwind(AssertUnwindSafe(|| map.remove(&look)));
    if let Ok(removed) = removed {
        // The comparison was not called again.
        assert_eq!((removed, map.get(&1)), (Some(10), None));
        return;
    }
    // Removed or not, but not both.
    let seen = map.get(&1);
    assert_eq!(map.insert(1, 11), Ok(seen));
}
