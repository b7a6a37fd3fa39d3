# From reset to Rust. Core 0 comes from QEMU's PVH loader in 32-bit protected mode; the others come
# from a start-up interrupt in 16-bit real mode, and all go the same way from `start_32` on.
#
# The page tables are fixed: the first 4 GiB in blocks of 2 MiB, the last GiB uncached (devices), and
# the second block, the stacks, with a table of its own.

.equ STACKS,     0x200000
.equ SLOT_SHIFT, 18
.equ MAX_CORES,  8

.equ TABLE,        0x03     # present, writable
.equ BLOCK,        0x83     # likewise, 2 MiB
.equ DEVICE_BLOCK, 0x9b     # likewise, uncached

.equ CODE_32, 0x08
.equ DATA,    0x10
.equ CODE_64, 0x18

.section .note.Xen, "a", @note
	.long	4, 4, 18        # lengths of name and value; the type: entry in 32-bit mode
	.asciz	"Xen"
	.long	_start

.section .text.boot, "ax"

# Copied to 0x8000: everything here is addressed from its start, which is where ds begins.
.code16
.global targets_trampoline
targets_trampoline:
	cli
	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	trampoline_pointer - targets_trampoline
	movl	$0x11, %eax     # protected mode; the caches, which are off after INIT, on
	movl	%eax, %cr0
	ljmpl	$CODE_32, $start_32
trampoline_pointer:
	.word	gdt_end - gdt - 1
	.long	gdt
.global targets_trampoline_end
targets_trampoline_end:

.code32
.global _start
_start:
	cli
	movl	%ebx, TARGETS_START_INFO
	lgdtl	gdt_pointer
	ljmpl	$CODE_32, $start_32

start_32:
	movw	$DATA, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	movl	$0x20, %eax     # physical address extension
	movl	%eax, %cr4
	movl	$level_4, %eax
	movl	%eax, %cr3
	movl	$0xc0000080, %ecx
	rdmsr
	orl	$0x100, %eax    # long mode
	wrmsr
	movl	$0x80010033, %eax # paging, write protection; the caches on
	movl	%eax, %cr0
	ljmpl	$CODE_64, $start_64

.code64
start_64:
	xorl	%eax, %eax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	%ax, %fs
	movw	%ax, %gs
	movl	$1, %eax
	cpuid
	shrl	$24, %ebx       # the local APIC's number, which is the core's
	cmpl	$MAX_CORES, %ebx
	jae	1f              # a core without a stack: boot.rs says what is wrong
	movl	%ebx, %edi
	leal	1(%rbx), %eax
	shll	$SLOT_SHIFT, %eax
	leaq	STACKS(%rax), %rsp
	xorl	%ebp, %ebp
	callq	targets_rust_start
1:
	hlt
	jmp	1b

# An exception: the CPU has pushed the frame, for some with an error code. Nothing is saved, as no
# exception returns.
.macro exception vector
	.balign	16
	.if \vector == 8 || (\vector >= 10 && \vector <= 14) || \vector == 17 || \vector == 21 || \vector == 29 || \vector == 30
	.else
	pushq	$0
	.endif
	pushq	$\vector
	jmp	exception_common
.endm

.balign 16
.global targets_exception_entries
targets_exception_entries:
	.irp	vector, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	exception \vector
	.endr

exception_common:
	movq	%rsp, %rdi
	cld
	andq	$-16, %rsp
	callq	targets_exception

# The interrupt that wakes a core: only tells the local APIC that it has come.
.global targets_wake_entry
targets_wake_entry:
	pushq	%rax
	movl	$0xfee000b0, %eax
	movl	$0, (%rax)
	popq	%rax
	iretq

# The timer's interrupt, on the interrupted stack, below which there is no red zone. A Rust function
# saves the other registers; no floating-point register is used. The CPU's frame and these nine words
# leave the stack a multiple of sixteen.
.global targets_timer_entry
targets_timer_entry:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	cld
	# Where it came.
	movq	72(%rsp), %rdi
	callq	targets_timer
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%rcx
	popq	%rax
	iretq

# An interrupt that vanished before it was delivered.
.global targets_spurious_entry
targets_spurious_entry:
	iretq

.section .rodata.boot, "a"
.balign 8
gdt:
	.quad	0
	.quad	0x00cf9b000000ffff
	.quad	0x00cf93000000ffff
	.quad	0x00af9b000000ffff
gdt_end:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	gdt

.section .data.page_tables, "aw"
.balign 4096
level_4:
	.quad	level_3 + TABLE
	.fill	511, 8, 0
level_3:
	.quad	level_2 + TABLE
	.quad	level_2 + 0x1000 + TABLE
	.quad	level_2 + 0x2000 + TABLE
	.quad	level_2 + 0x3000 + TABLE
	.fill	508, 8, 0
level_2:
	.quad	BLOCK
	.quad	level_1_stacks + TABLE
	.set	address, STACKS + 0x200000
	.rept	3 * 512 - 2
	.quad	address + BLOCK
	.set	address, address + 0x200000
	.endr
	.rept	512
	.quad	address + DEVICE_BLOCK
	.set	address, address + 0x200000
	.endr
level_1_stacks:
	.set	address, STACKS
	.rept	MAX_CORES
	# The lowest page of a stack is not mapped.
	.quad	0
	.set	address, address + 0x1000
	.rept	63
	.quad	address + TABLE
	.set	address, address + 0x1000
	.endr
	.endr
