//! Faults that loom has to find, so that its silence about the other models says something.

use super::{Copies, copies, model, over, together};
use std::vec;

#[test]
#[should_panic(expected = "a lost update")]
fn an_update_in_two_steps_is_found() {
    model(|| {
        let map = copies(&[(1, 0)]);
        let add = |map: &Copies| {
            let old = map.get(&1).unwrap();
            assert!(map.insert(1, old + 1).is_ok());
        };
        on!(map; add, add);
        assert_eq!(map.get(&1), Some(2), "a lost update");
    });
}
