//! A struct can hold a map without repeating the bounds of its methods: a `Map` without any, a `CopyMap` with
//! what its keys and values must be to be stored at all.
use arenamap::{CopyMap, DefaultHashBuilder, Map, Plain};

struct Holder<K, V, const N: usize, S = DefaultHashBuilder> {
    map: Map<K, V, N, 8, S>,
}

impl<K, V, const N: usize, S> Holder<K, V, N, S> {
    fn sizes(&self) -> (usize, usize) {
        (self.map.len(), self.map.capacity())
    }
}

struct Copies<K: Plain, V: Plain, const N: usize> {
    map: CopyMap<K, V, N>,
}

impl<K: Plain, V: Plain, const N: usize> Copies<K, V, N> {
    fn sizes(&self) -> (usize, usize) {
        (self.map.len(), self.map.capacity())
    }
}

fn main() {
    struct Opaque;
    let holder = Holder::<Opaque, Opaque, 3> { map: Map::new() };
    assert_eq!(holder.sizes(), (0, 3));
    let copies = Copies::<bool, bool, 3> {
        map: CopyMap::new(),
    };
    assert_eq!(copies.sizes(), (0, 3));
}
