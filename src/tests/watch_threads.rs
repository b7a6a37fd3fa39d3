//! Watched maps on threads, each with the smallest executor there is: it parks.

use crate::{CopyMap, Map, Watched};
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::sync::Arc;
use std::task::Wake;
use std::thread::{self, Thread};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future; a missed wake would park the thread for ever.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(got) => return got,
            Poll::Pending => thread::park(),
        }
    }
}

const ROUNDS: u32 = if cfg!(miri) { 8 } else { 2_000 };

/// Two threads hand one key to and fro: each waits for what the other one does.
#[test]
fn ping_and_pong() {
    let map: Watched<CopyMap<u8, u32, 4>, 2> = Watched::new(CopyMap::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut watcher = map.watcher().unwrap();
            for round in 0..ROUNDS {
                assert_eq!(map.insert(1, round), Ok(None));
                block_on(watcher.removed(&1));
            }
        });
        scope.spawn(|| {
            let mut watcher = map.watcher().unwrap();
            for round in 0..ROUNDS {
                let taken = block_on(watcher.wait_until(|map| map.remove(&1)));
                assert_eq!(taken, round);
            }
        });
    });
}

/// Two who watch with a new watcher each time, in turn with `changed`, see the end of what two others count.
#[test]
fn counters_are_watched_to_their_end() {
    let map: Watched<Map<u32, u32, 4>, 2> = Watched::new(Map::new());
    for key in 0..2 {
        assert!(map.insert(key, 0).is_ok());
    }
    thread::scope(|scope| {
        for key in 0..2 {
            let map = &map;
            scope.spawn(move || {
                for _ in 0..ROUNDS {
                    assert!(map.update(&key, |n| n + 1).is_ok());
                }
            });
            scope.spawn(move || {
                let (mut seen, mut last) = (0, 0);
                while seen < ROUNDS {
                    let mut watcher = map.watcher().expect("two of two");
                    let get = || map.get(&key).map(|n| *n).expect("always there");
                    if get() < ROUNDS {
                        block_on(watcher.changed());
                    }
                    seen = get();
                    assert!(last <= seen);
                    last = seen;
                }
            });
        }
    });
}
