//! How long chains get by chance: the second part of the page "worst cases".
//!
//! Of `entries` that are thrown into `groups`, a group gets as many as a binomial distribution says; what
//! is more than its four seats is its chain. (On 64-bit targets a group also borrows seats from its
//! neighbour: chains are shorter there than this says.)

use machine_code::table;

/// Seats of a group on 32-bit targets.
const SEATS: u32 = 4;
/// The spare cells that a map has if nothing else is said.
const EXTRA: u32 = 8;
/// The capacities on the page.
const CAPACITIES: [u32; 5] = [16, 64, 256, 1024, 4000];
/// How improbable a longer chain is, anywhere in the map.
const CHANCES: [(f64, &str); 3] = [
    (1e-3, "1 in 1,000"),
    (1e-6, "1 in a million"),
    (1e-9, "1 in 10^9"),
];

/// A row for each capacity, full and half full.
pub fn rows() -> String {
    let mut heading = ["entries", "groups", "in chains, of all"]
        .map(String::from)
        .to_vec();
    heading.extend(CHANCES.map(|(_, name)| format!("longer: {name}")));
    let mut rows = vec![heading];
    for capacity in CAPACITIES {
        let groups = groups(capacity + EXTRA);
        for entries in [capacity / 2, capacity] {
            let each = Binomial { entries, groups };
            let mut row = vec![
                format!("{entries} of {capacity}"),
                groups.to_string(),
                format!("{:.1} %", 100.0 * each.chained() / f64::from(entries)),
            ];
            row.extend(CHANCES.map(|(chance, _)| each.longest(chance).to_string()));
            rows.push(row);
        }
    }
    table::text(&rows, &[1, 2, 3, 4, 5], true)
}

/// As the map has it (`arenamap::Stats::buckets` says the same): a quarter of the cells, or a power of two
/// that is at most an eighth less.
fn groups(cells: u32) -> u32 {
    let groups = cells / SEATS;
    let power = 1 << groups.ilog2();
    if power >= groups - groups / 8 {
        power
    } else {
        groups
    }
}

/// How many of the entries one group gets.
struct Binomial {
    entries: u32,
    groups: u32,
}

impl Binomial {
    /// The chances of 0, 1, ... entries in a group.
    fn chances(&self) -> impl Iterator<Item = f64> {
        let (entries, odds) = (self.entries, 1.0 / f64::from(self.groups - 1));
        let none = f64::from(entries) * (-1.0 / f64::from(self.groups)).ln_1p();
        (0..=entries).scan(none.exp(), move |next, count| {
            let chance = *next;
            *next *= f64::from(entries - count) / f64::from(count + 1) * odds;
            Some(chance)
        })
    }

    /// How many entries are in chains, on the average.
    fn chained(&self) -> f64 {
        let over = (0u32..).zip(self.chances());
        let over = over.map(|(count, chance)| f64::from(count.saturating_sub(SEATS)) * chance);
        f64::from(self.groups) * over.sum::<f64>()
    }

    /// The chain that is exceeded anywhere in the map with at most this chance: no sum of the chances of
    /// each group is more than theirs together.
    fn longest(&self, chance: f64) -> usize {
        let chances: Vec<f64> = self.chances().collect();
        // From the smallest ones on, so that none is lost.
        let mut more = 0.0;
        for (count, this) in chances.iter().enumerate().rev() {
            more += this;
            if more * f64::from(self.groups) > chance {
                return count.saturating_sub(SEATS as usize);
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chances_add_up() {
        for (entries, groups) in [(16, 6), (64, 16), (4000, 1002)] {
            let all: f64 = Binomial { entries, groups }.chances().sum();
            assert!((all - 1.0).abs() < 1e-9, "{all}");
        }
    }

    /// Four entries a group of many are distributed as Poisson says.
    #[test]
    fn a_fifth_is_in_chains_in_the_limit() {
        let each = Binomial {
            entries: 4_000_000,
            groups: 1_000_000,
        };
        let part = each.chained() / 4e6;
        assert!((part - 0.19537).abs() < 1e-4, "{part}");
    }

    /// Two entries in two groups: both in one, half of the time.
    #[test]
    fn small_cases_by_hand() {
        let each = Binomial {
            entries: 6,
            groups: 2,
        };
        // Five or six in one group, with chances of 6 and 1 in 64 each: (2 * 6 * 1 + 2 * 1 * 2) / 64.
        assert!((each.chained() - 0.25).abs() < 1e-12);
        // More than one in the chain: 2 in 64. More than none: 14 in 64.
        assert_eq!(each.longest(0.03), 2);
        assert_eq!(each.longest(0.04), 1);
        assert_eq!(each.longest(0.22), 0);
    }

    #[test]
    fn groups_are_those_of_the_map() {
        for (cells, expected) in [(24, 6), (72, 16), (264, 64), (1032, 256), (4008, 1002)] {
            assert_eq!(groups(cells), expected, "{cells}");
        }
    }
}
