//! Keys that share a bucket.

use crate::store::{Chained, Store, Word};

/// The first `COUNT` keys that are in one bucket of such a map, in the order in which a chain of them
/// grows. Found by trying: a key of the same bucket makes the longest chain longer.
pub fn of_one_bucket<S: Store<W> + Chained, W: Word, const COUNT: usize>() -> [W; COUNT] {
    let store = S::new();
    let mut keys = [W::nth(0); COUNT];
    let mut candidates = (0..).map(W::nth);
    for (found, place) in keys.iter_mut().enumerate() {
        // There are always more keys of a bucket.
        if let Some(key) = candidates.find(|&key| {
            store.insert(key, key);
            let longer = store.fullest_bucket() > found;
            if !longer {
                store.remove(key);
            }
            longer
        }) {
            *place = key;
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Copies, Guarded};
    use arenamap::DefaultHashBuilder;

    fn form_one_chain<S: Store<u32> + Chained>() {
        let keys: [u32; 4] = of_one_bucket::<S, u32, 4>();
        let store = S::new();
        for (length, key) in keys.into_iter().enumerate() {
            assert_eq!(store.insert(key, key), None);
            assert_eq!(store.fullest_bucket(), length + 1);
        }
    }

    #[test]
    fn they_form_one_chain() {
        form_one_chain::<Copies<u32, DefaultHashBuilder>>();
        form_one_chain::<Guarded<u32, DefaultHashBuilder>>();
    }
}
