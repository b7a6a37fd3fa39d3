//! Whole lines over the serial port: text, data, or a frame of the logger.
//!
//! `C-LINE`: whoever sends a part of a line holds [`LOCK`] from before its first byte until after its
//! line feed, so that lines of two cores never mix. Only a core that ends the program may pass it by.

use core::fmt::{self, Write};

use portable_atomic::{AtomicBool, AtomicUsize, Ordering};
use protocol::{EXIT_MARK, STDOUT_MARK, is_mark};
use spin::Mutex;

use super::cores;
use crate::arch::clock;
use crate::board::CONSOLE;

/// Held while a line is sent.
static LOCK: Mutex<()> = Mutex::new(());

/// The core that holds the lock, plus one. Only compared with the reader's own number, which no
/// other core writes, so `Relaxed` is enough.
static HOLDER: AtomicUsize = AtomicUsize::new(0);

/// Whether a core is in the midst of a line or waits to begin one. Only the core itself (with its
/// interrupt handlers) reads and writes its own, so `Relaxed` is enough.
static BUSY: [AtomicBool; cores::MAX] = [const { AtomicBool::new(false) }; cores::MAX];

/// How long a core that ends the program waits for another core to finish its line.
const PATIENCE_NS: u64 = 1_000_000_000;

/// See [`crate::console::print_data`].
pub fn print_data(text: fmt::Arguments<'_>) {
    print(Kind::Data, text);
}

/// See [`crate::console::print_text`].
pub fn print_text(text: fmt::Arguments<'_>) {
    print(Kind::Text, text);
}

fn print(kind: Kind, text: fmt::Arguments<'_>) {
    take();
    send(kind, text);
    // SAFETY: taken above.
    unsafe { give_back() };
}

/// Begins a line that is a frame of the logger: takes the console until [`end_frame`].
#[cfg(feature = "defmt")]
pub fn start_frame() {
    take();
    protocol::log::start(cores::current(), |byte| CONSOLE.send(byte));
}

/// Sends a part of the frame. To be called between [`start_frame`] and [`end_frame`].
#[cfg(feature = "defmt")]
pub fn send_frame(bytes: &[u8]) {
    for &byte in bytes {
        protocol::log::encode(byte, |byte| CONSOLE.send(byte));
    }
}

/// Ends the frame and its line.
///
/// # Safety
/// This core has called [`start_frame`], once for each call of this function.
#[cfg(feature = "defmt")]
pub unsafe fn end_frame() {
    CONSOLE.send(b'\n');
    // SAFETY: `start_frame` has taken it.
    unsafe { give_back() };
}

/// Takes the console for a line of this core, which may have to wait for another core's.
///
/// A core that is busy with a line already would wait for itself for ever: an interrupt handler that
/// prints, or a value that prints while it is formatted. That is a bug in the program, and ends it.
fn take() {
    let core = cores::current();
    assert!(
        !BUSY[core].load(Ordering::Relaxed),
        "printed or logged in the midst of a line of the same core: from an interrupt handler, or \
         while a value was formatted"
    );
    BUSY[core].store(true, Ordering::Relaxed);
    core::mem::forget(LOCK.lock());
    HOLDER.store(core + 1, Ordering::Relaxed);
}

/// Ends what [`take`] began.
///
/// # Safety
/// This core has called [`take`], once for each call of this function.
unsafe fn give_back() {
    HOLDER.store(0, Ordering::Relaxed);
    // SAFETY: `C-LINE`: this core took the lock in `take` and kept no guard of it.
    unsafe { LOCK.force_unlock() };
    BUSY[cores::current()].store(false, Ordering::Relaxed);
}

/// Sends the program's last words and keeps the console for ever. Never waits for a core that may
/// not come: not for this one, if it was in the middle of a line, and not long for another.
pub fn print_last(text: Option<fmt::Arguments<'_>>, code: u8) {
    if !take_for_ever() {
        // Somebody's line may be unfinished: the exit line must stand at the start of a line.
        CONSOLE.send(b'\n');
    }
    if let Some(text) = text {
        send(Kind::Text, text);
    }
    send_exit_line(code);
}

/// Sends the exit line, whoever holds the console.
pub fn force_exit_line(code: u8) {
    CONSOLE.send(b'\n');
    send_exit_line(code);
}

fn send_exit_line(code: u8) {
    CONSOLE.send(EXIT_MARK);
    send(Kind::Raw, format_args!("{code}"));
}

/// Takes the lock and never gives it back; `false` if the lock had to be passed by.
fn take_for_ever() -> bool {
    let start = clock::now_ns();
    loop {
        if let Some(guard) = LOCK.try_lock() {
            core::mem::forget(guard);
            return true;
        }
        let own = HOLDER.load(Ordering::Relaxed) == cores::current() + 1;
        if own || clock::now_ns() - start > PATIENCE_NS {
            return false;
        }
        core::hint::spin_loop();
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Each line gets the data mark.
    Data,
    /// No line may look as if it had a mark.
    Text,
    /// As it is.
    Raw,
}

/// Sends the text and a line feed. The caller holds the lock, or may pass it by.
fn send(kind: Kind, text: fmt::Arguments<'_>) {
    let mut lines = Lines {
        kind,
        at_start: true,
    };
    // `Lines` returns no error; an error of a `Display` implementation cuts the line short, and
    // there is nobody to report it to.
    let _ = lines.write_fmt(text);
    lines.send(b'\n');
}

/// Puts marks at the starts of lines.
struct Lines {
    kind: Kind,
    at_start: bool,
}

impl Lines {
    fn send(&mut self, byte: u8) {
        match self.kind {
            Kind::Data if self.at_start => CONSOLE.send(STDOUT_MARK),
            // One more byte in front, and the mark no longer starts the line.
            Kind::Text if self.at_start && is_mark(byte) => CONSOLE.send(b' '),
            _ => {}
        }
        CONSOLE.send(byte);
        self.at_start = byte == b'\n';
    }
}

impl Write for Lines {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for &byte in text.as_bytes() {
            self.send(byte);
        }
        Ok(())
    }
}
