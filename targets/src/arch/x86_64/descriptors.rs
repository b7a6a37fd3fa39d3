//! The tables through which a core finds its number, its emergency stack and its handlers.

use core::arch::asm;
use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicUsize, Ordering};

use x86_64::VirtAddr;
use x86_64::registers::model_specific::GsBase;
use x86_64::registers::segmentation::{CS, Segment};
use x86_64::structures::DescriptorTablePointer;
use x86_64::structures::gdt::{Descriptor, GlobalDescriptorTable};
use x86_64::structures::idt::{Entry, HandlerFunc};
use x86_64::structures::tss::TaskStateSegment;

use crate::parts::local_apic::{SPURIOUS_VECTOR, TIMER_VECTOR, WAKE_VECTOR};
use crate::parts::stacks::{EMERGENCY_SIZE, Emergency, MAX_CORES};

/// The number of exceptions, which are the first interrupt vectors.
const EXCEPTIONS: usize = 32;

/// The distance of the entries of exceptions in boot.s.
const ENTRY_SIZE: usize = 16;

/// What a core keeps for itself.
#[repr(C)]
struct Core {
    /// Where `gs` begins: [`current`] reads it.
    number: AtomicUsize,
    tables: UnsafeCell<Tables>,
}

struct Tables {
    segments: GlobalDescriptorTable,
    task: TaskStateSegment,
    interrupts: [Entry<HandlerFunc>; 256],
}

// SAFETY: each core accesses only its own `tables`, once, in `set_up`.
unsafe impl Sync for Core {}

static CORES: [Core; MAX_CORES] = [const {
    Core {
        number: AtomicUsize::new(0),
        tables: UnsafeCell::new(Tables {
            segments: GlobalDescriptorTable::new(),
            task: TaskStateSegment::new(),
            interrupts: [Entry::missing(); 256],
        }),
    }
}; MAX_CORES];

/// Where the CPU runs exceptions. Only the task state segments lead here.
static mut EMERGENCY_STACKS: Emergency = Emergency::new();

unsafe extern "C" {
    /// In boot.s, like the three below.
    fn targets_exception_entries();
    fn targets_timer_entry();
    fn targets_wake_entry();
    fn targets_spurious_entry();
}

/// See [`crate::cores::current`]. Only after [`set_up`].
pub fn current() -> usize {
    let number;
    // SAFETY: `set_up` has pointed `gs` at this core's `Core`, which begins with the number.
    unsafe { asm!("mov {}, gs:[0]", out(reg) number, options(readonly, nostack, preserves_flags)) };
    number
}

/// Sets this core's tables up. Every core calls it once, before anything else.
pub fn set_up(core: usize) {
    let this = &CORES[core];
    this.number.store(core, Ordering::Relaxed);
    GsBase::write(VirtAddr::from_ptr(this));

    // SAFETY: only this core uses its tables, and only here: the CPU reads them from now on, and
    // sets the busy bit of the task segment.
    let tables: &'static mut Tables = unsafe { &mut *this.tables.get() };
    let first_stack = &raw const EMERGENCY_STACKS as usize;
    let stack_end = first_stack + (core + 1) * EMERGENCY_SIZE;
    // The table's first entry has the number 0 here, and 1 in the handbook.
    tables.task.interrupt_stack_table[0] = VirtAddr::new(stack_end as u64);
    let code = tables.segments.append(Descriptor::kernel_code_segment());
    // SAFETY: the segment lives for ever and nothing moves it.
    let task = tables
        .segments
        .append(unsafe { Descriptor::tss_segment_unchecked(&tables.task) });
    // SAFETY: the tables live for ever, and hold a code segment and this core's task segment.
    unsafe {
        tables.segments.load_unsafe();
        CS::set_reg(code);
        x86_64::instructions::tables::load_tss(task);
    }
    fill_interrupts(&mut tables.interrupts);
    let interrupts = DescriptorTablePointer {
        limit: (size_of_val(&tables.interrupts) - 1) as u16,
        base: VirtAddr::from_ptr(&tables.interrupts),
    };
    // SAFETY: the table lives for ever and is complete.
    unsafe { x86_64::instructions::tables::lidt(&interrupts) };
}

/// The entries use the code segment that is loaded now.
fn fill_interrupts(table: &mut [Entry<HandlerFunc>; 256]) {
    let first = targets_exception_entries as *const () as usize;
    for (vector, entry) in table.iter_mut().take(EXCEPTIONS).enumerate() {
        let handler = VirtAddr::new((first + vector * ENTRY_SIZE) as u64);
        // SAFETY: boot.s has an entry for each exception at this distance. They use the emergency
        // stack, and no exception that occurs there returns.
        unsafe { entry.set_handler_addr(handler).set_stack_index(0) };
    }
    let others = [
        (TIMER_VECTOR, targets_timer_entry as *const ()),
        (WAKE_VECTOR, targets_wake_entry as *const ()),
        (SPURIOUS_VECTOR, targets_spurious_entry as *const ()),
    ];
    for (vector, handler) in others {
        // SAFETY: boot.s has these handlers; they change nothing in the interrupted code.
        unsafe { table[usize::from(vector)].set_handler_addr(VirtAddr::from_ptr(handler)) };
    }
}
