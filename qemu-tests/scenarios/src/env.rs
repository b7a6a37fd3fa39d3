//! Where a scenario runs: the cores, the seed, the scale.

use crate::Failure;
use oorandom::Rand32;
use portable_atomic::{AtomicBool, AtomicU32, Ordering};
use spin::Mutex;

/// At most so many cores take part in a scenario; further ones stand by.
pub const MOST_CORES: usize = 8;

/// Without compare-and-swap every atomic operation masks interrupts, which takes an emulator long.
const SLOWER: u32 = if cfg!(target_has_atomic = "ptr") {
    1
} else {
    4
};

/// How much a scenario does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scale {
    /// A few operations a core: for Miri.
    Tiny,
    /// A fraction of a second for all scenarios on threads.
    Small,
    /// Some twenty seconds for all scenarios on an emulated board.
    Normal,
    /// Ten times as much.
    Large,
}

/// What can run a function on all cores.
#[derive(Clone, Copy)]
pub struct Machine<'a> {
    /// How many cores there are.
    pub cores: usize,
    /// Calls a function with 0 to `cores` - 1, each on a core of its own, all at the same time.
    pub run: &'a (dyn Fn(&(dyn Fn(usize) + Sync)) + Sync),
    /// What a core does while it waits for another one.
    pub pause: fn(),
    /// Calls a function in the middle of another one, if the machine can.
    pub interrupt: Option<Interrupt>,
}

/// Calls the last function, and meanwhile the one before it once: in an interrupt that comes after
/// so many ticks of a timer, of which one is at most about one instruction. Says whether it came.
pub type Interrupt = fn(u32, &(dyn Fn() + Sync), &mut dyn FnMut()) -> bool;

/// An "interrupt" before the work: the first delays are short enough.
#[cfg(test)]
pub(crate) const BEFORE: Interrupt = |delay, handler, work| {
    let came = delay <= 20;
    if came {
        handler();
    }
    work();
    came
};

/// What a scenario gets.
pub struct Env<'a> {
    machine: Machine<'a>,
    seed: u64,
    scale: Scale,
    /// How often cores were set to work: each time they draw other numbers.
    runs: AtomicU32,
}

/// One core at work.
pub struct Core<'a> {
    /// Its number, from 0.
    pub index: usize,
    /// How many take part.
    pub cores: usize,
    /// Its random numbers.
    pub random: Rand32,
    stop: &'a AtomicBool,
    pause: fn(),
}

impl<'a> Env<'a> {
    /// All that a scenario needs.
    pub fn new(machine: Machine<'a>, seed: u64, scale: Scale) -> Self {
        Self {
            machine,
            seed,
            scale,
            runs: AtomicU32::new(0),
        }
    }

    /// How many steps to take at this scale, given those at [`Scale::Normal`].
    pub fn steps(&self, normal: u32) -> u32 {
        match self.scale {
            Scale::Tiny => (normal / 16_384).max(10),
            Scale::Small => (normal / 32 / SLOWER).max(8),
            Scale::Normal => normal,
            Scale::Large => normal.saturating_mul(10),
        }
    }

    /// How often to start over, given how often at [`Scale::Normal`].
    pub fn rounds(&self, normal: u32) -> u32 {
        match self.scale {
            Scale::Tiny => 1,
            _ => normal,
        }
    }

    /// From one place for an interrupt to the next one tried, in ticks.
    pub fn stride(&self) -> u32 {
        match self.scale {
            Scale::Tiny => 64,
            Scale::Small => 7 * SLOWER,
            Scale::Normal | Scale::Large => 1,
        }
    }

    /// How to interrupt this core, if that is possible.
    pub fn interrupt(&self) -> Option<Interrupt> {
        self.machine.interrupt
    }

    /// How many cores take part.
    pub fn cores(&self) -> usize {
        self.machine.cores.min(MOST_CORES)
    }

    /// Runs `work` on every core and returns the first failure. Each core stops early if another
    /// one failed.
    pub fn on_all_cores(
        &self,
        work: impl Fn(&mut Core<'_>) -> Result<(), Failure> + Sync,
    ) -> Result<(), Failure> {
        self.on_cores(self.cores(), work)
    }

    /// The same on the first `cores` cores only.
    pub fn on_cores(
        &self,
        cores: usize,
        work: impl Fn(&mut Core<'_>) -> Result<(), Failure> + Sync,
    ) -> Result<(), Failure> {
        let stop = AtomicBool::new(false);
        let first: Mutex<Option<Failure>> = Mutex::new(None);
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let cores = cores.min(self.cores());
        (self.machine.run)(&|index| {
            if index >= cores {
                return;
            }
            let stream = u64::from(run) * MOST_CORES as u64 + index as u64;
            let mut core = Core {
                index,
                cores,
                random: Rand32::new_inc(self.seed, stream),
                stop: &stop,
                pause: self.machine.pause,
            };
            // A generator's first numbers resemble those of its neighbours.
            core.random.rand_u32();
            core.random.rand_u32();
            if let Err(failure) = work(&mut core) {
                stop.store(true, Ordering::Relaxed);
                first.lock().get_or_insert(failure);
            }
        });
        match first.into_inner() {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }
}

impl<'a> Core<'a> {
    /// A number below `limit`.
    #[inline]
    pub fn below(&mut self, limit: u32) -> u32 {
        self.random.rand_range(0..limit)
    }

    /// Counts to `steps`, and ends early if another core failed.
    pub fn steps(&self, steps: u32) -> impl Iterator<Item = u32> + use<'a> {
        let stop = self.stop;
        (0..steps).take_while(|_| !stop.load(Ordering::Relaxed))
    }

    /// Waits until `ready` says yes; says whether to go on, which is no if another core failed.
    pub fn wait(&self, mut ready: impl FnMut() -> bool) -> bool {
        while !ready() {
            if self.stop.load(Ordering::Relaxed) {
                return false;
            }
            (self.pause)();
        }
        true
    }

    /// Lets other cores work.
    pub fn pause(&self) {
        (self.pause)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::vec::Vec;

    #[test]
    fn cores_draw_different_numbers_and_the_same_ones_again() {
        let drawn = || {
            let machine = Machine {
                cores: 4,
                run: &|work| (0..4).for_each(work),
                pause: || (),
                interrupt: None,
            };
            let env = Env::new(machine, 7, Scale::Tiny);
            let numbers = Mutex::new(Vec::new());
            for _ in 0..2 {
                let draw = |core: &mut Core<'_>| {
                    numbers.lock().unwrap().push(core.random.rand_u32());
                    Ok(())
                };
                env.on_all_cores(draw).unwrap();
            }
            numbers.into_inner().unwrap()
        };
        let numbers = drawn();
        assert_eq!(numbers, drawn());
        for (i, number) in numbers.iter().enumerate() {
            assert!(!numbers[..i].contains(number));
        }
    }

    #[test]
    fn the_first_failure_stops_the_others() {
        let machine = Machine {
            cores: 2,
            run: &|work| (0..2).for_each(work),
            pause: || (),
            interrupt: None,
        };
        let env = Env::new(machine, 7, Scale::Tiny);
        let result = env.on_all_cores(|core| {
            if core.index == 0 {
                return Err(Failure::new(format_args!("broken")));
            }
            assert_eq!(core.steps(10).count(), 0);
            assert!(!core.wait(|| false));
            Err(Failure::new(format_args!("second")))
        });
        assert_eq!(result, Err(Failure::new(format_args!("broken"))));
    }
}
