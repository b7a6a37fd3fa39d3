//! The MMU and the caches.

use x86_64::registers::control::{Cr0, Cr0Flags};
use x86_64::registers::model_specific::Msr;

/// The page attribute table: the memory types that page tables choose from.
const PAT: u32 = 0x277;
/// How many variable memory type ranges there are, in the low eight bits.
const MTRR_CAPABILITIES: u32 = 0xfe;
/// The mask of the first variable range, with its valid bit; the others follow at every second number.
const MTRR_MASK: u32 = 0x201;
/// The memory type of everything that no range covers, and whether ranges are in use at all.
const MTRR_DEFAULT: u32 = 0x2ff;

const WRITE_BACK: u64 = 6;
const MTRR_ON: u64 = 1 << 11;

/// Makes all memory write-back cached, but for what the page tables say. Every core calls it once:
/// the firmware has set up core 0 only, and without this all memory of the others is uncached.
pub fn set_up_caches() {
    // SAFETY: every 64-bit CPU has these registers. Memory types change nothing in what a program
    // computes, and device memory is uncached by its page table entries (boot.s).
    unsafe {
        for range in 0..(Msr::new(MTRR_CAPABILITIES).read() & 0xff) as u32 {
            Msr::new(MTRR_MASK + 2 * range).write(0);
        }
        Msr::new(MTRR_DEFAULT).write(MTRR_ON | WRITE_BACK);
    }
}

/// Checks that this core has its MMU and caches on, and that memory is cached: atomic operations on
/// uncached memory would not be the ones that the program is about.
pub fn assert_on() {
    let cr0 = Cr0::read();
    assert!(
        cr0.contains(Cr0Flags::PAGING)
            && !cr0.intersects(Cr0Flags::CACHE_DISABLE | Cr0Flags::NOT_WRITE_THROUGH),
        "the MMU or the cache is off: CR0 is {cr0:?}"
    );
    // SAFETY: every 64-bit CPU has these registers, and reading them changes nothing.
    let (pat, default) = unsafe { (Msr::new(PAT).read(), Msr::new(MTRR_DEFAULT).read()) };
    // The page tables choose entry 0 for memory (boot.s).
    assert!(
        pat & 0xff == WRITE_BACK,
        "memory is not cached: PAT is {pat:#x}"
    );
    assert!(
        default & MTRR_ON != 0 && default & 0xff == WRITE_BACK,
        "memory is not cached: MTRRdefType is {default:#x}"
    );
}
