//! Every peer does what a map does; no test of speed.

use std::collections::HashMap;

use crate::drive::Bench;
use crate::peers::{PEERS, Peer, Takes};
use crate::script::Script;
use crate::workload::{Cell, Workload};

const SIZE: usize = 1024;
/// It loses and revives entries, even with one thread.
const LOSES_ENTRIES: &str = "concache-crossbeam";

fn peers() -> impl Iterator<Item = (&'static Peer, Box<dyn Bench>)> {
    let peers = PEERS.iter().filter(|peer| peer.takes != Takes::Named);
    peers.map(|peer| (peer, (peer.make)(SIZE).expect("there is one of this size")))
}

fn cell(workload: Workload) -> Cell {
    Cell {
        workload,
        size: SIZE,
        load: 50,
        threads: 1,
        writers: 0,
    }
}

/// Inserts, replaces, removes and gets as a model does.
#[test]
fn peers_agree_with_a_model() {
    for (peer, bench) in peers().filter(|(peer, _)| peer.name != LOSES_ENTRIES) {
        let mut random = fastrand::Rng::with_seed(7);
        let mut model = HashMap::new();
        for step in 0..5000u64 {
            let key = random.u64(1..512);
            match random.u8(..3) {
                0 => {
                    assert!(bench.set(key, step), "{}", peer.name);
                    model.insert(key, step);
                }
                1 => {
                    let removed = model.remove(&key).is_some();
                    assert_eq!(bench.remove(key), removed, "{}", peer.name);
                }
                _ => assert_eq!(bench.get(key), model.get(&key).copied(), "{}", peer.name),
            }
        }
        for key in 1..512 {
            assert_eq!(bench.get(key), model.get(&key).copied(), "{}", peer.name);
        }
    }
}

/// Each workload leaves every peer's map as it leaves the model.
#[test]
fn workloads_sum_up_to_the_same() {
    for workload in Workload::all().filter(|workload| !workload.has_roles()) {
        let cell = cell(workload);
        let script = Script::new(&cell);
        let mut expected = None;
        for (peer, bench) in peers().filter(|(peer, _)| peer.takes(&cell)) {
            let mut task = script.tasks[0].clone();
            bench.fill(&script.present);
            let tally = bench.run(workload, &mut task, 3000);
            let seen = (tally.operations, tally.checksum, tally.refused);
            if peer.name != LOSES_ENTRIES {
                assert_eq!(seen, *expected.get_or_insert(seen), "{} {cell}", peer.name);
            }
        }
        assert!(
            expected.is_some_and(|seen| seen.0 == 3000 && seen.2 == 0),
            "{cell}"
        );
    }
}

#[test]
fn names_are_unique() {
    for (index, peer) in PEERS.iter().enumerate() {
        let found = Peer::named(peer.name).expect("it is there");
        assert_eq!(found.label, PEERS[index].label);
    }
}
