//! The command line, as the loader hands it over.

use core::ffi::CStr;
use core::sync::atomic::{AtomicU32, Ordering};

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
