//! The bytes that a line of the guest's output may start with to be more than console text.

/// A line that starts with this byte is data: the runner prints the rest of it on its stdout.
pub const STDOUT_MARK: u8 = 0x02;

/// A line that starts with this byte is the guest's last word: the rest is its exit code in decimal.
pub const EXIT_MARK: u8 = 0x03;

/// A line that starts with this byte is a log frame.
pub const LOG_MARK: u8 = 0x04;

/// Whether a line that starts with this byte is something else than console text.
pub const fn is_mark(byte: u8) -> bool {
    matches!(byte, STDOUT_MARK | EXIT_MARK | LOG_MARK)
}
