//! The hit ratios of a cache beside those of its policy, simulated.

use crate::Cache;
use std::collections::HashMap;
use std::vec::Vec;

/// The policy as it was simulated, entry by entry, for one context: see the text of `cache::policy`.
struct Simulation {
    at: HashMap<u64, usize>,
    keys: Vec<u64>,
    uses: Vec<u8>,
    probation: Vec<bool>,
    ring: Vec<Option<usize>>,
    ghosts: Vec<u64>,
    hand: usize,
    arrivals: usize,
}

impl Simulation {
    fn new(entries: usize) -> Self {
        Self {
            at: HashMap::new(),
            keys: Vec::new(),
            uses: Vec::new(),
            probation: Vec::new(),
            ring: std::vec![None; entries / 5],
            ghosts: std::vec![0; entries],
            hand: 0,
            arrivals: 0,
        }
    }

    /// Whether it is a hit; else it is put in.
    fn request(&mut self, key: u64) -> bool {
        if let Some(&cell) = self.at.get(&key) {
            self.uses[cell] = 2.min(self.uses[cell] + 1);
            return true;
        }
        let entries = self.ghosts.len();
        let ghost = |key: u64| key.wrapping_mul(0x9E37_79B9_7F4A_7C15) as usize % entries;
        let returns = self.ghosts[ghost(key)] == key;
        if returns {
            self.ghosts[ghost(key)] = 0;
        }
        let mut cell = None;
        if self.keys.len() < entries {
            cell = Some(self.keys.len());
            self.keys.push(key);
            self.uses.push(0);
            self.probation.push(false);
        }
        let place = self.arrivals % self.ring.len();
        if !returns {
            if let Some(old) = self.ring[place] {
                self.probation[old] = false;
                if self.uses[old] > 0 {
                    self.uses[old] = 0;
                } else if cell.is_none() {
                    self.ghosts[ghost(self.keys[old])] = self.keys[old];
                    cell = Some(old);
                }
            }
        }
        let cell = cell.unwrap_or_else(|| {
            loop {
                let cell = self.hand % entries;
                self.hand += 1;
                if self.probation[cell] {
                } else if self.uses[cell] > 0 {
                    self.uses[cell] -= 1;
                } else {
                    return cell;
                }
            }
        });
        self.at.remove(&self.keys[cell]);
        self.at.insert(key, cell);
        (self.keys[cell], self.uses[cell]) = (key, 0);
        self.probation[cell] = !returns;
        if !returns {
            self.ring[place] = Some(cell);
            self.arrivals += 1;
        }
        false
    }
}

/// A skewed choice, with runs of keys that come once.
fn requests(many: usize) -> impl Iterator<Item = u64> {
    let mut state = 7u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let mut scan = 1_000_000;
    (0..many).map(move |number| {
        if number % 1_000 < 300 {
            scan += 1;
            return scan;
        }
        // Squared, then squared again: small numbers are frequent.
        let one = (random() % 1_000) as f64 / 1_000.0;
        1 + (one * one * one * 3_000.0) as u64
    })
}

#[test]
#[cfg_attr(miri, ignore = "nothing new, and many requests")]
fn hit_ratios_are_those_of_the_simulation() {
    fn compare<const N: usize, const EXTRA: usize>() {
        let cache: std::boxed::Box<Cache<u64, u64, N, EXTRA>> = std::boxed::Box::default();
        let mut simulation = Simulation::new(N);
        let (mut hits, mut should) = (0, 0);
        let many = 200_000;
        for key in requests(many) {
            should += u32::from(simulation.request(key));
            match cache.get(&key) {
                Some(_) => hits += 1,
                None => assert!(cache.insert(key, key).is_ok()),
            }
        }
        assert_eq!(cache.len(), N);
        assert_eq!(cache.stats().hits, hits as usize);
        let percent = |hits: u32| 100.0 * f64::from(hits) / many as f64;
        assert!(
            percent(hits) > percent(should) - 0.5,
            "{N}: {} but {} are simulated",
            percent(hits),
            percent(should)
        );
    }
    compare::<50, 8>();
    compare::<200, 50>();
    compare::<1_000, 8>();
}
