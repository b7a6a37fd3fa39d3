//! A flow table: every core takes frames of a packet capture and counts packets and bytes per flow
//! in ONE map, without a lock, while core 0 also watches the table and shows the busiest flows.
//!
//! The map is a plain `static` ([`flows::FLOWS`]). No allocator, no registration of cores, no
//! set-up: see [`flows::record`] for how an entry is found or made and counted through a guard,
//! [`monitor`] for walking the map while it changes, and [`count`] for how the cores share
//! the work.
#![cfg_attr(target_os = "none", no_std)]

pub mod args;
pub mod count;
pub mod failure;
pub mod flows;
#[cfg(not(target_os = "none"))]
pub mod host;
pub mod link;
mod log;
pub mod monitor;
pub mod other;
pub mod packet;
pub mod pcap;
pub mod recount;
pub mod report;
pub mod sums;
#[cfg(test)]
mod testdata;
pub mod work;

use targets::boot;

use args::Args;
use failure::Failure;
use pcap::Capture;

/// The whole program: reads the command line and the capture, counts, reports and checks.
pub fn run() -> Result<(), Failure> {
    let args = Args::parse(boot::args()).map_err(Failure::Usage)?;
    if args.help {
        args::print_help();
        return Ok(());
    }
    #[cfg(not(target_os = "none"))]
    host::prepare(&args)?;
    let file = file(&args)?;
    // The whole capture is checked before anything is counted or printed.
    let capture = Capture::validate(file).map_err(Failure::Capture)?;
    // Each table is a type of its own: its size is a part of it.
    match args.flows {
        ..=flows::SMALL => count::count(&flows::FEW, &capture, &args),
        ..=flows::USUAL => count::count(&flows::FLOWS, &capture, &args),
        #[cfg(not(target_pointer_width = "32"))]
        _ => count::count(&flows::MANY_FLOWS, &capture, &args),
        #[cfg(target_pointer_width = "32")]
        _ => count::count(&flows::FLOWS, &capture, &args),
    }
}

/// The capture's bytes.
#[cfg(target_os = "none")]
fn file(_: &Args) -> Result<&'static [u8], Failure> {
    boot::file().ok_or(Failure::NoFile)
}

#[cfg(not(target_os = "none"))]
use host::file;
