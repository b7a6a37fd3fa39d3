//! An interrupt at every instruction of a poll, a write and a wait that is given up, in which the handler
//! does another of these.

use super::{COPY_MAP, COPY_WOKEN, watcher};
use crate::env::{Env, Interrupt};
use crate::failure::{Failure, ensure};
use crate::reentrant::sweep::{FEWEST, through};
use spin::Mutex;

const KEY: u32 = 1;

/// What a task, or a handler in its middle, does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Step {
    /// Puts the key in.
    Put,
    /// Polls a wait for it, for the first time.
    Poll,
    /// Polls one that another task has polled before.
    Move,
    /// Gives that one up.
    GiveUp,
}

/// The scenario.
pub fn interrupted(env: &Env<'_>) -> Result<(), Failure> {
    let Some(interrupt) = env.interrupt() else {
        return Err(Failure::new(format_args!(
            "this machine has no interrupts for a scenario"
        )));
    };
    for other in [Step::Poll, Step::Move, Step::GiveUp] {
        sweep(interrupt, env.stride(), other, Step::Put)?;
        sweep(interrupt, env.stride(), Step::Put, other)?;
    }
    Ok(())
}

fn sweep(interrupt: Interrupt, stride: u32, work: Step, handler: Step) -> Result<(), Failure> {
    let points = through(1, stride, |delay| once(interrupt, delay, work, handler))?;
    ensure(
        points >= FEWEST,
        format_args!("{work:?} was interrupted {points} times only"),
    )
}

/// `handler` in the middle of `work`, or behind it. Says whether it came in the middle.
fn once(interrupt: Interrupt, delay: u32, work: Step, handler: Step) -> Result<bool, Failure> {
    let [first, task, ..] = &COPY_WOKEN;
    let check = |holds, what| {
        let at = format_args!("{what}: {handler:?} after {delay} ticks of {work:?}");
        ensure(holds, at)
    };
    let mut watcher = watcher(&COPY_MAP)?;
    let mut wait = watcher.wait_for(&KEY);
    if work != Step::Poll && handler != Step::Poll {
        check(first.poll(&mut wait).is_pending(), "the key was there")?;
    }
    // The wait, while it is not given up, and whether it is over.
    let waiting = Mutex::new((Some(wait), false));
    let step = |step| match step {
        Step::Put => {
            let _ = COPY_MAP.insert(KEY, KEY);
        }
        Step::Poll | Step::Move => {
            let (wait, over) = &mut *waiting.lock();
            *over = wait.as_mut().is_some_and(|wait| task.poll(wait).is_ready());
        }
        Step::GiveUp => drop(waiting.lock().0.take()),
    };
    let came = interrupt(delay, &|| step(handler), &mut || step(work));
    if !came {
        step(handler);
    }
    let (wait, over) = waiting.into_inner();
    match wait {
        Some(mut wait) => {
            check(over || task.is_set(), "a missed wake")?;
            check(over || task.poll(&mut wait).is_ready(), "woken for nothing")?;
        }
        None => {
            first.clear();
            let _ = COPY_MAP.insert(KEY, KEY);
            check(!first.is_set(), "a waker is left")?;
        }
    }
    check(COPY_MAP.remove(&KEY) == Some(KEY), "the key is not there")?;
    Ok(came)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::{BEFORE, Machine, Scale};

    #[test]
    fn a_handler_that_does_not_come_is_noticed() {
        let machine = |interrupt| Machine {
            cores: 1,
            run: &|work| work(0),
            pause: || (),
            interrupt: Some(interrupt),
        };
        let never: Interrupt = |_, _, work| {
            work();
            true
        };
        let env = Env::new(machine(BEFORE), 7, Scale::Normal);
        assert_eq!(interrupted(&env), Ok(()));
        let missed = interrupted(&Env::new(machine(never), 7, Scale::Normal));
        let text = std::format!("{missed:?}");
        assert!(
            text.contains("a missed wake: Put after 1 ticks of Poll"),
            "{text}"
        );
    }
}
