//! What the user sees while a program runs.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::process::{Flow, Stream};

/// A line with the elapsed time on stderr; nothing where stderr is no terminal.
pub fn spinner(text: String) -> ProgressBar {
    start(ProgressBar::new_spinner(), text)
}

/// The same among others.
pub fn spinner_among(bars: &MultiProgress, text: String) -> ProgressBar {
    // Before it is drawn for the first time, or what it drew alone would stay on the screen.
    start(bars.add(ProgressBar::new_spinner()), text)
}

fn start(bar: ProgressBar, text: String) -> ProgressBar {
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar.set_message(text);
    bar.enable_steady_tick(Duration::from_millis(250));
    bar
}

/// The same; a line where stderr is no terminal.
pub fn phase(text: String) -> ProgressBar {
    if !io::stderr().is_terminal() {
        let _ = writeln!(io::stderr(), "{text}");
    }
    spinner(text)
}

/// Hands a program's output on as it comes.
pub struct Screen {
    bar: ProgressBar,
}

impl Screen {
    /// A screen that shows `text` and the elapsed time while no output comes.
    pub fn new(text: String) -> Screen {
        Screen { bar: spinner(text) }
    }

    /// Prints a piece of output.
    pub fn show(&mut self, stream: Stream, bytes: &[u8]) -> Flow {
        let result = self.bar.suspend(|| match stream {
            Stream::Out => write(&mut io::stdout().lock(), bytes),
            Stream::Err => write(&mut io::stderr().lock(), bytes),
        });
        match (stream, result) {
            // A reader such as `head` that has seen enough, or a full disk.
            (Stream::Out, Err(e)) => {
                if e.kind() != ErrorKind::BrokenPipe {
                    eprintln!("error: cannot write to stdout: {e}");
                }
                Flow::Stop
            }
            // The data may still be wanted by a user who has closed stderr.
            _ => Flow::Continue,
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn write(target: &mut dyn Write, bytes: &[u8]) -> io::Result<()> {
    target.write_all(bytes)?;
    target.flush()
}
