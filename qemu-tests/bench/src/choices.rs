//! What each choice of the design is worth, measured on the product itself: the alternative is
//! brought about from outside, so that no switch for it is left in the code.

use crate::guard;
use crate::peers::leaked;
use crate::table::{self, Subject, keys, shuffled, sum};
use arenamap::{CopyMap, DefaultHashBuilder, Map};
use std::hash::{BuildHasher, Hasher};
use std::hint::black_box;

const READS: usize = 1 << 16;

/// Prints the tables.
pub fn run(rounds: usize) {
    placement::<1024>(rounds);
    placement::<65536>(rounds);
    placement::<{ 1 << 20 }>(rounds);
    claim::<1024>(rounds);
    claim::<65536>(rounds);
    guard::run(rounds);
    comparison::<1024>(rounds);
    comparison::<65536>(rounds);
}

/// An entry in its home cell, against one in any cell: the second map was full of other entries
/// while the keys went in, one for one, so that each had to take the only free cell.
fn placement<const N: usize>(rounds: usize) {
    let (present, others) = keys(N / 2, N as u64);
    let order: &'static [u64] = shuffled(&present, READS).leak();
    let home: &'static CopyMap<u64, u64, N> = leaked();
    let elsewhere: &'static CopyMap<u64, u64, N> = leaked();
    let fillers: Vec<u64> = others
        .iter()
        .flat_map(|&key| [key, key ^ (1 << 63)])
        .collect();
    for &key in &fillers {
        assert_eq!(elsewhere.insert(key, 0), Ok(None));
    }
    for (&key, filler) in present.iter().zip(&fillers) {
        assert_eq!(home.insert(key, !key), Ok(None));
        elsewhere.remove(filler);
        assert_eq!(elsewhere.insert(key, !key), Ok(None));
    }
    for filler in &fillers {
        elsewhere.remove(filler);
    }
    let read =
        |map: &'static CopyMap<u64, u64, N>| move || sum(order, |key| map.get(&key).unwrap_or(1));
    let subjects = vec![
        Subject::new("entry in its home cell", read(home)),
        Subject::new("entry in any cell", read(elsewhere)),
    ];
    let title = format!("placement: CopyMap::get, capacity {N}, half full, 1 thread");
    table::run(&title, READS, rounds, subjects);
}

/// Insert + remove at rising load: what finding a cell costs when few are free.
fn claim<const N: usize>(rounds: usize) {
    const PAIRS: usize = 1 << 14;
    let subjects = [50, 90, 99, 100]
        .into_iter()
        .map(|load| {
            let map: &'static CopyMap<u64, u64, N> = leaked();
            let (present, _) = keys(N * load / 100, N as u64);
            for &key in &present {
                assert_eq!(map.insert(key, !key), Ok(None));
            }
            let mut oldest = 0;
            let mut present = present;
            let mut random = fastrand::Rng::with_seed(1);
            Subject::new(format!("{load} % full"), move || {
                for _ in 0..PAIRS {
                    let removed = map.remove(&present[oldest]);
                    let key = random.u64(..) | 1;
                    let inserted = map.insert(black_box(key), !key);
                    assert!(removed.is_some() && inserted == Ok(None));
                    present[oldest] = key;
                    oldest = (oldest + 1) % present.len();
                }
                0
            })
        })
        .collect();
    let title = format!("claim: CopyMap remove + insert of another key, capacity {N}, 1 thread");
    table::run(&title, PAIRS, rounds, subjects);
}

/// Compare the label first, against holding every entry that is compared: the second map's
/// hasher gives all keys the same label and the same buckets as the first's.
fn comparison<const N: usize>(rounds: usize) {
    let (present, absent) = keys(N / 2, N as u64);
    let label: &'static Map<u64, u64, N> = leaked();
    let always: &'static Map<u64, u64, N, 8, SameLabel> = leaked();
    for &key in &present {
        assert!(label.insert(key, !key).is_ok());
        assert!(always.insert(key, !key).is_ok());
    }
    for (workload, pool) in [("hit", &present), ("miss", &absent)] {
        let order: &'static [u64] = shuffled(pool, READS).leak();
        let subjects = vec![
            Subject::new("label first", move || {
                sum(order, |key| label.get(&key).map_or(1, |value| *value))
            }),
            Subject::new("hold every entry compared", move || {
                sum(order, |key| always.get(&key).map_or(1, |value| *value))
            }),
        ];
        let title =
            format!("key comparison: Map::get, {workload}, capacity {N}, half full, 1 thread");
        table::run(&title, READS, rounds, subjects);
    }
}

/// The default hash with a constant low half, where a map takes its labels from.
#[derive(Default)]
struct SameLabel(DefaultHashBuilder);

struct HighHalf(arenamap::DefaultHasher);

impl BuildHasher for SameLabel {
    type Hasher = HighHalf;

    #[inline(always)]
    fn build_hasher(&self) -> HighHalf {
        HighHalf(self.0.build_hasher())
    }
}

impl Hasher for HighHalf {
    #[inline(always)]
    fn finish(&self) -> u64 {
        arenamap::placed(self.0.finish() & (!0 << 32))
    }

    #[inline(always)]
    fn write(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    #[inline(always)]
    fn write_u64(&mut self, value: u64) {
        self.0.write_u64(value);
    }
}
