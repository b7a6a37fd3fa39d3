//! Runs the scenarios on all cores of a board, or on threads of the host, and reports them in the
//! lines of Rust's test harness.
#![cfg_attr(target_os = "none", no_std, no_main)]

mod args;
mod report;

use args::Args;
use report::Report;
use scenarios::{ALL, Env, MOST_CORES, Machine, REENTRANT, Scenario};
use targets::{boot, clock, cores, exit::Status, interrupt};

targets::entry!(main);

fn main() -> Status {
    match Args::parse(boot::args()) {
        Ok(args) if args.help => {
            targets::println!("{}", args::HELP);
            Status::SUCCESS
        }
        Ok(args) if args.list => {
            report::list(&args);
            Status::SUCCESS
        }
        Ok(args) => run(&args),
        Err(error) => {
            targets::eprintln!("image: {error}");
            Status::failure(2)
        }
    }
}

fn run(args: &Args<'_>) -> Status {
    let selected = selected(args);
    targets::println!("");
    targets::println!("running {} tests", selected.clone().count());
    let taking_part = cores::available().min(MOST_CORES);
    targets::eprintln!(
        "on {taking_part} cores of {}, seed {}, scale {}",
        targets::NAME,
        args.seed,
        args.scale.name
    );
    let mut report = Report::new(args);
    let start = clock::now_ns();
    for scenario in selected {
        let machine = Machine {
            cores: cores::available(),
            run: &cores::run,
            pause: cores::pause,
            interrupt: interrupt::AVAILABLE.then_some(interrupt::during),
        };
        // Said before it starts: a panic or a hang then has a name.
        targets::eprintln!("running {}", scenario.name);
        let env = Env::new(machine, args.seed, args.scale.scale);
        let started = clock::now_ns();
        let result = (scenario.run)(&env);
        report.result(scenario, result, clock::now_ns() - started);
    }
    report.finish(clock::now_ns() - start)
}

/// The scenarios that the arguments choose, of those that this target can run.
fn selected<'a>(args: &'a Args<'_>) -> impl Iterator<Item = &'static Scenario> + Clone + use<'a> {
    let reentrant = if interrupt::AVAILABLE { REENTRANT } else { &[] };
    let all = ALL.iter().chain(reentrant);
    all.filter(|scenario| args.selects(scenario.name))
}
