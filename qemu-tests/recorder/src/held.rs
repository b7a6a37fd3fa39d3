//! A map of which each core holds a guard all the time.

use arenamap::{Map, Ref};
use spin::Mutex;
use targets::cores;

use crate::log::{Answer, Kind, MOST_CORES, Walked};
use crate::subject::{BROKEN, Mortal, Subject, Value};

type Guard = Ref<'static, u32, Mortal>;

/// A map whose look-ups keep their guard until the next one of the same core, and then see whether it
/// still reads what it read.
pub struct Held<const N: usize> {
    map: &'static Map<u32, Mortal, N>,
    /// Each core's own.
    guards: [Mutex<Option<(Guard, u64)>>; MOST_CORES],
}

impl<const N: usize> Held<N> {
    /// No guard is held yet.
    pub const fn new(map: &'static Map<u32, Mortal, N>) -> Self {
        Self {
            map,
            guards: [const { Mutex::new(None) }; MOST_CORES],
        }
    }
}

impl<const N: usize> Subject for Held<N> {
    fn capacity(&self) -> usize {
        self.map.capacity()
    }

    fn spares(&self) -> Option<usize> {
        self.map.spares()
    }

    fn guards(&self) -> Option<usize> {
        Some(1)
    }

    fn run(&self, kind: Kind, key: u64, argument: u64, walked: &mut Walked) -> Answer {
        if kind != Kind::Get {
            return Subject::run(self.map, kind, key, argument, walked);
        }
        let new = self.map.get(&(key as u32)).map(|guard| {
            let number = guard.number();
            (guard, number)
        });
        let answer = new
            .as_ref()
            .map_or(Answer::Absent, |(_, number)| Answer::There(*number));
        let old = core::mem::replace(&mut *self.guards[cores::current()].lock(), new);
        match old {
            Some((guard, number)) if guard.number() != number => Answer::There(BROKEN),
            _ => answer,
        }
    }

    fn clear(&self) -> bool {
        self.guards.iter().for_each(|guard| *guard.lock() = None);
        Subject::clear(self.map)
    }
}
