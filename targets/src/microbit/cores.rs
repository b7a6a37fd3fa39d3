//! One core: tasks stand in for cores.

pub use crate::bare::tasks::{MAX, available, current, run};
pub use crate::cortex_m::tasks::give_way as pause;

/// Stops this task for ever.
pub fn stop() -> ! {
    loop {
        pause();
    }
}
