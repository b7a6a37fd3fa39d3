//! Tasks that wait while other contexts write: no wake is missed, and each waker is dropped once.
//!
//! A task is polled once by hand, with a waker that counts. At the end it has what it waited for, or its
//! waker was called, so that an executor would poll it again: then it has it.

use super::{OneChain, TwoChains, Work, large_model, model, together};
use crate::{CopyMap, Map, Watched};
use core::future::Future;
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use std::boxed::Box;
use std::task::Wake;
use std::vec;
use std::vec::Vec;

type Wide = Watched<CopyMap<usize, usize, 2, 1, OneChain>, 1>;
type Narrow = Watched<CopyMap<usize, u32, 2, 1, OneChain>, 1>;
type Guarded = Watched<Map<usize, usize, 2, 1, OneChain>, 1>;
type Two = Watched<CopyMap<usize, usize, 4, 0, TwoChains>, 2>;

/// A map for the threads of one execution.
struct Shared<M: 'static>(Arc<M>);

impl<M> Shared<M> {
    fn new(map: M) -> Self {
        Self(Arc::new(map))
    }

    /// The map, for a thread.
    fn map(&self) -> &'static M {
        // SAFETY: all threads are joined, and what they return is dropped, before `self` is, the last of
        // all.
        unsafe { &*core::ptr::from_ref(self.0.deref()) }
    }
}

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: std::sync::Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A task: its future, and how often it was woken.
struct Task<T> {
    future: Pin<Box<dyn Future<Output = T>>>,
    wakes: std::sync::Arc<Wakes>,
}

impl<T> Task<T> {
    fn new(future: impl Future<Output = T> + 'static) -> Self {
        Self {
            future: Box::pin(future),
            wakes: std::sync::Arc::default(),
        }
    }

    fn poll(&mut self) -> Poll<T> {
        let waker = Waker::from(self.wakes.clone());
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    /// Polls once; the task itself if that was not enough.
    fn start(mut self) -> Result<T, Self> {
        match self.poll() {
            Poll::Ready(got) => Ok(got),
            Poll::Pending => Err(self),
        }
    }

    /// What it got: at once, or because it was woken. Nothing of it is left.
    fn end(started: Result<T, Self>) -> T {
        let mut task = match started {
            Ok(got) => return got,
            Err(task) => task,
        };
        let woken = task.wakes.0.load(Ordering::Relaxed) > 0;
        assert!(woken, "a missed wake");
        let Poll::Ready(got) = task.poll() else {
            panic!("woken for nothing");
        };
        let Self { future, wakes } = task;
        drop(future);
        assert!(
            std::sync::Arc::into_inner(wakes).is_some(),
            "a waker is left"
        );
        got
    }
}

/// Runs a task, and beside it what writes.
fn beside<T: 'static>(
    task: impl FnOnce() -> Task<T> + 'static,
    writes: Vec<Box<dyn FnOnce()>>,
) -> Result<T, Task<T>> {
    let mut work: Vec<Work<Option<Result<T, Task<T>>>>> = Vec::new();
    work.push(Box::new(|| Some(task().start())));
    for write in writes {
        work.push(Box::new(|| {
            write();
            None
        }));
    }
    together(work).swap_remove(0).expect("the task's thread")
}

#[test]
fn an_insert_is_seen_or_wakes() {
    model(|| {
        let shared = Shared::new(Wide::default());
        let map = shared.map();
        let started = beside(
            || Task::new(async { map.watcher().unwrap().wait_for(&1).await }),
            vec![Box::new(|| assert_eq!(map.insert(1, 10), Ok(None)))],
        );
        assert_eq!(Task::end(started), 10);
        assert!(map.watcher().is_ok(), "the place is free");
    });
}

#[test]
fn a_change_in_place_is_seen_or_wakes() {
    model(|| {
        let shared = Shared::new(Narrow::default());
        let map = shared.map();
        assert_eq!(map.insert(1, 0), Ok(None));
        let started = beside(
            || {
                Task::new(async {
                    let mut watcher = map.watcher().unwrap();
                    watcher
                        .wait_until(|map| map.get(&1).filter(|&value| value > 0))
                        .await
                })
            },
            vec![Box::new(|| {
                assert_eq!(map.update(&1, |n| n + 5), Ok(Some(0)))
            })],
        );
        assert_eq!(Task::end(started), 5);
    });
}

#[test]
fn a_removal_is_seen_or_wakes() {
    large_model(|| {
        let shared = Shared::new(Guarded::default());
        let map = shared.map();
        assert!(map.insert(1, 10).is_ok());
        let started = beside(
            || Task::new(async { map.watcher().unwrap().removed(&1).await }),
            vec![Box::new(|| {
                assert_eq!(map.remove(&1).map(|old| *old), Some(10))
            })],
        );
        Task::end(started);
    });
}

/// What was changed before the watcher was there is seen by what its owner reads, anything else by
/// `changed`.
#[test]
fn a_change_is_read_or_told() {
    model(|| {
        let shared = Shared::new(Wide::default());
        let map = shared.map();
        let started = beside(
            || {
                Task::new(async {
                    let mut watcher = map.watcher().unwrap();
                    if map.get(&1).is_none() {
                        watcher.changed().await;
                        assert_eq!(map.get(&1), Some(10), "told of, but not seen");
                    }
                })
            },
            vec![Box::new(|| assert_eq!(map.insert(1, 10), Ok(None)))],
        );
        Task::end(started);
    });
}

/// Whoever is told of a change finds what came before it.
#[test]
fn what_came_before_is_seen_by_who_is_told() {
    model(|| {
        let shared = Shared::new((Wide::default(), AtomicUsize::new(0)));
        let (map, data) = shared.map();
        let started = beside(
            || {
                Task::new(async {
                    let mut watcher = map.watcher().unwrap();
                    if data.load(Ordering::Relaxed) == 0 {
                        watcher.changed().await;
                        assert_eq!(data.load(Ordering::Relaxed), 1, "told too soon");
                    }
                })
            },
            vec![Box::new(|| {
                data.store(1, Ordering::Relaxed);
                map.notify();
            })],
        );
        Task::end(started);
    });
}

/// Two writers, of which the first may be anywhere in its wakes: the second one wakes, too.
#[test]
fn the_last_of_two_changes_is_seen_or_wakes() {
    large_model(|| {
        let shared = Shared::new(Two::default());
        let map = shared.map();
        let started = beside(
            || {
                Task::new(async {
                    let both =
                        |map: &Two| (map.contains_key(&1) && map.contains_key(&2)).then_some(());
                    map.watcher().unwrap().wait_until(both).await;
                })
            },
            vec![
                Box::new(|| assert_eq!(map.insert(1, 10), Ok(None))),
                Box::new(|| assert_eq!(map.insert(2, 20), Ok(None))),
            ],
        );
        Task::end(started);
    });
}

/// A wait that is given up while a writer calls its waker: the waker is dropped once, and not before the
/// call has ended (loom watches the payload).
#[test]
fn a_wait_given_up_while_it_is_woken() {
    model(|| {
        let shared = Shared::new(Wide::default());
        let map = shared.map();
        let wakes = std::sync::Arc::new(Wakes::default());
        let waker = Waker::from(wakes.clone());
        together::<()>(vec![
            Box::new(move || {
                let mut watcher = map.watcher().unwrap();
                let mut wait = watcher.wait_for(&7);
                let polled = Pin::new(&mut wait).poll(&mut Context::from_waker(&waker));
                assert_eq!(polled, Poll::Pending);
            }),
            Box::new(|| assert_eq!(map.insert(1, 10), Ok(None))),
        ]);
        assert!(map.watcher().is_ok(), "the place is free");
        assert!(
            std::sync::Arc::into_inner(wakes).is_some(),
            "a waker is left"
        );
    });
}

/// A wait that goes on in another task while a writer calls the first one's waker: it wakes that other one,
/// or the look behind the exchange sees the change.
#[test]
fn a_wait_that_moves_to_another_task() {
    model(|| {
        let shared = Shared::new(Wide::default());
        let map = shared.map();
        let first = std::sync::Arc::new(Wakes::default());
        let waker = Waker::from(first.clone());
        let started = beside(
            || {
                let mut task = Task::new(async { map.watcher().unwrap().wait_for(&1).await });
                // The first of two polls has another waker; should it be enough, so is the second.
                let mut context = Context::from_waker(&waker);
                if let Poll::Ready(got) = task.future.as_mut().poll(&mut context) {
                    return Task::new(core::future::ready(got));
                }
                drop(waker);
                task
            },
            vec![Box::new(|| assert_eq!(map.insert(1, 10), Ok(None)))],
        );
        assert_eq!(Task::end(started), 10);
        assert!(
            std::sync::Arc::into_inner(first).is_some(),
            "a waker is left"
        );
    });
}

/// Two who want the only place.
#[test]
fn a_place_has_one_watcher() {
    model(|| {
        let shared = Shared::new(Wide::default());
        let map = shared.map();
        let held = together(vec![
            Box::new(|| map.watcher().ok()) as Work<Option<_>>,
            Box::new(|| map.watcher().ok()),
        ]);
        assert_eq!(held.iter().flatten().count(), 1);
    });
}

/// That the models find what they are for: who looks first and then puts its waker in misses a wake.
#[test]
#[should_panic(expected = "a missed wake")]
fn a_look_before_the_registration_is_found() {
    model(|| {
        let shared = Shared::new(Wide::default());
        let map = shared.map();
        let started = beside(
            move || {
                let mut watcher = map.watcher().unwrap();
                Task::new(core::future::poll_fn(move |context| match map.get(&1) {
                    Some(value) => Poll::Ready(value),
                    None => {
                        watcher.register(context);
                        Poll::Pending
                    }
                }))
            },
            vec![Box::new(|| assert_eq!(map.insert(1, 10), Ok(None)))],
        );
        Task::end(started);
    });
}
