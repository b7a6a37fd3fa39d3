.equ REG, 8
.macro store register, place
	sd	\register, 8 * \place(sp)
.endm
.macro load register, place
	ld	\register, 8 * \place(sp)
.endm
