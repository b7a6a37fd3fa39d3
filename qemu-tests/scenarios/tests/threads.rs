//! Every scenario on threads, at small scale; under Miri at the smallest.

use libtest_mimic::{Arguments, Trial};
use scenarios::{ALL, Env, Failure, Machine, Scale};
use std::process::ExitCode;
use std::thread;

/// The seed of a plain run; `cargo run -p image -- --seed S` takes others.
const SEED: u64 = 1;

/// Of so many threads.
const CORES: usize = if cfg!(miri) { 3 } else { 4 };

fn run_on_threads(work: &(dyn Fn(usize) + Sync)) {
    thread::scope(|scope| {
        for core in 1..CORES {
            scope.spawn(move || work(core));
        }
        work(0);
    });
}

/// The failure, and how to see it again alone.
fn told(name: &str, failure: &Failure) -> String {
    format!(
        "{failure}\nseed {SEED}, {CORES} threads; alone: \
         cargo test --package scenarios --test threads -- --exact {name}"
    )
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    if cfg!(miri) {
        // Miri runs one thread at a time anyway: let it mix those of one scenario.
        arguments.test_threads = Some(1);
    }
    let trials = ALL.iter().map(|scenario| {
        Trial::test(scenario.name, || {
            let machine = Machine {
                cores: CORES,
                run: &run_on_threads,
                pause: thread::yield_now,
                interrupt: None,
            };
            let scale = if cfg!(miri) {
                Scale::Tiny
            } else {
                Scale::Small
            };
            let env = Env::new(machine, SEED, scale);
            (scenario.run)(&env).map_err(|failure| told(scenario.name, &failure).into())
        })
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}
