//! QEMU's `microvm` machine: as `q35` to a program, but for time and power.

use protocol::Board;

use crate::parts::com_port::ComPort;
use crate::parts::local_apic;

/// What the runner knows of this board.
pub static BOARD: &Board = &protocol::X86_64_MICROVM;

/// See [`crate::SMALL`].
pub const SMALL: bool = false;

/// The serial port.
pub const CONSOLE: ComPort = ComPort;

/// Ticks of [`reference`] in a second.
pub const REFERENCE_FREQUENCY: u64 = 1_000_000_000;

/// The bits of [`reference`] that count.
pub const REFERENCE_MASK: u32 = u32::MAX;

/// Lets [`reference`] run.
pub fn start_reference() {
    local_apic::start_silent_timer();
}

/// The local APIC's timer: there is no ACPI timer. It counts down.
pub fn reference() -> u32 {
    !local_apic::timer()
}

/// Asks the machine to switch itself off, which it does a little later.
pub fn switch_off() {
    /// The machine's sleep control register, and what switches it off: sleep state 5, now.
    const SLEEP_CONTROL: *mut u8 = core::ptr::without_provenance_mut(0xfea0_0200);
    const OFF: u8 = 5 << 2 | 1 << 5;

    // SAFETY: ends the machine; the register is device memory.
    unsafe { SLEEP_CONTROL.write_volatile(OFF) };
}
