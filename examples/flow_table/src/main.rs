//! Counts packets and bytes per flow of a real capture, on all cores in one map.
//!
//! Every core takes frames of the capture, without a lock; core 0 also watches the table
//! and shows the busiest flows meanwhile.
//!
//! The library does the work: read `lib.rs` first.
#![cfg_attr(target_os = "none", no_std, no_main)]

use targets::exit::Status;

targets::entry!(main);

fn main() -> Status {
    match flow_table::run() {
        Ok(()) => Status::SUCCESS,
        Err(failure) => {
            targets::eprintln!("flow_table: {failure}");
            Status::failure(failure.exit_code())
        }
    }
}
