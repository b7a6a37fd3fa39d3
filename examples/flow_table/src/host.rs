//! What only the program on this machine can do: read any file, draw on a terminal, write a page.

mod page;
mod plots;
mod view;

pub use page::Run;
pub use view::View;

use std::fs;
use std::path::Path;
use std::string::{String, ToString};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use targets::boot;

use crate::args::Args;
use crate::failure::Failure;

/// How many flows the view names.
pub const TOP: usize = 5;

/// How often the user pressed Ctrl-C.
static INTERRUPTED: AtomicU32 = AtomicU32::new(0);

/// Looks at what can fail before anything is counted.
pub fn prepare(args: &Args<'_>) -> Result<(), Failure> {
    if args.watch {
        view::must_be_terminal().map_err(Failure::Host)?;
        // The first ends the counting after the pass, and the report follows; the second ends the program.
        let handler = || {
            if INTERRUPTED.fetch_add(1, Relaxed) > 0 {
                view::show_cursor();
                std::process::exit(130);
            }
        };
        ctrlc::set_handler(handler).map_err(|error| Failure::Host(error.to_string()))?;
    }
    if let Some(path) = args.report {
        page::can_write(path).map_err(Failure::Host)?;
    }
    Ok(())
}

/// Whether the user has had enough.
pub fn must_stop() -> bool {
    INTERRUPTED.load(Relaxed) > 0
}

/// The capture's bytes: those of `--capture`, or of the file that the runner hands over.
pub fn file(args: &Args<'_>) -> Result<&'static [u8], Failure> {
    let plain = match args.capture {
        Some(path) => capture_file::read(Path::new(path))
            .map_err(|error| format!("cannot read the capture {path}: {error:#}")),
        None => {
            let bytes = boot::file().ok_or(Failure::NoFile)?;
            if capture_file::starts_plain(bytes) {
                return Ok(bytes);
            }
            capture_file::plain(bytes.to_vec()).map_err(|error| format!("{error:#}"))
        }
    };
    let plain = plain.map_err(Failure::Host)?;
    for note in &plain.notes {
        targets::eprintln!("{note}");
    }
    // One, for as long as the program runs.
    Ok(plain.bytes.leak())
}

/// Writes the page of a run.
pub fn write_report<const N: usize>(path: &str, run: &mut Run<'_, N>) -> Result<(), Failure> {
    let mut write = || -> Result<(), String> {
        let page = page::page(run)?;
        // Beside it first, so that there is never half a page.
        let unfinished = format!("{path}.unfinished");
        fs::write(&unfinished, page)
            .and_then(|()| fs::rename(&unfinished, path))
            .map_err(|error| error.to_string())
    };
    write().map_err(|error| Failure::Host(format!("cannot write the report {path}: {error}")))?;
    targets::eprintln!("report: {path}");
    Ok(())
}
