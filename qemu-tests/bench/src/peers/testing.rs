//! Subjects that misbehave, to test that the suite says so. Measured only where named.

use std::thread;
use std::time::Duration;

use super::locks::{Hashbrown, Sequential};

/// Its gets never return.
pub const STUCK: u8 = 0;
/// Its gets panic.
pub const BROKEN: u8 = 1;
/// It says that it inserted, and for some keys it did not.
pub const FORGETFUL: u8 = 2;

/// A map with this fault.
pub struct Faulty<const FAULT: u8>(Hashbrown);

impl<const FAULT: u8> Sequential for Faulty<FAULT> {
    fn with_capacity(capacity: usize) -> Self {
        Self(Sequential::with_capacity(capacity))
    }

    fn get(&self, key: u64) -> Option<u64> {
        match FAULT {
            STUCK => loop {
                thread::sleep(Duration::from_secs(1));
            },
            BROKEN => panic!("broken on purpose"),
            _ => Sequential::get(&self.0, key),
        }
    }

    fn put(&mut self, key: u64, value: u64) -> bool {
        FAULT == FORGETFUL && key % 8 == 1 || self.0.put(key, value)
    }

    fn take(&mut self, key: u64) -> bool {
        self.0.take(key)
    }

    fn add_one(&mut self, key: u64) -> bool {
        self.0.add_one(key)
    }
}
