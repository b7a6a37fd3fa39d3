//! The logger behind `defmt`'s macros: a frame is one line of the console.

use defmt::Encoder;
use spin::Mutex;

use super::console;
use crate::arch::clock;

/// The state of the frame that is being sent. Its lock is never waited for: whoever comes here holds the
/// console, and nobody keeps the lock beyond one call.
static ENCODER: Mutex<Encoder> = Mutex::new(Encoder::new());

#[defmt::global_logger]
struct Logger;

// SAFETY: `acquire` takes the console for this core, and only `release` gives it back (`C-LINE` of
// `console`): from any core, between the two no other frame or line begins.
unsafe impl defmt::Logger for Logger {
    fn acquire() {
        console::start_frame();
        let mut encoder = ENCODER.lock();
        // Each frame is decoded alone.
        *encoder = Encoder::new();
        encoder.start_frame(console::send_frame);
    }

    unsafe fn flush() {
        // Bytes are not kept back: whatever was written has been sent.
    }

    unsafe fn release() {
        ENCODER.lock().end_frame(console::send_frame);
        // SAFETY: the caller has acquired.
        unsafe { console::end_frame() };
    }

    unsafe fn write(bytes: &[u8]) {
        ENCODER.lock().write(bytes, console::send_frame);
    }
}

defmt::timestamp!("{=u64:us}", clock::now_ns() / 1000);
