// The timer interrupt. The CPU has put r0 to r3, r12, lr, pc and xpsr on the interrupted task's stack
// (psp; the handler's own is msp); the rest follows there, r4 lowest. Only instructions that
// ARMv6-M has.

.syntax unified
.thumb

.section .text.targets_systick, "ax"
.global SysTick
.thumb_func
SysTick:
	mrs	r0, psp
	subs	r0, #32
	stmia	r0!, {{r4-r7}}
	mov	r4, r8
	mov	r5, r9
	mov	r6, r10
	mov	r7, r11
	stmia	r0!, {{r4-r7}}
	subs	r0, #32
	// r3 keeps the stack a multiple of eight.
	push	{{r3, lr}}
	bl	targets_tick
	adds	r0, #16
	ldmia	r0!, {{r4-r7}}
	mov	r8, r4
	mov	r9, r5
	mov	r10, r6
	mov	r11, r7
	msr	psp, r0
	subs	r0, #32
	ldmia	r0!, {{r4-r7}}
	pop	{{r3, pc}}
