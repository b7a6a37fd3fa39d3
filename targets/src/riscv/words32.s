.equ REG, 4
.macro store register, place
	sw	\register, 4 * \place(sp)
.endm
.macro load register, place
	lw	\register, 4 * \place(sp)
.endm
