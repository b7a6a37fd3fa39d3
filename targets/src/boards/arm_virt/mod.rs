//! QEMU's `virt` machine: Cortex-A72 or Neoverse-N1 cores at EL1, or Cortex-A15 cores, with a GICv2 and a
//! PL011.

use protocol::Board;

use crate::parts::gic_v2::GicV2;
use crate::parts::pl011::Pl011;

/// What the runner knows of this board.
pub static BOARD: &Board = if cfg!(target_arch = "arm") {
    &protocol::ARMV7A
} else if cfg!(target_feature = "lse") {
    &protocol::AARCH64_LSE
} else {
    &protocol::AARCH64
};

/// See [`crate::SMALL`].
pub const SMALL: bool = false;

/// The serial port.
pub const CONSOLE: Pl011 = Pl011::at(0x0900_0000);

/// The interrupt controller.
pub const GIC: GicV2 = GicV2::at(0x0800_0000);
