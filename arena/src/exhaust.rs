//! Running something to its end although parts of it panic.

/// Takes all that the iterator yields, and drops it. Should a step of it or such a drop panic, goes on with the
/// rest. (A second panic ends the program, as any within another.)
pub fn exhaust(all: impl Iterator) {
    struct Rest<I: Iterator>(I);

    impl<I: Iterator> Rest<I> {
        fn run(&mut self) {
            // One by one, so that a panic leaves it behind what panicked.
            for one in self.0.by_ref() {
                drop(one);
            }
        }
    }

    impl<I: Iterator> Drop for Rest<I> {
        fn drop(&mut self) {
            self.run();
        }
    }

    Rest(all).run();
}
