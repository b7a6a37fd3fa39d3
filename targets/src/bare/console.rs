//! Whole lines over the serial port.

use core::fmt::{self, Write};

use portable_atomic::{AtomicUsize, Ordering};
use protocol::{EXIT_MARK, STDOUT_MARK};
use spin::Mutex;

use crate::{backend, clock, cores};

/// Held while a line is sent.
static LOCK: Mutex<()> = Mutex::new(());

/// The core that holds the lock, plus one. Only compared with the reader's own number, which no
/// other core writes, so `Relaxed` is enough.
static HOLDER: AtomicUsize = AtomicUsize::new(0);

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
    let guard = LOCK.lock();
    HOLDER.store(cores::current() + 1, Ordering::Relaxed);
    send(kind, text);
    HOLDER.store(0, Ordering::Relaxed);
    drop(guard);
}

/// Sends the program's last words and keeps the console for ever. Never waits for a core that may
/// not come: not for this one, if it was in the middle of a line, and not long for another.
pub fn print_last(text: Option<fmt::Arguments<'_>>, code: u8) {
    if !take_for_ever() {
        // Somebody's line may be unfinished: the exit line must stand at the start of a line.
        backend::console::send(b'\n');
    }
    if let Some(text) = text {
        send(Kind::Text, text);
    }
    send_exit_line(code);
}

/// Sends the exit line, whoever holds the console.
pub fn force_exit_line(code: u8) {
    backend::console::send(b'\n');
    send_exit_line(code);
}

fn send_exit_line(code: u8) {
    backend::console::send(EXIT_MARK);
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
        let is_mark = byte == STDOUT_MARK || byte == EXIT_MARK;
        match self.kind {
            Kind::Data if self.at_start => backend::console::send(STDOUT_MARK),
            // One more byte in front, and the mark no longer starts the line.
            Kind::Text if self.at_start && is_mark => backend::console::send(b' '),
            _ => {}
        }
        backend::console::send(byte);
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
