//! `CopyMap` of types of which not every bit pattern is a value, under threads: whatever mixture of two
//! values a read meets, none comes out. (Not with generations of two bits, of which a read may miss a whole
//! turn and take a mixture of words, or another key's value, for what is there.)

use super::config::{Spread, scaled};
use super::plain_types::{address, even, half, sign, socket, time};
use crate::{Compute, CopyMap, Plain};
use core::fmt::Debug;
use core::hash::Hash;
use core::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use core::num::NonZero;
use std::thread;
use std::vec::Vec;

/// Threads change the values of two keys by all means; each value that any of them is shown is one of the
/// key's.
fn contended<K, V>(keys: [K; 2], values: [[V; 2]; 2])
where
    K: Plain + Eq + Hash + Send + Sync,
    V: Plain + PartialEq + Debug + Send + Sync,
{
    for spread in [Spread::Even, Spread::OneChain] {
        let map: CopyMap<K, V, 2, 2, Spread> = CopyMap::with_hasher(spread);
        let of_key = |key: K| keys.iter().position(|&k| k == key).expect("no such key");
        let seen = |key: K, value: Option<V>| {
            assert!(value.is_none_or(|value| values[of_key(key)].contains(&value)));
        };
        thread::scope(|scope| {
            for offset in 0..2 {
                let (map, seen) = (&map, &seen);
                scope.spawn(move || {
                    for round in 0..scaled(4_000, 9) as usize {
                        let at = round / 3 % 2;
                        let (key, value) = (keys[at], values[at][(round + offset) % 2]);
                        match round % 7 {
                            0 | 1 => seen(key, map.insert(key, value).ok().flatten()),
                            2 => seen(key, map.update(&key, |_| value).ok().flatten()),
                            3 => seen(key, map.get_or_insert_with(key, || value).ok()),
                            4 => drop(map.compute(key, |now| {
                                seen(key, now.copied());
                                Compute::Put(value)
                            })),
                            5 => drop(map.try_insert(key, value)),
                            _ => seen(key, map.remove(&key)),
                        }
                    }
                });
            }
            scope.spawn(|| {
                for _ in 0..scaled(2_000, 6) {
                    keys.iter().for_each(|key| seen(*key, map.get(key)));
                    map.iter().for_each(|(key, value)| seen(key, Some(value)));
                }
            });
        });
        let kept: Vec<K> = map.keys().collect();
        assert!(kept.iter().all(|key| map.remove(key).is_some()));
        assert!(map.is_empty());
    }
}

fn pair<T>(of: impl Fn(u8) -> T) -> [T; 2] {
    [0, 1].map(of)
}

fn pairs<T>(of: impl Fn(u8) -> T) -> [[T; 2]; 2] {
    [[0, 1], [2, 3]].map(|pair| pair.map(&of))
}

#[test]
fn words_and_less_under_threads() {
    contended(pair(sign), pairs(even(sign)));
    contended(pair(half), pairs(|i| i < 2));
}

#[test]
fn several_words_under_threads() {
    contended(pair(address), pairs(socket));
    contended(
        pair(|i| (i, even(sign)(i))),
        pairs(|i| (even(time)(i), sign(i))),
    );
}

/// Two values whose halves, mixed, are no value: of zero and zero, or of a word that no variant is.
#[test]
fn a_mixture_that_is_no_value_never_comes_out() {
    let low = NonZero::new(1_u128).unwrap();
    let high = NonZero::new(1_u128 << 64 | 1 << 127).unwrap();
    never_mixed([low, high]);
    // The family of one, the port of the other; nothing of the one is left in the other.
    never_mixed([
        SocketAddr::new(Ipv4Addr::BROADCAST.into(), 1),
        SocketAddr::new(Ipv6Addr::LOCALHOST.into(), 2),
    ]);
    never_mixed([Some((sign(1), [0; 2])), None]);
}

/// One thread replaces, another takes out and puts in again, in the same cell as a rule; a third looks.
fn never_mixed<V: Plain + PartialEq + Debug + Send + Sync>(values: [V; 2]) {
    let map: CopyMap<u8, V, 2, 1, Spread> = CopyMap::default();
    assert_eq!(map.insert(0, values[1]), Ok(None));
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..scaled(20_000, 40) as usize {
                let value = values[round % 2];
                let old = map.insert(0, value).unwrap();
                assert_eq!(old, Some(values[(round + 1) % 2]), "what was before");
                // Into the cell that has become free.
                assert_eq!(map.insert(1, value), Ok(None));
                assert_eq!(map.remove(&1), Some(value));
            }
        });
        scope.spawn(|| {
            for _ in 0..scaled(40_000, 60) {
                let there = map.get(&0);
                assert!(
                    there.is_some_and(|value| values.contains(&value)),
                    "{there:?}"
                );
            }
        });
    });
}
