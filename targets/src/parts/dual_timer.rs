//! The dual timer of Arm's FPGA boards. The first one counts every 256th tick of the board's clock, so
//! that it runs for hours; the second one counts each.

/// On, 32 bits, starts over at the greatest value.
const FREE_RUNNING: u32 = 1 << 7 | 1 << 1;
/// Every 256th tick.
const SLOW: u32 = 2 << 2;

/// The registers of one of them.
struct Timer {
    load: *mut u32,
    value: *const u32,
    control: *mut u32,
}

/// Both.
pub struct DualTimer {
    slow: Timer,
    fast: Timer,
    tick_ns: u64,
}

impl Timer {
    const fn at(base: usize) -> Self {
        Self {
            load: core::ptr::without_provenance_mut(base),
            value: core::ptr::without_provenance(base + 4),
            control: core::ptr::without_provenance_mut(base + 8),
        }
    }

    fn start(&self, control: u32) {
        // SAFETY: the timer's own registers; its interrupt is off.
        unsafe {
            self.load.write_volatile(u32::MAX);
            self.control.write_volatile(control);
        }
    }

    /// It counts down.
    #[inline(always)]
    fn read(&self) -> u32 {
        // SAFETY: reading changes nothing.
        u32::MAX - unsafe { self.value.read_volatile() }
    }
}

impl DualTimer {
    /// That whose registers are at this address, where a tick of the board's clock takes so long.
    pub const fn at(base: usize, tick_ns: u64) -> Self {
        Self {
            slow: Timer::at(base),
            fast: Timer::at(base + 0x20),
            tick_ns,
        }
    }

    /// Starts both.
    pub fn set_up(&self) {
        self.slow.start(FREE_RUNNING | SLOW);
        self.fast.start(FREE_RUNNING);
    }

    /// See [`crate::clock::now_ns`]. Starts over after twelve hours or more.
    pub fn now_ns(&self) -> u64 {
        u64::from(self.slow.read()) * 256 * self.tick_ns
    }

    /// See [`crate::clock::ticks`]: those of the board's clock. The registers are device memory: `dsb`
    /// waits until what stands in front is done, and what stands behind waits for the reading.
    #[inline(always)]
    pub fn ticks(&self) -> u64 {
        cortex_m::asm::dsb();
        let ticks = self.fast.read();
        cortex_m::asm::dsb();
        u64::from(ticks)
    }
}
