# From reset to Rust, and the way into a trap and back. Every core takes the same way; a0 is its
# number. `REG` is the size of a register, `store` and `load` move one.

.equ MAX_CORES, 8
.equ SLOT_SHIFT, 16

.section .text.boot, "ax"
.global _start
_start:
	csrw	mie, zero
	csrr	a0, mhartid
	li	t0, MAX_CORES
	bgeu	a0, t0, 1f
	la	t0, targets_trap
	csrw	mtvec, t0
	la	sp, TARGETS_STACKS
	addi	t1, a0, 1
	slli	t1, t1, SLOT_SHIFT
	add	sp, sp, t1
	tail	targets_rust_start
	# A core without a stack: none is started by the runner.
1:
	wfi
	j	1b

# All registers go onto the interrupted stack, x1 at REG; mepc at 0. Rust says with which registers to
# go on.
.balign 4
targets_trap:
	addi	sp, sp, -32 * REG
	.irp	number, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	store	x\number, \number
	.endr
	csrr	t0, mepc
	store	t0, 0
	mv	a0, sp
	call	targets_trapped
	mv	sp, a0
	load	t0, 0
	csrw	mepc, t0
	forget_reservation
	# To where interrupts come in, in machine mode: a trap within this one has changed both.
	li	t0, 0x1880
	csrs	mstatus, t0
	.irp	number, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	load	x\number, \number
	.endr
	addi	sp, sp, 32 * REG
	mret
