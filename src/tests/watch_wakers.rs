//! Watched maps and wakers that do what wakers seldom do: interrupt themselves, panic.

use super::fuse::{arm, burn, disarm};
use super::watch::Task;
use crate::{CopyMap, Map, Watched, Watcher};
use core::cell::{Cell, RefCell};
use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Wake;

type Copies = CopyMap<u32, u64, 8>;

static NESTED: Watched<Copies, 1> = Watched::new(CopyMap::new());

std::thread_local! {
    static WAITING: RefCell<Option<Watcher<'static, Copies, 1>>> = const { RefCell::new(None) };
    /// Whether the last level was woken.
    static REACHED: Cell<bool> = const { Cell::new(false) };
}

/// Runs this level when it is woken, as an interrupt would in the middle of the wake.
struct Level(usize);

impl Wake for Level {
    fn wake(self: Arc<Self>) {
        level(self.0);
    }
}

/// Gives up the wait whose waker is being called (by the level before), waits with another waker, and
/// writes, which calls that one: so each level holds one more cell.
fn level(held: usize) {
    WAITING.take();
    let task = Task::default();
    let mut watcher = NESTED.watcher().unwrap();
    let mut wait = watcher.wait_for(&u32::MAX);
    assert!(task.poll(Pin::new(&mut wait)).is_pending());
    if held == 5 {
        REACHED.set(true);
        assert_eq!((task.wakers(), task.woken()), (0, 1), "it wakes itself");
        assert!(task.poll(Pin::new(&mut wait)).is_pending());
        assert_eq!((task.wakers(), task.woken()), (0, 1), "at each poll");
        return;
    }
    assert_eq!((task.wakers(), task.woken()), (1, 0), "a cell is free");
    let waker = Waker::from(Arc::new(Level(held + 1)));
    let mut context = Context::from_waker(&waker);
    assert!(Pin::new(&mut wait).poll(&mut context).is_pending());
    // It stays in the cell, as that of a task that is not running.
    core::mem::forget(wait);
    WAITING.set(Some(watcher));
    NESTED.insert(1, 1).unwrap();
}

/// One cell for the watcher and four extra ones; then a task that begins to wait wakes itself.
#[test]
fn a_task_wakes_itself_while_all_cells_are_held() {
    level(0);
    assert!(REACHED.get(), "each level wakes the next one");
    WAITING.take();
    let task = Task::default();
    let mut watcher = NESTED.watcher().unwrap();
    let mut wait = pin!(watcher.wait_for(&u32::MAX));
    assert!(task.poll(wait.as_mut()).is_pending());
    assert_eq!(
        (task.wakers(), task.woken()),
        (1, 0),
        "all cells are free again"
    );
    NESTED.insert(u32::MAX, 7).unwrap();
    assert_eq!(task.woken(), 1);
    assert_eq!(task.poll(wait), Poll::Ready(7));
}

std::thread_local! {
    /// Wakers made and not dropped.
    static ALIVE: Cell<usize> = const { Cell::new(0) };
}

/// A waker all of whose functions may panic.
fn fused() -> Waker {
    fn clone(_: *const ()) -> RawWaker {
        burn();
        ALIVE.set(ALIVE.get() + 1);
        RawWaker::new(core::ptr::null(), &TABLE)
    }
    fn wake(_: *const ()) {
        unreachable!("always by reference")
    }
    fn wake_by_ref(_: *const ()) {
        burn();
    }
    fn dropped(_: *const ()) {
        ALIVE.set(ALIVE.get() - 1);
        burn();
    }
    static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, dropped);
    ALIVE.set(ALIVE.get() + 1);
    // SAFETY: the functions do not use the pointer, and keep to what they are to do but for panics.
    unsafe { Waker::from_raw(RawWaker::new(core::ptr::null(), &TABLE)) }
}

/// The fuse at every call, one after the other, of waiting, writing and giving up.
#[test]
fn a_waker_that_panics_corrupts_nothing() {
    let mut fuse = 1;
    loop {
        let map: Watched<Copies, 3> = Watched::new(CopyMap::new());
        let (before, after) = (Task::default(), Task::default());
        let mut watchers: [_; 3] = core::array::from_fn(|_| map.watcher().unwrap());
        let waker = fused();
        let mut burnt = false;
        let mut guarded = |work: &mut dyn FnMut()| {
            burnt |= catch_unwind(AssertUnwindSafe(work)).is_err();
        };
        {
            let [one, two, three] = &mut watchers;
            let (mut one, mut two, mut three) = (one.changed(), two.changed(), three.changed());
            assert!(before.poll(Pin::new(&mut one)).is_pending());
            arm(fuse);
            guarded(&mut || {
                let mut context = Context::from_waker(&waker);
                assert!(Pin::new(&mut two).poll(&mut context).is_pending());
            });
            assert!(after.poll(Pin::new(&mut three)).is_pending());
            guarded(&mut || assert_eq!(map.insert(1, 10), Ok(None)));
            assert_eq!(map.get(&1), Some(10), "the change stands");
            assert_eq!(
                (before.woken(), after.woken()),
                (1, 1),
                "the others are woken"
            );
            let mut two = Some(two);
            guarded(&mut || drop(two.take()));
            drop((one, three));
        }
        let mut watchers = Some(watchers);
        guarded(&mut || drop(watchers.take()));
        guarded(&mut || assert!(ALIVE.get() == 1, "a waker is left"));
        let unused = disarm();
        drop(waker);
        assert_eq!(ALIVE.get(), 0);
        for _ in 0..3 {
            core::mem::forget(map.watcher().expect("each place is free"));
        }
        assert_eq!((before.wakers(), after.wakers()), (0, 0));
        assert_eq!(burnt, unused == 0, "{fuse}");
        if unused > 0 {
            break;
        }
        fuse += 1;
    }
    assert_eq!(fuse, 4, "clone, wake and drop can panic");
}

/// The poll that would have told of a change lets go of the waker first.
#[test]
fn a_change_is_told_of_although_the_drop_of_the_waker_panicked() {
    let map: Watched<Copies, 1> = Watched::new(CopyMap::new());
    let waker = fused();
    let mut watcher = map.watcher().unwrap();
    {
        let mut changed = watcher.changed();
        let mut context = Context::from_waker(&waker);
        assert!(Pin::new(&mut changed).poll(&mut context).is_pending());
        map.insert(1, 10).unwrap();
        arm(1);
        let poll = AssertUnwindSafe(|| Pin::new(&mut changed).poll(&mut context));
        assert!(catch_unwind(poll).is_err());
        assert_eq!(disarm(), 0);
    }
    assert_eq!(ALIVE.get(), 1, "it was dropped");
    let task = Task::default();
    assert!(task.poll(pin!(watcher.changed())).is_ready());
    assert!(task.poll(pin!(watcher.changed())).is_pending());
}

/// What panics may have changed the map: it tells.
#[test]
fn a_write_that_panics_tells() {
    let map: Watched<Map<u32, u32, 8>, 1> = Watched::new(Map::new());
    map.insert(1, 10).unwrap();
    let task = Task::default();
    let mut watcher = map.watcher().unwrap();
    let mut changed = watcher.changed();
    assert!(task.poll(Pin::new(&mut changed)).is_pending());
    let caught = catch_unwind(|| {
        map.retain(|_, _| panic!("in the middle"));
    });
    assert!(caught.is_err());
    assert_eq!(task.woken(), 1);
    assert!(task.poll(Pin::new(&mut changed)).is_ready());
}

/// The closure of a wait: its panic leaves through the poll, and the wait can go on or be given up.
#[test]
fn a_look_that_panics_leaves_nothing() {
    let map: Watched<Copies, 1> = Watched::new(CopyMap::new());
    let task = Task::default();
    let mut watcher = map.watcher().unwrap();
    let mut wait = watcher.wait_until(|map| map.get(&1).map(|value| assert!(value > 10)));
    assert!(task.poll(Pin::new(&mut wait)).is_pending());
    map.insert(1, 10).unwrap();
    let poll = AssertUnwindSafe(|| task.poll(Pin::new(&mut wait)).is_pending());
    assert!(catch_unwind(poll).is_err());
    assert_eq!(task.wakers(), 1);
    map.insert(1, 11).unwrap();
    assert!(task.poll(Pin::new(&mut wait)).is_ready());
    assert_eq!(task.wakers(), 0);
}
