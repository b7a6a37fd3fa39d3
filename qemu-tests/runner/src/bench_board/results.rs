//! What the image prints, line by line.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};

/// The package that measures.
pub const IMAGE: &str = "bench-image";

/// All that one run said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Results {
    /// Facts about the program: `board`, `unit`, `ticks` (whether the counter's ticks are no instructions),
    /// `rustc`, `capacity`.
    pub about: BTreeMap<String, String>,
    /// What operations took, in the order of the image.
    pub counts: Vec<Count>,
    /// How many operations there were in a second, in the order of the image.
    pub rates: Vec<Rate>,
}

/// What one operation on one map took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The table that it belongs to.
    pub table: String,
    /// The type of key and value.
    pub key: String,
    /// The map.
    pub map: String,
    /// The operation.
    pub operation: String,
    /// All repetitions together.
    pub total: u64,
    /// How many there were.
    pub operations: u64,
    /// The one that took the most.
    pub most: u64,
}

impl Count {
    /// Its name among the committed counts.
    pub fn name(&self) -> String {
        let Count {
            table,
            key,
            map,
            operation,
            ..
        } = self;
        format!("{table} {key} {map} {operation}")
    }

    /// Units per operation.
    pub fn mean(&self) -> f64 {
        self.total as f64 / self.operations as f64
    }
}

/// The throughput of one map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// What the cores did.
    pub mix: String,
    /// How many cores.
    pub cores: usize,
    /// The map.
    pub map: String,
    /// Operations per second in each round.
    pub rounds: Vec<u64>,
}

impl Rate {
    /// The median of the rounds.
    pub fn median(&self) -> f64 {
        let mut rounds = self.rounds.clone();
        rounds.sort_unstable();
        rounds
            .get(rounds.len() / 2)
            .map_or(0.0, |&rate| rate as f64)
    }
}

impl Results {
    /// Reads the lines of an image that came to its end.
    pub fn parse(text: &str) -> Result<Results> {
        let mut results = Results::default();
        for line in text.lines() {
            let parts: Vec<_> = line.split(',').collect();
            results
                .line(&parts)
                .with_context(|| format!("the image printed a bad line: {line:?}"))?;
        }
        results.fact("rustc")?;
        results.fact("unit")?;
        Ok(results)
    }

    /// A fact about the program.
    pub fn fact(&self, name: &str) -> Result<&str> {
        self.about
            .get(name)
            .map(String::as_str)
            .with_context(|| format!("the image did not say its {name}"))
    }

    fn line(&mut self, parts: &[&str]) -> Result<()> {
        match *parts {
            ["about", name, value] => {
                self.about.insert(name.into(), value.into());
            }
            ["count", table, key, map, operation, total, operations, most] => {
                let count = Count {
                    table: table.into(),
                    key: key.into(),
                    map: map.into(),
                    operation: operation.into(),
                    total: total.parse()?,
                    operations: operations.parse()?,
                    most: most.parse()?,
                };
                if count.operations == 0 {
                    bail!("nothing was counted");
                }
                self.counts.push(count);
            }
            ["rate", mix, cores, map, _, per_second] => {
                self.rate(mix, cores.parse()?, map)
                    .push(per_second.parse()?);
            }
            _ => bail!("not a known kind of line"),
        }
        Ok(())
    }

    /// The rounds of this map.
    fn rate(&mut self, mix: &str, cores: usize, map: &str) -> &mut Vec<u64> {
        let same = |rate: &Rate| rate.mix == mix && rate.cores == cores && rate.map == map;
        let at = self.rates.iter().position(same).unwrap_or_else(|| {
            self.rates.push(Rate {
                mix: mix.into(),
                cores,
                map: map.into(),
                rounds: Vec::new(),
            });
            self.rates.len() - 1
        });
        &mut self.rates[at].rounds
    }

    /// Takes over the throughput of another run of the same program.
    pub fn add_rates(&mut self, other: Results) {
        self.about.extend(other.about);
        self.rates.extend(other.rates);
    }

    /// The first thing in which the counts of another run differ: by more than the rounding of a counter
    /// that counts ticks of a clock.
    pub fn difference(&self, other: &Results) -> Option<String> {
        let exact = self.about.get("ticks").is_none_or(|ticks| ticks == "no");
        let near = |one: u64, two: u64, readings: u64| match exact {
            true => one == two,
            // Each of an operation's two readings may round otherwise.
            false => one.abs_diff(two) <= 2 * readings,
        };
        for (one, two) in self.counts.iter().zip(&other.counts) {
            let same = one.name() == two.name() && one.operations == two.operations;
            if !same || !near(one.total, two.total, one.operations) || !near(one.most, two.most, 4)
            {
                return Some(format!(
                    "{}: {} in {} operations (the most: {}), then {} in {} ({})",
                    one.name(),
                    one.total,
                    one.operations,
                    one.most,
                    two.total,
                    two.operations,
                    two.most
                ));
            }
        }
        let (one, two) = (self.counts.len(), other.counts.len());
        (one != two).then(|| format!("{one} rows, then {two}"))
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// What an image prints.
    pub const TEXT: &str = "\
about,board,aarch64
about,unit,instructions
about,rustc,1.95.0 (abc 2026-04-14)
about,capacity,256
count,few,u32,copy_map,get_hit_1,320,8,40
count,few,u32,bare,get_hit_1,160,8,20
count,half_full,u32,copy_map,get_hit,12900,256,78
count,chain,u32,map,get_hit_1,800,8,100
count,chain,u32,map,get_hit_2,880,8,110
rate,reads,1,copy_map,1,2000000
rate,reads,1,spin_fnv,1,1000000
rate,reads,1,copy_map,2,3000000
rate,reads,1,spin_fnv,2,1000000
rate,reads,1,copy_map,3,9000000
rate,reads,1,spin_fnv,3,5000000
";

    #[test]
    fn all_kinds_of_lines() {
        let results = Results::parse(TEXT).unwrap();
        assert_eq!(results.fact("unit").unwrap(), "instructions");
        assert_eq!(results.counts[0].name(), "few u32 copy_map get_hit_1");
        assert!((results.counts[2].mean() - 50.390_625).abs() < 1e-9);
        assert_eq!(results.rates.len(), 2);
        assert!((results.rates[0].median() - 3e6).abs() < 1e-9);
        assert!((results.rates[1].median() - 1e6).abs() < 1e-9);
    }

    #[test]
    fn bad_lines_are_named() {
        for bad in [
            "hello",
            "count,few,u32,map,get,1,0,1",
            "count,few,u32,map,get,1,2",
            "count,few,u32,map,get,x,2,3",
            "rate,reads,one,map,1,5",
        ] {
            let error = Results::parse(&format!("{TEXT}{bad}\n")).unwrap_err();
            assert!(error.to_string().contains(bad), "{error}");
        }
        let error = Results::parse("about,unit,ticks\n").unwrap_err();
        assert!(error.to_string().contains("rustc"), "{error}");
    }

    #[test]
    fn the_first_difference_is_named() {
        let first = Results::parse(TEXT).unwrap();
        assert_eq!(first.difference(&first), None);
        let second = Results::parse(&TEXT.replace("160,8", "161,8")).unwrap();
        let text = first.difference(&second).unwrap();
        assert!(text.contains("few u32 bare get_hit_1: 160"), "{text}");
        let ticks = TEXT.replace("about,unit,", "about,ticks,yes\nabout,unit,");
        let first_of_ticks = Results::parse(&ticks).unwrap();
        let second = Results::parse(&ticks.replace("160,8", "176,8")).unwrap();
        assert_eq!(first_of_ticks.difference(&second), None);
        let second = Results::parse(&ticks.replace("160,8", "177,8")).unwrap();
        assert!(first_of_ticks.difference(&second).is_some());
        let mut second = first.clone();
        second.counts.pop();
        assert_eq!(first.difference(&second).unwrap(), "5 rows, then 4");
    }
}
