//! QEMU's `q35` machine: PVH boot, xAPIC, 16550 serial port; time and power by ACPI.

use protocol::Board;
use x86_64::instructions::port::Port;

use crate::parts::com_port::ComPort;

/// What the runner knows of this board.
pub static BOARD: &Board = &protocol::X86_64;

/// See [`crate::SMALL`].
pub const SMALL: bool = false;

/// The serial port.
pub const CONSOLE: ComPort = ComPort;

/// Ticks of [`reference`] in a second.
pub const REFERENCE_FREQUENCY: u64 = 3_579_545;

/// The bits of [`reference`] that count.
pub const REFERENCE_MASK: u32 = 0xff_ffff;

/// Lets [`reference`] run: it always does.
pub fn start_reference() {}

/// The ACPI timer, where the firmware has put it. It counts up.
pub fn reference() -> u32 {
    // SAFETY: reading the timer changes nothing.
    unsafe { Port::<u32>::new(0x608).read() }
}

/// Asks the machine to switch itself off, which it does a little later.
pub fn switch_off() {
    /// The ACPI power control register, where the firmware has put it.
    const POWER_CONTROL: u16 = 0x604;
    const SLEEP_ENABLE: u16 = 1 << 13;

    // SAFETY: ends the machine, and touches no memory.
    unsafe { Port::<u16>::new(POWER_CONTROL).write(SLEEP_ENABLE) };
}
