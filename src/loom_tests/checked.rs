//! Models of values of two words of which not every pattern is a value: a half of the one and a half of the
//! other are none.

use super::{OneChain, model, over, together};
use crate::CopyMap;
use core::num::NonZero;
use loom::sync::Arc;
use std::vec;

type Wide = NonZero<u128>;
type Checked = CopyMap<usize, Wide, 2, 1, OneChain>;

/// Their lower halves are 1 and 0, their upper ones 0 and 1.
const LOW: Wide = NonZero::new(1).unwrap();
const HIGH: Wide = NonZero::new(1 << 64).unwrap();

fn checked(entries: &[(usize, Wide)]) -> Arc<Checked> {
    let map = Checked::default();
    for &(key, value) in entries {
        assert_eq!(map.insert(key, value), Ok(None));
    }
    Arc::new(map)
}

/// The cell that is looked at is freed, and filled for another key, meanwhile.
#[test]
fn a_mixture_is_neither_a_value_nor_absent() {
    model(|| {
        let map = checked(&[(1, LOW)]);
        on!(map;
        |map: &Checked| {
            assert_eq!(map.insert(1, HIGH), Ok(Some(LOW)));
            assert_eq!(map.insert(2, HIGH), Ok(None));
        },
        |map: &Checked| {
            let there = map.get(&1);
            assert!(there == Some(LOW) || there == Some(HIGH), "{there:?}");
        });
        assert_eq!((map.get(&1), map.get(&2)), (Some(HIGH), Some(HIGH)));
    });
}

/// The same for who changes what it has looked at.
#[test]
fn a_mixture_is_not_shown() {
    model(|| {
        let map = checked(&[(1, LOW)]);
        on!(map;
        |map: &Checked| {
            assert_eq!(map.remove(&1), Some(LOW));
            assert_eq!(map.insert(2, HIGH), Ok(None));
        },
        |map: &Checked| {
            let shown = map.update(&1, |value| {
                assert_eq!(*value, LOW);
                *value
            });
            assert!(shown == Ok(None) || shown == Ok(Some(LOW)), "{shown:?}");
        });
        assert_eq!((map.get(&1), map.get(&2)), (None, Some(HIGH)));
    });
}

/// A key of two words is converted, and compared, when it is validated.
#[test]
fn a_mixture_is_no_key() {
    type Keys = CopyMap<Wide, usize, 2, 1, OneChain>;
    model(|| {
        let map = Keys::default();
        assert_eq!(map.insert(LOW, 10), Ok(None));
        let map = Arc::new(map);
        on!(map;
        |map: &Keys| {
            assert_eq!(map.remove(&LOW), Some(10));
            assert_eq!(map.insert(HIGH, 20), Ok(None));
        },
        |map: &Keys| {
            let there = map.get(&HIGH);
            assert!(there.is_none_or(|value| value == 20), "{there:?}");
            let there = map.get(&LOW);
            assert!(there.is_none_or(|value| value == 10), "{there:?}");
        });
        assert_eq!((map.get(&LOW), map.get(&HIGH)), (None, Some(20)));
    });
}
