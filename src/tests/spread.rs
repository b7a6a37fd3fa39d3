//! How keys spread over buckets: the default hasher, and those that leave much of a hash alone.
//!
//! Each pattern of keys is put into groups of four seats, four keys a group. By chance a fifth of the keys
//! find no seat in their group, and the fullest of a thousand groups has 12 to 14 keys.

use crate::DefaultHashBuilder;
use crate::hash::NativeHash;
use core::hash::BuildHasher;
use std::format;
use std::string::String;
use std::vec;
use std::vec::Vec;

/// Keys a group.
const MEAN: u32 = 4;
/// The fullest group. By chance one in a thousand million has more.
const MOST: u32 = 20;
/// The part of the keys that find no seat: at most twice what chance makes it.
const OVER: f64 = 0.39;

/// Hash functions of one key, each under its name.
const HASHES: [(&str, fn(u64) -> u64); 6] = [
    ("the default", |key| DefaultHashBuilder::new().hash_one(key)),
    ("the key itself", |key| key),
    ("CRC-32", |key| u64::from(crc_32(&bytes(key)))),
    ("FNV-1a, 32 bits", |key| u64::from(fnv_1a(&bytes(key)))),
    ("FxHash", fx_1),
    ("FxHash 2", fx_2),
];

/// A key of four bytes, where it fits.
fn bytes(key: u64) -> Vec<u8> {
    match u32::try_from(key) {
        Ok(key) => key.to_le_bytes().to_vec(),
        Err(_) => key.to_le_bytes().to_vec(),
    }
}

fn crc_32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1));
    let byte = |crc, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), step);
    !bytes.iter().fold(!0, byte)
}

fn fnv_1a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811C_9DC5, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    })
}

/// `rustc-hash` 1: of the two words of a key on 32-bit targets.
fn fx_1(key: u64) -> u64 {
    let word = |state: usize, word: usize| {
        (state.rotate_left(5) ^ word).wrapping_mul(0x517C_C1B7_2722_0A95_u64 as usize)
    };
    match usize::BITS {
        64 => word(0, key as usize) as u64,
        _ => word(word(0, key as usize), (key >> 32) as usize) as u64,
    }
}

/// `rustc-hash` 2.
fn fx_2(key: u64) -> u64 {
    let word = |state: usize, word: usize| {
        (state.wrapping_add(word)).wrapping_mul(0xF135_7AEA_2E62_A9C5_u64 as usize)
    };
    match usize::BITS {
        64 => word(0, key as usize).rotate_left(26) as u64,
        _ => word(word(0, key as usize), (key >> 32) as usize).rotate_left(15) as u64,
    }
}

/// `count` keys of each pattern.
fn patterns(count: u64) -> Vec<(String, Vec<u64>)> {
    let mut patterns = Vec::new();
    let mut pattern = |name: String, key: &dyn Fn(u64) -> u64| {
        patterns.push((name, (0..count).map(key).collect()));
    };
    for shift in (0..=52).step_by(if cfg!(miri) { 13 } else { 1 }) {
        pattern(format!("multiples of 1 << {shift}"), &|i| i << shift);
    }
    if cfg!(miri) {
        return patterns;
    }
    for factor in [
        3, 5, 7, 10, 12, 20, 24, 36, 40, 48, 60, 80, 96, 100, 120, 136, 192, 224, 1000, 1500,
    ]
    .into_iter()
    .chain([
        10_000,
        65_537,
        1_000_003,
        0x1000_0001,
        0x1_0000_0001,
        0x9E37_79B9_7F4A_7C15,
    ]) {
        pattern(format!("multiples of {factor:#x}"), &|i: u64| {
            i.wrapping_mul(factor)
        });
    }
    pattern("pointers to RAM of a microcontroller".into(), &|i| {
        0x2000_0000 + 16 * i
    });
    pattern("pointers to a heap".into(), &|i| 0x7F3A_1234_0000 + 64 * i);
    pattern("negative numbers".into(), &|i| i.wrapping_neg());
    pattern("negative 32-bit numbers".into(), &|i| {
        u64::from((i as u32).wrapping_neg())
    });
    for shift in [8, 16, 32, 48] {
        pattern(format!("pairs, {shift} bits apart"), &|i| {
            ((i / 64) << shift) | (i % 64)
        });
    }
    pattern("addresses of a network".into(), &|i| {
        (10 << 24) | ((i / 256) << 16) | ((i / 16 % 16) << 8) | (i % 16)
    });
    pattern("floats".into(), &|i| u64::from((i as f32 / 2.0).to_bits()));
    pattern("doubles".into(), &|i| (i as f64).to_bits());
    pattern("decimal digits".into(), &|i| {
        (0..8).fold(0, |text, at| {
            (text << 8) | (u64::from(b'0') + i / 10u64.pow(at) % 10)
        })
    });
    patterns
}

/// How many keys each group gets.
fn counts(keys: &[u64], groups: usize, hash: fn(u64) -> u64) -> Vec<u32> {
    let mut counts = vec![0; groups];
    for &key in &keys[..groups * MEAN as usize] {
        counts[NativeHash::new(hash(key)).bucket(groups)] += 1;
    }
    counts
}

/// Different hashes of these keys: what no map can make more of.
fn different(keys: &[u64], hash: fn(u64) -> u64) -> usize {
    let mut hashes: Vec<u64> = keys.iter().map(|&key| hash(key)).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes.len()
}

#[test]
fn weak_hashers_spread_like_chance() {
    let sizes: &[usize] = if cfg!(miri) {
        &[16]
    } else {
        &[256, 1000, 1024]
    };
    let mut uneven = Vec::new();
    let most = sizes.iter().max().unwrap() * MEAN as usize;
    for (pattern, keys) in patterns(most as u64) {
        for (name, hash) in HASHES {
            if different(&keys, hash) < keys.len() - 32 {
                assert!(usize::BITS == 32 && name == "FxHash", "{name} of {pattern}");
                continue;
            }
            for &groups in sizes {
                let counts = counts(&keys, groups, hash);
                let what = format!("{name} of {pattern}, {groups} groups");
                let fullest = *counts.iter().max().unwrap();
                if fullest > MOST {
                    uneven.push(format!("{what}: {fullest} in one"));
                }
                let over: u32 = counts.iter().map(|count| count.saturating_sub(MEAN)).sum();
                let over = f64::from(over) / (groups as f64 * f64::from(MEAN));
                if over > OVER {
                    uneven.push(format!("{what}: {over:.2} without a seat"));
                }
            }
        }
    }
    assert!(uneven.is_empty(), "{uneven:#?}");
}
