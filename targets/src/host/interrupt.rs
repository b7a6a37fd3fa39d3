//! A process has no interrupts; a thread stands in for one that comes again and again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// See [`crate::interrupt::AVAILABLE`].
pub const AVAILABLE: bool = false;

/// See [`crate::interrupt::NESTS`].
pub const NESTS: bool = false;

/// See [`crate::interrupt::place`].
pub fn place() -> usize {
    0
}

/// Never called.
pub fn during(_: u32, _: &(dyn Fn() + Sync), work: &mut dyn FnMut()) -> bool {
    work();
    false
}

/// See [`crate::interrupt::every`].
pub fn every(_: u32, handler: &(dyn Fn() + Sync), work: &mut dyn FnMut()) {
    /// Long enough for `work` to get its turns, also where both share a processor.
    const PERIOD: Duration = Duration::from_micros(20);

    /// Ends the thread also when `work` panics.
    struct Ended<'a>(&'a AtomicBool);
    impl Drop for Ended<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    // The end of the scope is what hands over anything; the flag says no more than that it is near.
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let _ended = Ended(&ended);
        scope.spawn(|| {
            while !ended.load(Ordering::Relaxed) {
                thread::sleep(PERIOD);
                handler();
            }
        });
        work();
    });
}
