//! Counts the instructions of each operation, or measures the throughput of several cores, and
//! prints the results line by line for the runner (`cargo qemu bench BOARD`).
#![cfg_attr(target_os = "none", no_std, no_main)]

mod args;
mod caches;
mod cases;
mod chains;
mod counts;
#[cfg(all(target_os = "none", target_has_atomic = "ptr"))]
mod critical;
mod interrupted;
mod keys;
mod lines;
mod locked;
mod masked;
mod measure;
#[cfg(target_has_atomic = "ptr")]
mod smp;
mod store;
mod worst;

use args::{Args, What};
use targets::{boot, exit::Status};

targets::entry!(main);

fn main() -> Status {
    match Args::parse(boot::args()) {
        Ok(args) => match args.what {
            What::Help => {
                targets::println!("{}", args::HELP);
                Status::SUCCESS
            }
            What::Counts => counts::run(),
            #[cfg(target_has_atomic = "ptr")]
            What::Smp => smp::run(args.rounds, args.milliseconds),
            #[cfg(not(target_has_atomic = "ptr"))]
            What::Smp => {
                targets::eprintln!("bench-image: this target has one core");
                Status::failure(2)
            }
        },
        Err(error) => {
            targets::eprintln!("bench-image: {error}");
            Status::failure(2)
        }
    }
}
