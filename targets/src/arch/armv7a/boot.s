// From reset to Rust. Every core takes the same way; r4 is its number.
//
// The page table is fixed: the first GiB is devices, then come 512 MiB of RAM in sections of 1 MiB, but for
// the third and fourth section, the stacks, which have tables of their own.

.equ STACKS,          0x40200000
.equ SLOT_SHIFT,      18
.equ EMERGENCY_SHIFT, 14

// Only privileged code, no code at all in devices and stacks; memory is write-back and shareable.
.equ DEVICE_SECTION,  (1 << 10 | 1 << 4 | 1 << 2 | 2)
.equ NORMAL_SECTION,  (1 << 16 | 1 << 12 | 1 << 10 | 1 << 3 | 1 << 2 | 2)
.equ STACK_PAGE,      (1 << 10 | 1 << 6 | 1 << 4 | 1 << 3 | 1 << 2 | 3)
.equ TABLE,           1
// Walks of the table: write-back, shareable.
.equ WALKS,           (1 << 6 | 1 << 3 | 1 << 1)
// Instruction cache, branch prediction, data cache, MMU; without remapped types, access flags, or
// vectors at the upper end.
.equ SCTLR_ON,        (1 << 12 | 1 << 11 | 1 << 2 | 1 << 0)
.equ SCTLR_OFF,       (1 << 29 | 1 << 28 | 1 << 13)

.equ FAST_INTERRUPT,  0x11
.equ INTERRUPT,       0x12
.equ SUPERVISOR,      0x13
.equ ABORT,           0x17
.equ UNDEFINED,       0x1b
.equ SYSTEM,          0x1f

.section .text.boot, "ax"
.arm
.global _start
_start:
	mov	r4, #0
	b	start_core

// Where PSCI starts the other cores; r0 is the core's number.
.global targets_secondary_start
targets_secondary_start:
	mov	r4, r0

start_core:
	cpsid	aif
	ldr	r0, =targets_vectors
	mcr	p15, 0, r0, c12, c0, 0		// VBAR
	mov	r0, #0
	mcr	p15, 0, r0, c2, c0, 2		// TTBCR: one table for all addresses
	ldr	r0, =level_1
	orr	r0, r0, #WALKS
	mcr	p15, 0, r0, c2, c0, 0		// TTBR0
	mov	r0, #1
	mcr	p15, 0, r0, c3, c0, 0		// DACR: the table's permissions count
	dsb
	mcr	p15, 0, r0, c8, c7, 0		// TLBIALL
	mcr	p15, 0, r0, c7, c5, 0		// ICIALLU
	dsb
	isb
	mrc	p15, 0, r0, c1, c0, 0		// SCTLR
	ldr	r1, =SCTLR_ON
	orr	r0, r0, r1
	ldr	r1, =SCTLR_OFF
	bic	r0, r0, r1
	mcr	p15, 0, r0, c1, c0, 0
	isb

	// Exceptions use the emergency stack, each mode from its top: none but an interrupt, which runs in
	// supervisor mode, ever returns. All else runs in system mode, so that an exception that a stack
	// overflow raises still has a stack.
	add	r1, r4, #1
	ldr	r0, =TARGETS_EMERGENCY_STACKS
	add	r0, r0, r1, lsl #EMERGENCY_SHIFT
	.irp	mode, FAST_INTERRUPT, INTERRUPT, SUPERVISOR, ABORT, UNDEFINED
	cps	#\mode
	mov	sp, r0
	.endr
	cps	#SYSTEM
	ldr	r0, =STACKS
	add	sp, r0, r1, lsl #SLOT_SHIFT

	mov	r0, r4
	bl	targets_rust_start
.ltorg

.balign 32
targets_vectors:
	b	exception_0
	b	exception_1
	b	exception_2
	b	exception_3
	b	exception_4
	b	exception_5
	b	interrupt
	b	exception_7

	// Nothing is saved: none of these returns.
	.irp	number, 0, 1, 2, 3, 4, 5, 7
exception_\number:
	mov	r0, #\number
	mov	r1, lr
	bl	targets_exception
	.endr

// An interrupt: what it interrupts is saved on the supervisor's stack, which may be in use, with an odd
// number of words on it. A Rust function saves the other registers.
interrupt:
	sub	lr, lr, #4
	srsdb	sp!, #SUPERVISOR
	cps	#SUPERVISOR
	push	{r0-r3, r12, lr}
	ldr	r0, [sp, #24]			// where it came
	and	r1, sp, #4
	sub	sp, sp, r1
	push	{r1, r2}
	bl	targets_interrupt
	pop	{r1, r2}
	add	sp, sp, r1
	pop	{r0-r3, r12, lr}
	clrex
	rfeia	sp!

.section .data.page_tables, "aw"
.balign 16384
level_1:
	.set	address, 0
	.rept	1024
	.word	address + DEVICE_SECTION
	.set	address, address + 0x100000
	.endr
	.word	address + NORMAL_SECTION
	.word	address + 0x100000 + NORMAL_SECTION
	.word	level_2_stacks + TABLE
	.word	level_2_stacks + 0x400 + TABLE
	.set	address, STACKS + 0x200000
	.rept	508
	.word	address + NORMAL_SECTION
	.set	address, address + 0x100000
	.endr
	.fill	2560, 4, 0
level_2_stacks:
	.set	address, STACKS
	.rept	8
	// The lowest page of a stack is not mapped.
	.word	0
	.set	address, address + 0x1000
	.rept	63
	.word	address + STACK_PAGE
	.set	address, address + 0x1000
	.endr
	.endr
