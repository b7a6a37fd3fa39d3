# From reset to Rust, and the way into a trap and back. Every core takes the same way; a0 is its
# number. boot.rs says in front of this what `REG` is, the size of a register, and `RESERVES`, whether there
# are reservations (the A extension).

.equ MAX_CORES, 8
.equ SLOT_SHIFT, 16

# Move a register to its place on the stack and back.
.macro store register, place
.if REG == 8
	sd	\register, REG * \place(sp)
.else
	sw	\register, REG * \place(sp)
.endif
.endm
.macro load register, place
.if REG == 8
	ld	\register, REG * \place(sp)
.else
	lw	\register, REG * \place(sp)
.endif
.endm

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
.if RESERVES
	# An `sc` after the trap must not succeed for an `lr` before it. The place of x2 is free.
.option push
.option arch, +a
	addi	t1, sp, 2 * REG
	sc.w	t0, t0, (t1)
.option pop
.endif
	# To where interrupts come in, in machine mode: a trap within this one has changed both.
	li	t0, 0x1880
	csrs	mstatus, t0
	.irp	number, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	load	x\number, \number
	.endr
	addi	sp, sp, 32 * REG
	mret
