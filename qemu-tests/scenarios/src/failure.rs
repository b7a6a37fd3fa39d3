//! Why a scenario failed, as a text of a fixed size.

use core::fmt::{self, Write};
use heapless::String;

/// What a scenario found to be wrong.
#[derive(Clone, PartialEq, Eq)]
pub struct Failure(String<{ Failure::LONGEST }>);

impl Failure {
    const LONGEST: usize = if targets::SMALL { 96 } else { 240 };

    /// A failure with this text; what does not fit is cut off.
    #[cold]
    pub fn new(text: fmt::Arguments<'_>) -> Self {
        let mut failure = Cut(String::new());
        // `Cut` never fails.
        let _ = failure.write_fmt(text);
        Self(failure.0)
    }
}

/// Takes as much as fits.
struct Cut(String<{ Failure::LONGEST }>);

impl Write for Cut {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for char in text.chars() {
            if self.0.push(char).is_err() {
                break;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Fails with `text` unless `condition` holds.
#[inline(always)]
pub fn ensure(condition: bool, text: fmt::Arguments<'_>) -> Result<(), Failure> {
    if condition {
        Ok(())
    } else {
        Err(Failure::new(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::{String, ToString};

    #[test]
    fn long_texts_are_cut() {
        let long: String = core::iter::repeat_n('ü', 200).collect();
        let failure = Failure::new(format_args!("{long}"));
        assert_eq!(failure.to_string(), "ü".repeat(120));
    }
}
