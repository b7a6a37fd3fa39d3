//! Watched maps: what tells of a change, who is woken, and that waits leave nothing behind. Wakers count.

use crate::{Compute, CopyMap, CopySet, Full, Map, Set, TooManyWatchers};
use crate::{Watched, Watcher, WithId};
use core::future::Future;
use core::pin::{Pin, pin};
use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::{Context, Poll, Waker};
use std::string::{String, ToString};
use std::sync::Arc;
use std::task::Wake;
use std::vec::Vec;

#[derive(Default)]
pub(super) struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A task's waker; `Arc::strong_count` says how many clones are left.
#[derive(Default)]
pub(super) struct Task(Arc<Wakes>);

impl Task {
    pub(super) fn poll<F: Future + ?Sized>(&self, future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(&Waker::from(self.0.clone())))
    }

    /// How often it was woken since this was asked the last time.
    pub(super) fn woken(&self) -> usize {
        self.0.0.swap(0, Ordering::Relaxed)
    }

    /// How many clones of its waker the map has.
    pub(super) fn wakers(&self) -> usize {
        Arc::strong_count(&self.0) - 1
    }
}

type Copies = Watched<CopyMap<u32, u64, 8>, 3>;

fn copies() -> Copies {
    Watched::new(CopyMap::new())
}

/// Whether `does` is told to a watcher, and wakes one who waits: both or none.
fn tells<M, R, const W: usize>(
    map: &Watched<M, W>,
    does: impl FnOnce(&Watched<M, W>) -> R,
) -> bool {
    let (task, other) = (Task::default(), Task::default());
    let mut watcher = map.watcher().unwrap();
    let mut idle = map.watcher().unwrap();
    let mut changed = watcher.changed();
    assert_eq!(task.poll(Pin::new(&mut changed)), Poll::Pending);
    does(map);
    let told = task.woken() > 0;
    assert_eq!(task.poll(Pin::new(&mut changed)).is_ready(), told);
    drop(changed);
    // One who is not waiting just then is told the next time.
    assert_eq!(other.poll(Pin::new(&mut idle.changed())).is_ready(), told);
    assert_eq!((task.wakers(), other.wakers()), (0, 0));
    told
}

#[test]
fn what_a_copy_map_tells() {
    let map = copies();
    assert!(tells(&map, |map| map.insert(1, 10)));
    assert!(tells(&map, |map| map.insert(1, 10)), "an equal value");
    assert!(!tells(&map, |map| map.try_insert(1, 11)));
    assert!(tells(&map, |map| map.try_insert(2, 20)));
    assert!(!tells(&map, |map| map.get_or_insert_with(1, || 0)));
    assert!(tells(&map, |map| map.get_or_insert_with(3, || 30)));
    assert!(tells(&map, |map| map.update(&1, |n| n + 1)));
    assert!(!tells(&map, |map| map.update(&9, |n| n + 1)));
    assert!(tells(&map, |map| map.upsert(1, || 0, |n| n + 1)));
    assert!(tells(&map, |map| map.upsert(4, || 0, |n| n + 1)));
    assert!(tells(&map, |map| map.compute(4, |_| Compute::Put(1))));
    assert!(!tells(&map, |map| map.compute(4, |_| Compute::Keep)));
    assert!(tells(&map, |map| map.compute(4, |_| Compute::Remove)));
    assert!(!tells(&map, |map| map.compute(4, |_| Compute::Remove)));
    assert!(!tells(&map, |map| map.remove(&4)));
    assert!(tells(&map, |map| map.remove(&3)));
    assert!(!tells(&map, |map| map.remove_if(&2, |_, _| false)));
    assert!(tells(&map, |map| map.remove_if(&2, |_, _| true)));
    assert!(tells(&map, |map| map.try_extend([(5, 50), (6, 60)])));
    assert!(!tells(&map, |map| map.try_extend([])));
    assert!(!tells(&map, |map| map.retain(|_, _| true)));
    assert!(tells(&map, |map| map.retain(|&key, _| key != 5)));
    assert!(tells(&map, Watched::notify));
    assert!(!tells(&map, |map| (map.get(&1), map.iter().count())));
    assert!(tells(&map, |map| map.clear()) && map.is_empty());
    assert!(!tells(&map, |map| map.clear()));
}

#[test]
fn what_a_map_tells() {
    let map: Watched<Map<u32, String, 8>, 2> = Watched::default();
    let text = || "text".to_string();
    assert!(tells(&map, |map| map.insert(1, text()).is_ok()));
    assert!(!tells(&map, |map| map.try_insert(1, text()).is_ok()));
    assert!(tells(&map, |map| map.try_insert(2, text()).is_ok()));
    assert!(!tells(&map, |map| map.get_or_insert_with(1, text).is_ok()));
    assert!(tells(&map, |map| map.get_or_insert_with(3, text).is_ok()));
    assert!(tells(&map, |map| map.update(&1, String::clone).is_ok()));
    assert!(!tells(&map, |map| map.update(&9, String::clone).is_ok()));
    assert!(tells(&map, |map| map
        .upsert(1, text, String::clone)
        .is_ok()));
    assert!(tells(&map, |map| map
        .compute(4, |_| Compute::Put(text()))
        .is_ok()));
    assert!(!tells(&map, |map| map
        .compute(4, |_| Compute::Keep)
        .is_ok()));
    assert!(tells(&map, |map| map
        .compute(4, |_| Compute::Remove)
        .is_ok()));
    assert!(!tells(&map, |map| map
        .compute(4, |_| Compute::Remove)
        .is_ok()));
    assert!(!tells(&map, |map| map.remove(&4).is_some()));
    assert!(tells(&map, |map| map.remove(&3).is_some()));
    assert!(!tells(&map, |map| map
        .remove_if(&2, |_, _| false)
        .is_some()));
    assert!(tells(&map, |map| map.remove_if(&2, |_, _| true).is_some()));
    assert!(tells(&map, |map| map.try_extend([(5, text())]).is_ok()));
    assert!(!tells(&map, |map| map.retain(|_, _| true)));
    assert!(tells(&map, |map| map.retain(|&key, _| key != 5)));
    assert!(!tells(&map, |map| map.get(&1).is_some()));
    assert!(tells(&map, |map| map.clear()) && map.is_empty());
}

#[test]
fn what_a_map_with_identifiers_tells() {
    let map: Watched<Map<u32, WithId<u32>, 8>, 2> = Watched::default();
    assert!(tells(&map, |map| map.insert_with_id(1, 10).is_ok()));
    let id = map.entry_id(&1).unwrap();
    assert!(!tells(&map, |map| assert!(map.get_by_id(id).is_some())));
    assert!(tells(&map, |map| map.remove_by_id(id).is_some()));
    assert!(!tells(&map, |map| map.remove_by_id(id).is_some()));
}

#[test]
fn what_sets_tell() {
    let set: Watched<CopySet<u32, 8>, 2> = Watched::new(CopySet::new());
    assert!(tells(&set, |set| set.insert(1)) && !tells(&set, |set| set.insert(1)));
    assert!(tells(&set, |set| set.try_extend([1, 2])));
    assert!(!tells(&set, |set| set.try_extend([1, 2])));
    assert!(tells(&set, |set| set.remove(&1)) && !tells(&set, |set| set.remove(&1)));
    assert!(!tells(&set, |set| set.retain(|_| true)));
    assert!(tells(&set, |set| set.retain(|_| false)) && set.is_empty());
    assert!(tells(&set, |set| set.insert(3)));
    assert!(tells(&set, |set| set.clear()) && !tells(&set, |set| set.clear()));
    let set: Watched<Set<String, 8>, 2> = Watched::new(Set::new());
    let add = |set: &Watched<Set<String, 8>, 2>| set.insert("a".to_string()).unwrap();
    assert!(tells(&set, add) && !tells(&set, add));
    assert!(tells(&set, |set| set.take("a").is_some()));
    assert!(!tells(&set, |set| set.take("a").is_some()));
    assert!(tells(&set, add) && tells(&set, |set| set.remove("a")));
    assert!(!tells(&set, |set| set.remove("a")));
    assert!(tells(&set, add) && !tells(&set, |set| set.retain(|_| true)));
    assert!(tells(&set, |set| set.retain(|_| false)) && set.is_empty());
    assert!(tells(&set, |set| set.try_extend(["a".to_string()]).is_ok()));
    assert!(tells(&set, |set| set.clear()) && !tells(&set, |set| set.clear()));
}

#[test]
fn a_refused_insert_tells_nothing() {
    let map: Watched<CopyMap<u32, u64, 1, 0>, 2> = Watched::new(CopyMap::new());
    map.insert(1, 10).unwrap();
    assert!(!tells(&map, |map| assert_eq!(
        map.insert(2, 20),
        Err(Full((2, 20)))
    )));
    assert!(!tells(&map, |map| assert!(
        map.upsert(2, || 20, |n| *n).is_err()
    )));
}

#[test]
fn waits_for_a_key_and_for_its_removal() {
    let map: Watched<Map<String, u32, 8>, 1> = Watched::new(Map::new());
    let task = Task::default();
    let mut watcher = map.watcher().unwrap();
    {
        let mut wait = pin!(watcher.wait_for("here"));
        assert!(task.poll(wait.as_mut()).is_pending());
        assert!(map.insert("there".to_string(), 1).is_ok());
        assert_eq!(task.woken(), 1, "woken, to look and wait on");
        assert!(task.poll(wait.as_mut()).is_pending());
        assert!(map.insert("here".to_string(), 2).is_ok());
        assert_eq!(task.woken(), 1);
        let Poll::Ready(entry) = task.poll(wait.as_mut()) else {
            panic!("it is there");
        };
        assert_eq!((entry.key().as_str(), *entry), ("here", 2));
    }
    let mut wait = watcher.removed("here");
    assert!(task.poll(Pin::new(&mut wait)).is_pending());
    map.remove("here");
    assert_eq!(task.woken(), 1);
    assert!(task.poll(Pin::new(&mut wait)).is_ready());
    drop(wait);
    assert!(
        task.poll(pin!(watcher.removed("here"))).is_ready(),
        "at once"
    );
}

#[test]
fn waits_until_a_closure_has_what_it_wants() {
    let map = copies();
    let task = Task::default();
    let mut watcher = map.watcher().unwrap();
    let mut wait = pin!(watcher.wait_until(|map| (map.len() == 2).then(|| map.remove(&1))));
    assert!(task.poll(wait.as_mut()).is_pending());
    map.insert(1, 10).unwrap();
    assert!(task.poll(wait.as_mut()).is_pending());
    map.insert(2, 20).unwrap();
    assert_eq!(task.poll(wait.as_mut()), Poll::Ready(Some(10)));
    assert!(task.woken() >= 2);
    assert_eq!((task.wakers(), map.len()), (0, 1));
}

/// A change between two waits, or during a wait for something else, is there for the next `changed`; several
/// are one.
#[test]
fn no_change_is_lost_between_waits() {
    let map = copies();
    let task = Task::default();
    let mut watcher = map.watcher().unwrap();
    map.insert(1, 10).unwrap();
    map.insert(2, 20).unwrap();
    assert!(task.poll(pin!(watcher.wait_for(&3))).is_pending());
    assert!(task.poll(pin!(watcher.changed())).is_ready());
    assert!(task.poll(pin!(watcher.changed())).is_pending());
    map.insert(3, 30).unwrap();
    drop(watcher);
    let mut later = map.watcher().unwrap();
    assert!(
        task.poll(pin!(later.changed())).is_pending(),
        "of the last owner"
    );
}

/// As `select` does it: a wait that is given up takes its waker with it, exactly then.
#[test]
fn a_wait_that_is_dropped_leaves_nothing() {
    let map = copies();
    let task = Task::default();
    let mut watcher = map.watcher().unwrap();
    let mut wait = watcher.wait_for(&1);
    assert!(task.poll(Pin::new(&mut wait)).is_pending());
    assert_eq!(task.wakers(), 1);
    drop(wait);
    assert_eq!(task.wakers(), 0);
    map.insert(1, 10).unwrap();
    assert_eq!(task.woken(), 0);
    assert!(task.poll(pin!(watcher.changed())).is_ready());
}

#[test]
fn a_leaked_wait_costs_nothing_and_a_leaked_watcher_its_place() {
    let map = copies();
    let task = Task::default();
    let mut watcher = map.watcher().unwrap();
    for _ in 0..100 {
        let mut wait = watcher.wait_for(&1);
        assert!(task.poll(Pin::new(&mut wait)).is_pending());
        core::mem::forget(wait);
        assert_eq!(task.wakers(), 1);
    }
    drop(watcher);
    assert_eq!(task.wakers(), 0);
    core::mem::forget(map.watcher().unwrap());
    let others = [map.watcher().unwrap(), map.watcher().unwrap()];
    assert_eq!(map.watcher().unwrap_err(), TooManyWatchers);
    drop(others);
    assert!(map.watcher().is_ok());
}

#[test]
fn with_the_map_go_the_wakers_of_leaked_watchers() {
    let task = Task::default();
    let map = copies();
    let mut watcher = map.watcher().unwrap();
    let mut wait = watcher.changed();
    assert!(task.poll(Pin::new(&mut wait)).is_pending());
    core::mem::forget(wait);
    core::mem::forget(watcher);
    assert_eq!(task.wakers(), 1);
    drop(map);
    assert_eq!(task.wakers(), 0);
}

#[test]
fn as_many_watchers_as_bits() {
    const MOST: usize = usize::BITS as usize;
    let map: Watched<CopyMap<u32, u32, 2>, MOST> = Watched::new(CopyMap::new());
    let task = Task::default();
    let mut watchers: Vec<_> = (0..MOST).map(|_| map.watcher().unwrap()).collect();
    assert!(map.watcher().is_err());
    let mut waits: Vec<_> = watchers.iter_mut().map(Watcher::changed).collect();
    for wait in &mut waits {
        assert!(task.poll(Pin::new(wait)).is_pending());
    }
    map.insert(1, 10).unwrap();
    assert_eq!((task.woken(), task.wakers()), (MOST, MOST));
    for wait in &mut waits {
        assert!(task.poll(Pin::new(wait)).is_ready());
    }
    assert_eq!(task.wakers(), 0);
}

/// Of one task's polls only the first clones its waker; another task's takes its place.
#[test]
fn a_wait_may_move_to_another_task() {
    let map = copies();
    let (first, second) = (Task::default(), Task::default());
    let mut watcher = map.watcher().unwrap();
    let mut wait = pin!(watcher.wait_for(&1));
    for _ in 0..2 {
        assert!(first.poll(wait.as_mut()).is_pending());
        assert_eq!((first.wakers(), second.wakers()), (1, 0));
    }
    assert!(second.poll(wait.as_mut()).is_pending());
    assert_eq!((first.wakers(), second.wakers()), (0, 1));
    map.insert(2, 20).unwrap();
    assert_eq!((first.woken(), second.woken()), (0, 1));
}
