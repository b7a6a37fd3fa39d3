//! The policy of `Cache`, written down for one context and without a map: what its hit ratios are compared
//! with.
//!
//! A new entry is on probation in a ring of a fifth of the entries; when its turn has come again it stays,
//! if it was used, or else is evicted and leaves a ghost. Of those that stay, a hand that goes round
//! evicts the first that has no use left. A key whose ghost is there stays from the start.

use std::collections::HashMap;

/// A use is counted up to so many.
const MOST_USES: u8 = 3;

#[derive(Clone, Copy)]
struct Entry {
    key: u64,
    uses: u8,
    on_probation: bool,
}

/// A cache of keys only.
pub struct Simulation {
    cells: HashMap<u64, usize>,
    entries: Vec<Entry>,
    most: usize,
    ring: Vec<Option<usize>>,
    arrivals: usize,
    ghosts: Vec<u16>,
    hand: usize,
}

impl Simulation {
    /// An empty one of so many entries.
    pub fn new(entries: usize) -> Self {
        Self {
            cells: HashMap::new(),
            entries: Vec::new(),
            most: entries,
            ring: vec![None; (entries / 5).max(1)],
            arrivals: 0,
            ghosts: vec![0; entries],
            hand: 0,
        }
    }

    /// Whether the key is there; it is afterwards.
    pub fn request(&mut self, key: u64) -> bool {
        if let Some(&cell) = self.cells.get(&key) {
            let uses = &mut self.entries[cell].uses;
            *uses = MOST_USES.min(*uses + 1);
            return true;
        }
        let (place, ghost) = self.ghost(key);
        let returns = self.ghosts[place] == ghost;
        if returns {
            self.ghosts[place] = 0;
        }
        let mut cell = (self.entries.len() < self.most).then_some(self.entries.len());
        let turn = self.arrivals % self.ring.len();
        if !returns {
            if let Some(old) = self.ring[turn] {
                let entry = &mut self.entries[old];
                entry.on_probation = false;
                if entry.uses > 0 {
                    entry.uses = 0;
                } else if cell.is_none() {
                    let (place, ghost) = self.ghost(self.entries[old].key);
                    self.ghosts[place] = ghost;
                    cell = Some(old);
                }
            }
        }
        let cell = cell.unwrap_or_else(|| self.swept());
        let entry = Entry {
            key,
            uses: 0,
            on_probation: !returns,
        };
        match self.entries.get_mut(cell) {
            Some(old) => {
                self.cells.remove(&old.key);
                *old = entry;
            }
            None => self.entries.push(entry),
        }
        self.cells.insert(key, cell);
        if !returns {
            self.ring[turn] = Some(cell);
            self.arrivals += 1;
        }
        false
    }

    /// The first that has no use left.
    fn swept(&mut self) -> usize {
        loop {
            let cell = self.hand % self.most;
            self.hand += 1;
            let entry = &mut self.entries[cell];
            match (entry.on_probation, entry.uses) {
                (true, _) => {}
                (false, 0) => return cell,
                (false, _) => entry.uses -= 1,
            }
        }
    }

    /// Where the key's ghost is, and what it looks like: not zero.
    fn ghost(&self, key: u64) -> (usize, u16) {
        // The finalizer of MurmurHash3.
        let mut hash = key;
        hash = (hash ^ hash >> 33).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
        hash = (hash ^ hash >> 33).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
        hash ^= hash >> 33;
        ((hash % self.most as u64) as usize, (hash >> 48) as u16 | 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(simulation: &mut Simulation, keys: impl IntoIterator<Item = u64>) -> usize {
        keys.into_iter()
            .filter(|&key| simulation.request(key))
            .count()
    }

    #[test]
    fn what_was_used_survives_a_scan() {
        let mut simulation = Simulation::new(10);
        assert_eq!(hits(&mut simulation, (0..5).chain(0..5).chain(0..5)), 10);
        hits(&mut simulation, 100..200);
        assert!(hits(&mut simulation, 0..5) >= 4);
    }

    #[test]
    fn what_comes_back_soon_stays() {
        let mut simulation = Simulation::new(10);
        hits(&mut simulation, 10..23);
        // Evicted on probation, and remembered.
        // (Keys whose ghosts have different places.)
        let out: Vec<u64> = (10..23)
            .filter(|key| !simulation.cells.contains_key(key))
            .collect();
        assert_eq!(out.len(), 3);
        assert_eq!(hits(&mut simulation, out.iter().copied()), 0);
        let stays = |key: &u64| !simulation.entries[simulation.cells[key]].on_probation;
        assert!(out.iter().all(stays));
    }
}
