//! From reset to the program.

use core::ffi::CStr;
use core::sync::atomic::{AtomicU32, Ordering};

use super::{clock, console, cores, descriptors, local_apic, mmu};
use crate::bare;

pub use bare::boot::{args, file};

core::arch::global_asm!(include_str!("boot.s"), options(att_syntax));

/// Where the stacks lie: `STACKS` in boot.s, and the gap below the image in image.ld.
pub const STACKS: usize = 0x20_0000;

/// Where boot.s keeps the address of the loader's [`StartInfo`].
#[unsafe(no_mangle)]
static TARGETS_START_INFO: AtomicU32 = AtomicU32::new(0);

/// What a PVH loader tells the program: the beginning of `hvm_start_info`.
#[repr(C)]
struct StartInfo {
    magic: u32,
    version: u32,
    flags: u32,
    module_count: u32,
    modules: u64,
    command_line: u64,
}

/// Every core comes here from boot.s, with the MMU on and a stack.
#[unsafe(no_mangle)]
extern "C" fn targets_rust_start(core: usize) -> ! {
    descriptors::set_up(core);
    mmu::set_up_caches();
    if core == 0 {
        console::set_up();
        mmu::assert_on();
        local_apic::mask_legacy_interrupts();
        local_apic::set_up();
        clock::set_up();
        cores::start_others();
        bare::boot::run_program()
    } else {
        mmu::assert_on();
        local_apic::set_up();
        bare::cores::serve(core)
    }
}

/// The command line that QEMU was given, in `buffer`; `None` if it does not fit.
pub fn command_line(buffer: &mut [u8]) -> Option<&[u8]> {
    /// What `StartInfo::magic` must be.
    const MAGIC: u32 = 0x336e_c578;

    let address = TARGETS_START_INFO.load(Ordering::Relaxed) as usize;
    let info: *const StartInfo = core::ptr::with_exposed_provenance(address);
    // SAFETY: the loader's promise: the register that boot.s saved held the address of this
    // structure. It lies in low memory, which is mapped and which nothing has written to since.
    let info = unsafe { &*info };
    assert_eq!(
        info.magic, MAGIC,
        "the image was not started by a PVH loader: use QEMU's -kernel"
    );
    if info.command_line == 0 {
        return Some(&[]);
    }
    let text = core::ptr::with_exposed_provenance(info.command_line as usize);
    // SAFETY: likewise; the loader ends the string with a NUL byte.
    let line = unsafe { CStr::from_ptr(text) }.to_bytes();
    let kept = buffer.get_mut(..line.len())?;
    kept.copy_from_slice(line);
    Some(kept)
}
