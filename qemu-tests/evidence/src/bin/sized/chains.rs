//! How many entries get into chains: counted in maps that are filled, and then have each entry removed and
//! another one put in, over and over.
//!
//! An entry in a chain lies in a cell that is at home in another bucket, which then lacks it. So there are
//! more chains in a map that was in use for long than in one that was just filled.

use arenamap::{CopyMap, Stats};

use crate::wanted::{COPY_N, ENTRIES, EXTRA};

/// How often all entries are replaced by others: more makes no difference any more.
const TURNS: usize = 10;
/// How many entries are put in, at least.
const WORK: usize = 1_000_000;

/// One line for each `EXTRA`: it, the buckets, and means: of the entries in chains after filling and after
/// use, and of those in the fullest bucket.
pub fn print() {
    macro_rules! print {
        ($($place:literal)*) => {
            $({
                static MAP: CopyMap<u64, (), COPY_N, { EXTRA[$place] }> = CopyMap::new();
                let means = means(&MAP);
                println!("{} {means}", EXTRA[$place]);
            })*
        };
    }
    print!(0 1 2);
}

fn means<const N: usize, const E: usize>(map: &CopyMap<u64, (), N, E>) -> String {
    let runs = WORK.div_ceil(TURNS * ENTRIES);
    let mut keys = Keys(1);
    let (mut filled, mut used) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        map.clear();
        let mut there: Vec<u64> = (0..ENTRIES).map(|_| keys.put_in(map)).collect();
        filled.push(map.stats());
        for turn in 0..TURNS * ENTRIES {
            // Not in their order: what goes is any of them.
            let at = (keys.next() % ENTRIES as u64) as usize;
            map.remove(&there[at]);
            there[at] = keys.put_in(map);
            if turn % ENTRIES == 0 && turn >= TURNS / 2 * ENTRIES {
                used.push(map.stats());
            }
        }
    }
    let mean = |of: &[Stats], what: fn(&Stats) -> usize| {
        let sum: usize = of.iter().map(what).sum();
        sum as f64 / of.len() as f64
    };
    format!(
        "{} {:.1} {:.1} {:.1}",
        used[0].buckets,
        mean(&filled, |stats| stats.chained),
        mean(&used, |stats| stats.chained),
        mean(&used, |stats| stats.fullest_bucket)
    )
}

/// Keys at random (xorshift), the same ones in each run of the program.
struct Keys(u64);

impl Keys {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn put_in<const N: usize, const E: usize>(&mut self, map: &CopyMap<u64, (), N, E>) -> u64 {
        let key = self.next();
        map.try_insert(key, ()).expect("no entry is left over");
        key
    }
}
