//! Accesses that are counted, and what happens at one of them.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::panic::{self, AssertUnwindSafe};

use anyhow::{Result, anyhow};
use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use tagged_arena::sync::{Access, set_context_hint, set_hook};

/// More accesses than any operation of a small map needs, however it is disturbed: what needs more waits.
pub const LIMIT: u64 = 50_000;

/// What happens at an access.
enum Act {
    Nothing,
    Log(Vec<Access>),
    Suspend(*const Yielder<(), ()>),
    Interrupt(Box<dyn FnOnce()>),
    FailWeak(u32),
}

/// How many accesses there were, and at which something happens.
struct Level {
    count: u64,
    at: u64,
    act: Act,
}

impl Level {
    fn new(at: u64, act: Act) -> Self {
        Self { count: 0, at, act }
    }
}

thread_local! {
    static COUNT: Cell<u64> = const { Cell::new(0) };
    static AT: Cell<u64> = const { Cell::new(0) };
    static ACT: RefCell<Act> = const { RefCell::new(Act::Nothing) };
}

fn install(level: Level) -> Level {
    Level {
        count: COUNT.replace(level.count),
        at: AT.replace(level.at),
        act: ACT.replace(level.act),
    }
}

fn hook(access: Access) -> bool {
    let count = COUNT.get() + 1;
    COUNT.set(count);
    count < AT.get() || event(access, count)
}

/// Something happens before this access.
#[cold]
fn event(access: Access, count: u64) -> bool {
    if count > LIMIT {
        set_hook(None);
        panic::resume_unwind(Box::new(Waits));
    }
    match ACT.replace(Act::Nothing) {
        Act::Nothing => AT.set(LIMIT + 1),
        Act::Log(mut log) => {
            log.push(access);
            ACT.set(Act::Log(log));
        }
        // SAFETY: the coroutine that set it is the one that runs: `Suspended::at` waits for it.
        Act::Suspend(yielder) => unsafe { (*yielder).suspend(()) },
        Act::Interrupt(handler) => {
            AT.set(LIMIT + 1);
            let level = install(Level::new(LIMIT + 1, Act::Nothing));
            handler();
            install(level);
        }
        Act::FailWeak(left) => {
            let fails = access == Access::WeakCas;
            match left - u32::from(fails) {
                0 => AT.set(LIMIT + 1),
                left => ACT.set(Act::FailWeak(left)),
            }
            return !fails;
        }
    }
    true
}

/// What an operation is unwound with that does not end.
struct Waits;

fn trouble(payload: Box<dyn Any + Send>) -> anyhow::Error {
    if payload.is::<Waits>() {
        anyhow!("no progress within {LIMIT} accesses")
    } else if let Some(text) = payload.downcast_ref::<String>() {
        anyhow!("panic: {text}")
    } else {
        let text = payload.downcast_ref::<&str>().unwrap_or(&"of another type");
        anyhow!("panic: {text}")
    }
}

/// Runs it with that act; what it returned, how many accesses there were, and what is left of the act.
fn watched<R>(at: u64, act: Act, run: impl FnOnce() -> R) -> Result<(R, u64, Act)> {
    let before = install(Level::new(at, act));
    let hook_before = set_hook(Some(hook));
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    set_hook(hook_before);
    let level = install(before);
    Ok((result.map_err(trouble)?, level.count, level.act))
}

/// Runs it; an error if it waits or panics. The number of its accesses.
pub fn bounded<R>(run: impl FnOnce() -> R) -> Result<(R, u64)> {
    watched(LIMIT + 1, Act::Nothing, run).map(|(result, count, _)| (result, count))
}

/// Runs it and says what its accesses are.
pub fn accesses<R>(run: impl FnOnce() -> R) -> Result<(R, Vec<Access>)> {
    let (result, _, act) = watched(0, Act::Log(Vec::new()), run)?;
    match act {
        Act::Log(log) => Ok((result, log)),
        _ => Err(anyhow!("the log is gone")),
    }
}

/// Runs it, and `handler` before access `at` of it. Nests.
pub fn interrupted<R>(at: u64, handler: impl FnOnce(), run: impl FnOnce() -> R) -> Result<R> {
    let handler: Box<dyn FnOnce() + '_> = Box::new(handler);
    // SAFETY: only the lifetime changes: `watched` drops the act, called or not, before this returns.
    let handler: Box<dyn FnOnce()> = unsafe { std::mem::transmute(handler) };
    let (result, _, act) = watched(at, Act::Interrupt(handler), run)?;
    drop(act);
    Ok(result)
}

/// Runs it; of its weak compare-and-swaps from access `at` on, so many fail.
pub fn failing<R>(at: u64, times: u32, run: impl FnOnce() -> R) -> Result<R> {
    watched(at, Act::FailWeak(times), run).map(|(result, ..)| result)
}

/// A context that does not go on.
pub struct Suspended<'a> {
    coroutine: Coroutine<(), (), (), DefaultStack>,
    _borrowed: PhantomData<&'a ()>,
}

impl<'a> Suspended<'a> {
    /// Runs it on that stack until access `at` is next. `None`: it ended before.
    pub fn at(stack: DefaultStack, at: u64, run: impl FnOnce() + 'a) -> Result<Option<Self>> {
        let body = move |yielder: &Yielder<(), ()>, ()| {
            ACT.set(Act::Suspend(yielder));
            run();
        };
        // SAFETY: what `run` borrows outlives 'a, and so this value, whose drop ends the coroutine.
        let mut coroutine = unsafe { Coroutine::with_stack_unchecked(stack, body) };
        let before = install(Level::new(at, Act::Nothing));
        let hook_before = set_hook(Some(hook));
        let hint = set_context_hint(1);
        let result = panic::catch_unwind(AssertUnwindSafe(|| coroutine.resume(())));
        set_context_hint(hint);
        set_hook(hook_before);
        install(before);
        let suspended = matches!(result.map_err(trouble)?, CoroutineResult::Yield(()));
        let context = Self {
            coroutine,
            _borrowed: PhantomData,
        };
        Ok(suspended.then_some(context))
    }
}

impl Drop for Suspended<'_> {
    /// Its stack is thrown away, nothing on it is dropped: as if it were suspended for ever.
    fn drop(&mut self) {
        // SAFETY: what is on the stack is leaked, which is sound for every value there: the operation's own
        // guards and cells, nothing that is pinned or scoped.
        unsafe { self.coroutine.force_reset() };
    }
}
