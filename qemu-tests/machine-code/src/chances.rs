//! How many entries a bucket gets by chance.
//!
//! Of `entries` that are thrown into `groups`, a group gets as many as a binomial distribution says. (How
//! many of them find a seat depends on what happened before: an entry in a chain lies in another group's
//! cell.)

/// So many entries, in so many buckets.
pub struct Binomial {
    /// The entries.
    pub entries: u32,
    /// The buckets.
    pub groups: u32,
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

    /// The entries that no bucket of the whole map has more of, but with this chance: no sum of the chances
    /// of each bucket is more than theirs together.
    pub fn fullest(&self, chance: f64) -> usize {
        if self.groups == 1 {
            return self.entries as usize;
        }
        let chances: Vec<f64> = self.chances().collect();
        // From the smallest ones on, so that none is lost.
        let mut more = 0.0;
        for (count, this) in chances.iter().enumerate().rev() {
            more += this;
            if more * f64::from(self.groups) > chance {
                return count;
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

    /// Six entries in two groups.
    #[test]
    fn small_cases_by_hand() {
        let each = Binomial {
            entries: 6,
            groups: 2,
        };
        // More than five in one of them: 2 in 64. More than four: 14 in 64.
        assert_eq!(each.fullest(0.03), 6);
        assert_eq!(each.fullest(0.04), 5);
        assert_eq!(each.fullest(0.22), 4);
        let one = Binomial { groups: 1, ..each };
        assert_eq!(one.fullest(0.5), 6);
    }
}
