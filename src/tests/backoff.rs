//! What a writer does after a lost race comes to an end.

use crate::backoff::Backoff;

#[test]
fn any_number_of_races_may_be_lost_in_a_row() {
    let mut backoff = Backoff::new();
    for _ in 0..1000 {
        backoff.lost();
    }
}
