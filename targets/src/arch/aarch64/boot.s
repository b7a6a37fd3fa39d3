// From reset to Rust. Every core takes the same way; x19 is its number.
//
// The page tables are fixed: the first GiB is devices, the second is RAM in blocks of 2 MiB, but
// for the second block, the stacks, which has a table of its own.

.equ STACKS,         0x40200000
.equ SLOT_SHIFT,     18
.equ EMERGENCY_SHIFT, 14

.equ MAIR,  0xff04          // 0: device nGnRE; 1: normal, write-back
// 39-bit addresses, 4 KiB pages, write-back inner-shareable table walks, no upper half, 36-bit
// physical addresses.
.equ TCR,   (25 | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23 | 1 << 32)
// The bits that must be one, instruction cache, stack alignment check, data cache, MMU.
.equ SCTLR, (0x30d00800 | 1 << 12 | 1 << 3 | 1 << 2 | 1 << 0)

.equ DEVICE_BLOCK, (1 << 54 | 1 << 53 | 1 << 10 | 0 << 2 | 1)
.equ NORMAL_BLOCK, (1 << 10 | 3 << 8 | 1 << 2 | 1)
.equ STACK_PAGE,   (1 << 54 | 1 << 53 | 1 << 10 | 3 << 8 | 1 << 2 | 3)
.equ TABLE,        3

.section .text.boot, "ax"
.global _start
_start:
	mov	x19, #0
	b	start_core

// Where PSCI starts the other cores; x0 is the core's number.
.global targets_secondary_start
targets_secondary_start:
	mov	x19, x0

start_core:
	msr	daifset, #0xf
	ldr	x1, =targets_vectors
	msr	vbar_el1, x1

	ldr	x1, =MAIR
	msr	mair_el1, x1
	ldr	x1, =TCR
	msr	tcr_el1, x1
	ldr	x1, =level_1
	msr	ttbr0_el1, x1
	dsb	sy
	tlbi	vmalle1
	ic	iallu
	dsb	sy
	isb
	ldr	x1, =SCTLR
	msr	sctlr_el1, x1
	isb

	// Exceptions use SP_EL1, the emergency stack. All else uses SP_EL0, so that an exception that
	// a stack overflow raises still has a stack.
	add	x2, x19, #1
	msr	spsel, #1
	ldr	x1, =TARGETS_EMERGENCY_STACKS
	add	x1, x1, x2, lsl #EMERGENCY_SHIFT
	mov	sp, x1
	msr	spsel, #0
	ldr	x1, =STACKS
	add	x1, x1, x2, lsl #SLOT_SHIFT
	mov	sp, x1

	mov	x29, #0
	mov	x30, #0
	mov	x0, x19
	b	targets_rust_start
.ltorg

// Entry n starts at n * 128. But for interrupts nothing is saved: no exception returns. Entry 1 is
// an interrupt of code that uses SP_EL0, entry 5 one of an interrupt's handler.
.macro vector number
	.balign	128
	.if \number == 1 || \number == 5
	b	interrupt
	.else
	mov	x0, #\number
	// An exception that the report itself raised starts over on the emergency stack.
	b	targets_exception
	.endif
.endm

.balign 2048
targets_vectors:
	.irp	number, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	vector	\number
	.endr

// An interrupt, on the emergency stack, which is empty but for what it interrupts. A Rust function saves x19 to x29; no
// floating-point register is used. The return forgets a load-exclusive.
interrupt:
	stp	x0, x1, [sp, #-176]!
	stp	x2, x3, [sp, #16]
	stp	x4, x5, [sp, #32]
	stp	x6, x7, [sp, #48]
	stp	x8, x9, [sp, #64]
	stp	x10, x11, [sp, #80]
	stp	x12, x13, [sp, #96]
	stp	x14, x15, [sp, #112]
	stp	x16, x17, [sp, #128]
	stp	x18, x30, [sp, #144]
	mrs	x0, elr_el1
	mrs	x1, spsr_el1
	stp	x0, x1, [sp, #160]
	bl	targets_interrupt
	ldp	x0, x1, [sp, #160]
	msr	elr_el1, x0
	msr	spsr_el1, x1
	ldp	x18, x30, [sp, #144]
	ldp	x16, x17, [sp, #128]
	ldp	x14, x15, [sp, #112]
	ldp	x12, x13, [sp, #96]
	ldp	x10, x11, [sp, #80]
	ldp	x8, x9, [sp, #64]
	ldp	x6, x7, [sp, #48]
	ldp	x4, x5, [sp, #32]
	ldp	x2, x3, [sp, #16]
	ldp	x0, x1, [sp], #176
	eret

.section .data.page_tables, "aw"
.balign 4096
level_1:
	.quad	DEVICE_BLOCK
	.quad	level_2 + TABLE
	.fill	510, 8, 0
level_2:
	.set	address, 0x40000000
	.quad	address + NORMAL_BLOCK
	.quad	level_3_stacks + TABLE
	.set	address, STACKS + 0x200000
	.rept	510
	.quad	address + NORMAL_BLOCK
	.set	address, address + 0x200000
	.endr
level_3_stacks:
	.set	address, STACKS
	.rept	8
	// The lowest page of a stack is not mapped.
	.quad	0
	.set	address, address + 0x1000
	.rept	63
	.quad	address + STACK_PAGE
	.set	address, address + 0x1000
	.endr
	.endr
