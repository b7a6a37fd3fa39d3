//! The committed inputs and random ones, and the entry point of coverage-guided fuzzers: `cargo +nightly
//! bolero test --package fuzz --no-default-features --profile release -s NONE tests::sequences`.

use std::fs;

use crate::{Fault, Input, Kind, Op, check};

/// What `cargo bolero` calls. Without it: random inputs.
#[test]
fn sequences() {
    bolero::check!()
        .with_iterations(2000)
        .for_each(crate::run_bytes);
}

/// Every input of the corpus.
#[test]
fn corpus() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/corpus");
    let mut inputs = 0;
    for entry in fs::read_dir(folder).unwrap() {
        crate::run_bytes(&fs::read(entry.unwrap().path()).unwrap());
        inputs += 1;
    }
    assert!(inputs > 0);
}

/// What a faulty pool does is noticed.
#[test]
fn faults_of_a_pool_are_found() {
    let op = |i| match i % 2 {
        0 => Op::Insert {
            key: 0,
            hold: false,
        },
        _ => Op::Remove {
            key: i,
            hold: false,
        },
    };
    let input = Input {
        kind: Kind::Pool,
        size: 7,
        one_chain: false,
        ops: (0..32).map(op).collect(),
    };
    assert!(check(&input, None).is_ok());
    for fault in [Fault::PoolForgets, Fault::PoolRefuses] {
        assert!(check(&input, Some(fault)).is_err(), "{fault:?}");
    }
}
