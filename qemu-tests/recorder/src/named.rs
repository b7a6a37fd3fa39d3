//! A map whose entries have identifiers. Each core knows those of the entries that it has put in itself:
//! what tells of another's would order the cores.

use arenamap::{EntryId, Map, TryInsertError, WithId};
use spin::Mutex;
use targets::cores;

use crate::log::{Answer, Kind, MOST_CORES, Walked};
use crate::subject::{MOST_KEYS, Mortal, Subject, Value, there};

/// Of each key the last entry that a core has put in, and its value. Values are written once, so that one
/// stands for its entry.
type Known = [Option<(EntryId, u64)>; MOST_KEYS as usize];

/// Such a map.
pub struct Named<const N: usize> {
    map: &'static Map<u32, WithId<Mortal>, N>,
    /// Each core's own.
    known: [Mutex<Known>; MOST_CORES],
}

impl<const N: usize> Named<N> {
    /// No entry is known yet.
    pub const fn new(map: &'static Map<u32, WithId<Mortal>, N>) -> Self {
        Self {
            map,
            known: [const { Mutex::new([None; _]) }; MOST_CORES],
        }
    }

    fn name(&self, key: u64, id: EntryId, value: u64) {
        self.known[cores::current()].lock()[key as usize] = Some((id, value));
    }

    fn known(&self, key: u64) -> Option<(EntryId, u64)> {
        self.known[cores::current()].lock()[key as usize]
    }
}

impl<V: Value> Value for WithId<V> {
    fn new(number: u64) -> Self {
        V::new(number).into()
    }

    fn number(&self) -> u64 {
        (**self).number()
    }
}

impl<const N: usize> Subject for Named<N> {
    fn capacity(&self) -> usize {
        self.map.capacity()
    }

    fn spares(&self) -> Option<usize> {
        self.map.spares()
    }

    fn guards(&self) -> Option<usize> {
        self.map.guards()
    }

    fn has(&self, kind: Kind) -> bool {
        !matches!(kind, Kind::Add | Kind::Upsert | Kind::Compute)
    }

    fn named(&self, key: u64) -> Option<u64> {
        self.known(key).map(|(_, value)| value)
    }

    fn run(&self, kind: Kind, key: u64, argument: u64, walked: &mut Walked) -> Answer {
        let number = |entry: Option<Entry<'_>>| there(entry.map(|entry| entry.number()));
        let id = self.known(key).map(|(id, _)| id);
        match kind {
            Kind::Insert => match self.map.insert_with_id(key as u32, Mortal::new(argument)) {
                Ok((id, old)) => {
                    self.name(key, id, argument);
                    number(old)
                }
                Err(_) => Answer::Full,
            },
            Kind::TryInsert => match self.map.try_insert(key as u32, Value::new(argument)) {
                Ok(entry) => {
                    self.name(key, entry.id(), argument);
                    Answer::Absent
                }
                Err(TryInsertError::Occupied { existing, .. }) => number(Some(existing)),
                Err(TryInsertError::Full(_)) => Answer::Full,
            },
            Kind::GetById => number(id.and_then(|id| self.map.get_by_id(id))),
            Kind::RemoveById => number(id.and_then(|id| self.map.remove_by_id(id))),
            _ => Subject::run(self.map, kind, key, argument, walked),
        }
    }

    fn clear(&self) -> bool {
        self.known
            .iter()
            .for_each(|known| *known.lock() = [None; _]);
        Subject::clear(self.map)
    }
}

type Entry<'a> = arenamap::Ref<'a, u32, WithId<Mortal>>;
