//! How full a bucket gets by chance: the second part of the page "worst cases".

use machine_code::chances::Binomial;
use machine_code::table;

/// Seats of a group on 32-bit targets.
const SEATS: u32 = 4;
/// The spare cells that a map has if nothing else is said.
const EXTRA: u32 = 8;
/// The capacities on the page.
const CAPACITIES: [u32; 5] = [16, 64, 256, 1024, 4000];
/// How improbable more entries are, in any bucket of the map.
const CHANCES: [(f64, &str); 3] = [
    (1e-3, "1 in 1,000"),
    (1e-6, "1 in a million"),
    (1e-9, "1 in 10^9"),
];

/// A row for each capacity, full and half full.
pub fn rows() -> String {
    let mut heading = ["entries", "buckets"].map(String::from).to_vec();
    heading.extend(CHANCES.map(|(_, name)| format!("more: {name}")));
    let mut rows = vec![heading];
    for capacity in CAPACITIES {
        let groups = groups(capacity + EXTRA);
        for entries in [capacity / 2, capacity] {
            let each = Binomial { entries, groups };
            let mut row = vec![format!("{entries} of {capacity}"), groups.to_string()];
            row.extend(CHANCES.map(|(chance, _)| each.fullest(chance).to_string()));
            rows.push(row);
        }
    }
    table::text(&rows, &[1, 2, 3, 4], true)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_those_of_the_map() {
        for (cells, expected) in [(24, 6), (72, 16), (264, 64), (1032, 256), (4008, 1002)] {
            assert_eq!(groups(cells), expected, "{cells}");
        }
    }
}
