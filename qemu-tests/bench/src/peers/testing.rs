//! Subjects that misbehave, to test that the suite says so. Measured only where named.

use std::thread;
use std::time::Duration;

use super::locks::{Hashbrown, In};
use crate::subject::{Session, Subject};

type Inner = In<std::sync::Mutex<Hashbrown>, Hashbrown>;

/// Its first get never returns.
pub struct Stuck(Inner);
/// Its first get panics.
pub struct Broken(Inner);
/// It says that it inserted, and did not.
pub struct Forgetful(Inner);

impl Subject for Stuck {
    type Session<'a> = &'a Self;

    fn with_capacity(capacity: usize) -> Self {
        Self(Inner::with_capacity(capacity))
    }

    fn session(&self) -> &Self {
        self
    }
}

impl Session for &Stuck {
    fn get(&mut self, _: u64) -> Option<u64> {
        loop {
            thread::sleep(Duration::from_secs(1));
        }
    }

    fn insert(&mut self, key: u64, value: u64) -> bool {
        self.0.session().insert(key, value)
    }

    fn remove(&mut self, key: u64) -> bool {
        self.0.session().remove(key)
    }

    fn add_one(&mut self, key: u64) -> bool {
        self.0.session().add_one(key)
    }
}

impl Subject for Broken {
    type Session<'a> = &'a Self;

    fn with_capacity(capacity: usize) -> Self {
        Self(Inner::with_capacity(capacity))
    }

    fn session(&self) -> &Self {
        self
    }
}

impl Session for &Broken {
    fn get(&mut self, _: u64) -> Option<u64> {
        panic!("broken on purpose")
    }

    fn insert(&mut self, key: u64, value: u64) -> bool {
        self.0.session().insert(key, value)
    }

    fn remove(&mut self, key: u64) -> bool {
        self.0.session().remove(key)
    }

    fn add_one(&mut self, key: u64) -> bool {
        self.0.session().add_one(key)
    }
}

impl Subject for Forgetful {
    type Session<'a> = &'a Self;

    fn with_capacity(capacity: usize) -> Self {
        Self(Inner::with_capacity(capacity))
    }

    fn session(&self) -> &Self {
        self
    }
}

impl Session for &Forgetful {
    fn get(&mut self, key: u64) -> Option<u64> {
        self.0.session().get(key)
    }

    fn insert(&mut self, key: u64, value: u64) -> bool {
        key % 8 == 1 || self.0.session().insert(key, value)
    }

    fn remove(&mut self, key: u64) -> bool {
        self.0.session().remove(key)
    }

    fn add_one(&mut self, key: u64) -> bool {
        self.0.session().add_one(key)
    }
}
