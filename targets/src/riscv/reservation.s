# An `sc` after the trap must not succeed for an `lr` before it. The place of x2 is free.
.macro forget_reservation
.option arch, +a
	addi	t1, sp, 2 * REG
	sc.w	t0, t0, (t1)
.endm
