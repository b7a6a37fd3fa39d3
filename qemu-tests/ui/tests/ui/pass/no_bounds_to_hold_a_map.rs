//! A struct can hold a map without repeating the bounds of its methods.
use arenamap::{CopyMap, DefaultHashBuilder, Map};

struct Holder<K, V, const N: usize, S = DefaultHashBuilder> {
    map: Map<K, V, N, S>,
    copy: CopyMap<K, V, N>,
}

impl<K, V, const N: usize, S> Holder<K, V, N, S> {
    fn sizes(&self) -> (usize, usize) {
        (self.map.len() + self.copy.len(), self.map.capacity())
    }
}

fn main() {
    struct Opaque;
    let holder = Holder::<Opaque, Opaque, 3> {
        map: Map::new(),
        copy: CopyMap::new(),
    };
    assert_eq!(holder.sizes(), (0, 3));
}
