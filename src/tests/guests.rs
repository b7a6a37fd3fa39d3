//! Guests: a group that is full uses its neighbour's cells, which are no part of a chain.

use super::config::scaled;
use crate::{CopyMap, Map, placed};
use core::hash::{BuildHasherDefault, Hasher};
use std::vec::Vec;

/// The hundreds of a key are its group, of four.
#[derive(Clone, Copy, Default)]
struct Hundreds(u64);

impl Hasher for Hundreds {
    fn finish(&self) -> u64 {
        placed(self.0 << 62)
    }
    fn write(&mut self, bytes: &[u8]) {
        let key: [u8; 4] = bytes.try_into().unwrap_or_default();
        self.0 = u64::from(u32::from_ne_bytes(key) / 100);
    }
}

type Build = BuildHasherDefault<Hundreds>;
type Wide = CopyMap<u32, u64, 16, 0, Build>;
type Narrow = CopyMap<u32, u16, 16, 0, Build>;
type Guarded = Map<u32, u64, 16, 0, Build>;

fn assert_entries(wide: &Wide, narrow: &Narrow, guarded: &Guarded, keys: &[u32]) {
    if cfg!(miri) && keys.len() % 3 != 0 {
        return;
    }
    let all = (0..10).chain(100..110);
    for key in all.step_by(scaled(1, 3) as usize) {
        let value = keys.contains(&key).then_some(key);
        assert_eq!(wide.get(&key), value.map(u64::from), "{key}");
        assert_eq!(narrow.get(&key).map(u32::from), value, "{key}");
        assert_eq!(guarded.get_copied(&key), value.map(u64::from), "{key}");
        assert_eq!(guarded.contains_key(&key), value.is_some(), "{key}");
    }
    assert_eq!([wide.len(), narrow.len(), guarded.len()], [keys.len(); 3]);
    let sorted = |mut keys: Vec<u32>| {
        keys.sort_unstable();
        keys
    };
    let keys = sorted(keys.to_vec());
    assert_eq!(sorted(wide.iter().map(|entry| entry.0).collect()), keys);
    assert_eq!(sorted(narrow.iter().map(|entry| entry.0).collect()), keys);
    assert_eq!(
        sorted(guarded.iter().map(|entry| *entry.key()).collect()),
        keys
    );
}

#[test]
fn a_full_group_is_a_guest_of_its_neighbour() {
    let (wide, narrow, guarded) = (Wide::default(), Narrow::default(), Guarded::default());
    let mut keys = Vec::new();
    let insert = |keys: &mut Vec<u32>, key: u32, chained: usize| {
        keys.push(key);
        assert_eq!(wide.insert(key, key.into()), Ok(None));
        assert_eq!(narrow.insert(key, key as u16), Ok(None));
        assert!(
            guarded
                .insert(key, key.into())
                .is_ok_and(|old| old.is_none())
        );
        let now = [wide.stats(), narrow.stats(), guarded.stats()];
        assert_eq!(now.map(|stats| stats.chained), [chained; 3], "{key}");
        assert_eq!(
            now.map(|stats| (stats.live, stats.removed)),
            [(keys.len(), 0); 3]
        );
        assert_entries(&wide, &narrow, &guarded, keys);
    };
    let remove = |keys: &mut Vec<u32>, key: u32| {
        keys.retain(|other| *other != key);
        assert_eq!(wide.remove(&key), Some(key.into()));
        assert_eq!(narrow.remove(&key), Some(key as u16));
        assert_eq!(guarded.remove(&key).map(|old| *old), Some(key.into()));
        assert_entries(&wide, &narrow, &guarded, keys);
    };
    for key in 0..5 {
        insert(&mut keys, key, 0);
    }
    // The guest has taken the neighbour's last cell, so that one's fourth is not at home.
    for key in 100..103 {
        insert(&mut keys, key, 0);
    }
    insert(&mut keys, 103, 1);
    // The cell is its owner's again.
    remove(&mut keys, 4);
    insert(&mut keys, 104, 1);
    remove(&mut keys, 103);
    // And the other way round.
    remove(&mut keys, 0);
    insert(&mut keys, 105, 0);
    insert(&mut keys, 4, 1);
    remove(&mut keys, 105);
    insert(&mut keys, 5, 1);
    while let Some(&key) = keys.first() {
        remove(&mut keys, key);
    }
    for stats in [wide.stats(), narrow.stats()] {
        assert_eq!((stats.free, stats.chained, stats.buckets_used), (16, 0, 0));
    }
    assert_eq!((guarded.stats().live, guarded.stats().buckets_used), (0, 0));
}

/// A guest is replaced, at home if there is room.
#[test]
fn a_replaced_guest_may_come_home() {
    let (wide, guarded) = (Wide::default(), Guarded::default());
    for key in 0..5 {
        assert_eq!(wide.insert(key, 0), Ok(None));
        assert!(guarded.insert(key, 0).is_ok());
    }
    wide.remove(&2);
    guarded.remove(&2);
    assert_eq!(wide.insert(4, 1), Ok(Some(0)));
    assert!(
        guarded
            .insert(4, 1)
            .is_ok_and(|old| old.is_some_and(|old| *old == 0))
    );
    // All four cells of the neighbour are its own.
    for key in 100..104 {
        assert_eq!(wide.insert(key, 0), Ok(None));
        assert!(guarded.insert(key, 0).is_ok());
    }
    assert_eq!((wide.stats().chained, guarded.stats().chained), (0, 0));
    assert_eq!((wide.get(&4), guarded.get_copied(&4)), (Some(1), Some(1)));
    assert_eq!((wide.len(), guarded.len()), (8, 8));
}
