//! How deep the stack gets, read off the machine code.
//!
//! A function's frame is the sum of all that its instructions take off the stack pointer: compilers
//! do that at the start of a function, or of a part of it, never in a loop, so the sum is no less than
//! what any path takes. The depth is that of the deepest chain of calls: frames and return
//! addresses. It is an upper bound. What a panic needs is not in it.

use crate::image::Image;
use crate::isa::Isa;
use crate::line::Instruction;

/// The most bytes of stack that a function and all that it calls take, or why nobody can say.
pub fn depth(image: &Image, start: usize) -> Result<u64, String> {
    let mut search = Search {
        image,
        known: vec![None; image.functions.len()],
        path: Vec::new(),
    };
    search.depth(start)
}

/// The most bytes of stack that a function takes itself, or why nobody can say.
pub fn frame(image: &Image, index: usize) -> Result<u64, String> {
    let function = &image.functions[index];
    let taken = function.instructions.iter().map(|instruction| {
        taken(image.isa, instruction)
            .ok_or_else(|| format!("{}: {}", function.name, instruction.text()))
    });
    taken.sum()
}

struct Search<'a> {
    image: &'a Image,
    known: Vec<Option<u64>>,
    /// The functions that are being looked at, each called by the one before.
    path: Vec<usize>,
}

impl Search<'_> {
    fn depth(&mut self, index: usize) -> Result<u64, String> {
        if let Some(depth) = self.known[index] {
            return Ok(depth);
        }
        let function = &self.image.functions[index];
        if self.path.contains(&index) {
            return Err(format!("{} calls itself", function.name));
        }
        let mut depth = 0;
        if !function.is_panic() {
            if function.indirect_calls > 0 {
                return Err(format!("{} calls what cannot be followed", function.name));
            }
            self.path.push(index);
            for (callee, place) in &function.reached {
                let address = return_address(self.image.isa, &function.instructions[*place]);
                depth = depth.max(address + self.depth(*callee)?);
            }
            self.path.pop();
        }
        depth += frame(self.image, index)?;
        self.known[index] = Some(depth);
        Ok(depth)
    }
}

/// What a call itself puts on the stack.
fn return_address(isa: Isa, instruction: &Instruction) -> u64 {
    match isa {
        Isa::X86 if instruction.mnemonic == "call" => 8,
        _ => 0,
    }
}

/// The bytes that an instruction takes off the stack pointer; `None` if that depends on a register.
fn taken(isa: Isa, instruction: &Instruction) -> Option<u64> {
    let name = instruction.mnemonic.trim_end_matches(".w");
    let comment = |c| matches!(c, '@' | ';') || c == '#' && isa == Isa::X86;
    let operands = instruction.operands.split(comment).next()?;
    let operands = operands.split("//").next()?.trim();
    match isa {
        Isa::X86 => x86(name, operands),
        Isa::Thumb => thumb(name, operands),
        Isa::Aarch64 => aarch64(name, operands),
        Isa::Riscv32 | Isa::Riscv64 => riscv(name, operands),
    }
}

fn x86(name: &str, operands: &str) -> Option<u64> {
    match name {
        "push" | "pushfq" => Some(8),
        "sub" => minus(operands, "rsp,"),
        // Rounds down to a multiple: takes less than that.
        "and" => match operands.strip_prefix("rsp,") {
            Some(mask) => mask.trim().parse::<i64>().ok().map(i64::unsigned_abs),
            None => Some(0),
        },
        _ => Some(0),
    }
}

fn thumb(name: &str, operands: &str) -> Option<u64> {
    match name {
        "push" => Some(4 * registers(operands)),
        "vpush" if operands.contains('s') => Some(4 * registers(operands)),
        "vpush" => Some(8 * registers(operands)),
        "stmdb" if operands.starts_with("sp!") => Some(4 * registers(operands)),
        "sub" | "subw" if operands.starts_with("sp, sp,") => minus(operands, "sp, sp,"),
        "sub" | "subw" => minus(operands, "sp,"),
        // Cortex-M0 has no other way to take much: by a register that holds a negative number.
        "add" if operands.starts_with("sp, r") => None,
        _ => before_index(operands),
    }
}

fn aarch64(name: &str, operands: &str) -> Option<u64> {
    match name {
        "sub" => match operands.split_once(", lsl #12") {
            Some((operands, _)) => minus(operands, "sp, sp,").map(|n| n << 12),
            None => minus(operands, "sp, sp,"),
        },
        "and" if operands.starts_with("sp,") => None,
        _ => before_index(operands),
    }
}

fn riscv(name: &str, operands: &str) -> Option<u64> {
    match (name, operands.strip_prefix("sp, sp,")) {
        ("addi", Some(number)) => {
            let number: i64 = number.trim().parse().ok()?;
            Some(number.min(0).unsigned_abs())
        }
        ("sub" | "add" | "andi", Some(_)) => None,
        _ => Some(0),
    }
}

/// The number behind `register` at the start of the operands; 0 if they are about another one, and
/// `None` if it is no number.
fn minus(operands: &str, register: &str) -> Option<u64> {
    match operands.strip_prefix(register) {
        Some(number) => number.trim().trim_start_matches('#').parse().ok(),
        None => Some(0),
    }
}

/// How many registers stand between the braces.
fn registers(operands: &str) -> u64 {
    operands.matches(',').count() as u64 + 1 - u64::from(operands.starts_with("sp!"))
}

/// What a store to `[sp, #-N]!` takes.
fn before_index(operands: &str) -> Option<u64> {
    let Some((_, index)) = operands.split_once("[sp, #-") else {
        return Some(0);
    };
    match index.split_once(']') {
        Some((number, "!")) => number.parse().ok(),
        _ => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::testing::image;

    #[track_caller]
    fn takes(isa: Isa, name: &str, operands: &str, expected: Option<u64>) {
        let instruction = Instruction {
            address: 0,
            mnemonic: name.into(),
            operands: operands.into(),
        };
        assert_eq!(taken(isa, &instruction), expected, "{name} {operands}");
    }

    #[test]
    fn what_instructions_take() {
        takes(Isa::X86, "push", "rbx", Some(8));
        takes(Isa::X86, "sub", "rsp, 48", Some(48));
        takes(Isa::X86, "sub", "rax, 48", Some(0));
        takes(Isa::X86, "and", "rsp, -64", Some(64));
        takes(Isa::X86, "sub", "rsp, rax", None);
        takes(Isa::Thumb, "push", "{r4, r5, r7, lr}", Some(16));
        takes(Isa::Thumb, "push.w", "{r8, r9, r11}", Some(12));
        takes(Isa::Thumb, "vpush", "{d8, d9}", Some(16));
        takes(Isa::Thumb, "stmdb", "sp!, {r4, r5}", Some(8));
        takes(Isa::Thumb, "sub", "sp, #24", Some(24));
        takes(Isa::Thumb, "sub.w", "sp, sp, #1024", Some(1024));
        takes(Isa::Thumb, "sub.w", "sp, sp, r4", None);
        takes(Isa::Thumb, "sub", "r0, #24", Some(0));
        takes(Isa::Thumb, "add", "sp, #24", Some(0));
        takes(Isa::Thumb, "add", "sp, r6", None);
        takes(Isa::Thumb, "str", "r11, [sp, #-4]!", Some(4));
        takes(Isa::Thumb, "ldr", "r11, [sp], #4", Some(0));
        takes(Isa::Aarch64, "sub", "sp, sp, #64", Some(64));
        takes(Isa::Aarch64, "sub", "sp, sp, #1, lsl #12", Some(4096));
        takes(
            Isa::Aarch64,
            "sub",
            "sp, sp, #16               // =0x10",
            Some(16),
        );
        takes(Isa::Aarch64, "stp", "x29, x30, [sp, #-32]!", Some(32));
        takes(Isa::Aarch64, "stp", "x29, x30, [sp, #16]", Some(0));
        takes(Isa::Aarch64, "sub", "sp, sp, x9", None);
        takes(Isa::Riscv32, "addi", "sp, sp, -32", Some(32));
        takes(Isa::Riscv32, "addi", "sp, sp, 32", Some(0));
        takes(Isa::Riscv32, "addi", "a0, sp, 12", Some(0));
        takes(Isa::Riscv64, "sub", "sp, sp, a0", None);
    }

    #[test]
    fn the_deepest_chain_counts() {
        let text = "a:
            push {r4, lr}
            bl <b>
            bl <c>
            b:
            push {r4, r5, r6, lr}
            c:
            sub sp, #12
            bl <b>";
        assert_eq!(depth(&image(Isa::Thumb, text), 0), Ok(8 + 12 + 16));
        let text = "a:\npush rbx\ncall <b>\nb:\npush rax";
        assert_eq!(depth(&image(Isa::X86, text), 0), Ok(8 + 8 + 8));
    }

    #[test]
    fn what_has_no_bound_is_named() {
        let error = |text: &str| depth(&image(Isa::Thumb, text), 0).unwrap_err();
        assert!(error("a:\nbl <b>\nb:\nbl <a>").contains("a calls itself"));
        assert!(error("a:\nblx r3").contains("cannot be followed"));
        assert!(error("a:\nsub.w sp, sp, r4").contains("sub.w"));
    }
}
