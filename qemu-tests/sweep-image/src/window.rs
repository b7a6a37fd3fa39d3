//! What is traced and what is interrupted is the same code: between two marks.

/// Calls `work` between the marks.
#[inline(never)]
pub fn open(work: &mut dyn FnMut()) {
    sweep_begin();
    work();
    sweep_end();
}

/// The first mark.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn sweep_begin() {
    barrier(1);
}

/// The last mark.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn sweep_end() {
    barrier(2);
}

/// Keeps the two functions apart, and what is around them in order.
#[inline(always)]
fn barrier(mark: usize) {
    core::hint::black_box(mark);
}
