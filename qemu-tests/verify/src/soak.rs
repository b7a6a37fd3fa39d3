//! What `cargo qemu soak` and its program on the host have in common: the command line.

use std::time::Duration;

/// What both take.
#[derive(Clone, Debug, clap::Args)]
pub struct Options {
    #[command(flatten)]
    limit: Limit,
    /// A whole number, which the run prints; repeats the operations of a run, though not their timing
    /// [default: random on the host, 1 on a board]
    #[arg(long)]
    pub seed: Option<u64>,
    /// How many threads on the host [default: twice as many as there are cores]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=64), allow_negative_numbers = true)]
    pub threads: Option<u16>,
}

/// When it ends.
#[derive(Clone, Copy, Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct Limit {
    /// How long: a number of hours above 0, such as 0.5
    #[arg(long, value_parser = hours, allow_hyphen_values = true)]
    hours: Option<f64>,
    /// How many operations, such as 2_000_000; rounded up to whole histories
    #[arg(long, value_parser = operations, allow_hyphen_values = true)]
    operations: Option<u64>,
}

impl Options {
    /// How long.
    pub fn time(&self) -> Option<Duration> {
        self.limit.hours.and_then(time)
    }

    /// How many operations.
    pub fn operations(&self) -> Option<u64> {
        self.limit.operations
    }

    /// The same command line again.
    pub fn args(&self) -> Vec<String> {
        let Limit { hours, operations } = self.limit;
        let options = [
            hours.map(|hours| format!("--hours={hours}")),
            operations.map(|operations| format!("--operations={operations}")),
            self.seed.map(|seed| format!("--seed={seed}")),
            self.threads.map(|threads| format!("--threads={threads}")),
        ];
        options.into_iter().flatten().collect()
    }
}

fn time(hours: f64) -> Option<Duration> {
    let time = Duration::try_from_secs_f64(hours * 3600.0).ok();
    time.filter(|time| !time.is_zero())
}

fn hours(text: &str) -> Result<f64, &'static str> {
    let hours = text.parse().ok();
    hours
        .filter(|hours| time(*hours).is_some())
        .ok_or("must be a number above 0, such as 0.5")
}

fn operations(text: &str) -> Result<u64, &'static str> {
    let number = text.replace('_', "").parse().ok();
    number
        .filter(|number| *number > 0)
        .ok_or("must be a whole number above 0")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Cli {
        #[command(flatten)]
        options: Options,
    }

    fn parse(args: &str) -> Result<Options, String> {
        let cli = Cli::try_parse_from(format!("soak {args}").split_whitespace());
        cli.map(|cli| cli.options)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn limits() {
        let half = parse("--hours .5").unwrap();
        assert_eq!(half.time(), Some(Duration::from_secs(1800)));
        assert_eq!(half.args(), ["--hours=0.5"]);
        let many = parse("--operations 2_000_000 --seed 3 --threads 64").unwrap();
        assert_eq!((many.operations(), many.time()), (Some(2_000_000), None));
        let args = many.args();
        assert_eq!(args, ["--operations=2000000", "--seed=3", "--threads=64"]);
        assert_eq!(parse(&args.join(" ")).unwrap().args(), args);
    }

    #[test]
    fn wrong_limits_are_told() {
        for hours in ["0", "-0", "nan", "inf", "-1", "1e-300", "1e300", "long"] {
            for between in [" ", "="] {
                let error = parse(&format!("--hours{between}{hours}")).unwrap_err();
                let text = "must be a number above 0, such as 0.5";
                assert!(error.contains(text), "{error}");
            }
        }
        for operations in ["0", "-5", "1.5", "_", "many", "99999999999999999999"] {
            let error = parse(&format!("--operations {operations}")).unwrap_err();
            assert!(error.contains("must be a whole number above 0"), "{error}");
        }
        for threads in ["0", "65", "100000", "-5"] {
            let error = parse(&format!("--operations 1 --threads {threads}")).unwrap_err();
            assert!(error.contains("is not in 1..=64"), "{error}");
        }
        let none = parse("").unwrap_err();
        assert!(
            none.contains("<--hours <HOURS>|--operations <OPERATIONS>>"),
            "{none}"
        );
        let both = parse("--hours 1 --operations 1").unwrap_err();
        assert!(both.contains("cannot be used with"), "{both}");
    }
}
