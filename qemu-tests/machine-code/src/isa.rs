//! What instructions do that matters here: atomics, fences, interrupt masks and calls.

use crate::line::Instruction;

/// A family of instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// x86_64, in Intel's syntax.
    X86,
    /// 64-bit ARM.
    Aarch64,
    /// 32-bit ARM, Thumb.
    Thumb,
    /// 32-bit RISC-V.
    Riscv32,
    /// 64-bit RISC-V.
    Riscv64,
}

/// What kind of atomic an instruction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Reads, changes and writes memory in one: `lock …`, `cas`, `amo…`.
    ReadModifyWrite,
    /// The first half of such a thing: `ldrex`, `ldxr`, `lr`.
    ExclusiveLoad,
    /// The second half: `strex`, `stxr`, `sc`.
    ExclusiveStore,
    /// A load with acquire in the instruction: `ldar`, `lda`.
    OrderedLoad,
    /// A store with release in the instruction: `stlr`, `stl`.
    OrderedStore,
    /// A fence: `dmb`, `mfence`, `fence`.
    Fence,
    /// Masks interrupts: `cpsid`, `cli`, `csrci mstatus`.
    Mask,
}

/// Where control may go besides the next instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// A call of a function that the instruction names.
    Call,
    /// A call of whatever a register or a place in memory says.
    IndirectCall,
    /// Anything else.
    None,
}

impl Kind {
    /// Whether it writes, or is half of what writes, memory that others share. A plain store (`mov`, `str`,
    /// `sw`), which a `Relaxed` one becomes, is none of these kinds: the instruction does not say whether
    /// its register points to a map, to the stack or to where the caller wants the result.
    pub fn writes_shared(self) -> bool {
        matches!(
            self,
            Kind::ReadModifyWrite | Kind::ExclusiveStore | Kind::OrderedStore
        )
    }
}

/// The read-modify-writes of ARM's Large System Extensions.
const LSE: [&str; 20] = [
    "cas", "swp", "ldadd", "ldclr", "ldeor", "ldset", "ldsmax", "ldsmin", "ldumax", "ldumin",
    "stadd", "stclr", "steor", "stset", "stsmax", "stsmin", "stumax", "stumin", "rcwcas", "rcwswp",
];

fn starts(text: &str, with: &[&str]) -> bool {
    with.iter().any(|start| text.starts_with(start))
}

impl Isa {
    /// What kind of atomic it is, if any.
    pub fn kind(self, instruction: &Instruction) -> Option<Kind> {
        let (name, operands) = (&*instruction.mnemonic, &*instruction.operands);
        match self {
            Isa::X86 => x86(name, operands),
            Isa::Aarch64 => aarch64(name, operands),
            Isa::Thumb => thumb(name),
            Isa::Riscv32 | Isa::Riscv64 => riscv(name, operands),
        }
    }

    /// Whether it calls, and whether the line says what.
    pub fn effect(self, instruction: &Instruction) -> Effect {
        let name = &*instruction.mnemonic;
        let is_call = match self {
            Isa::X86 => name.starts_with("call"),
            Isa::Aarch64 => matches!(name, "bl" | "blr"),
            // In an IT block the condition hangs on the name: `bleq` (`ble`, `bls` and `blt` are jumps).
            Isa::Thumb => name.starts_with("blx") || name.starts_with("bl") && name.len() != 3,
            Isa::Riscv32 | Isa::Riscv64 => {
                let link = !starts(&instruction.operands, &["zero", "x0"]);
                matches!(name, "jal" | "jalr" | "call") && link
            }
        };
        match (is_call, instruction.symbol()) {
            (false, _) => Effect::None,
            (true, Some(_)) => Effect::Call,
            (true, None) => Effect::IndirectCall,
        }
    }

    /// Whether a native word has 32 bits.
    pub fn is_32_bit(self) -> bool {
        matches!(self, Isa::Thumb | Isa::Riscv32)
    }
}

fn x86(name: &str, operands: &str) -> Option<Kind> {
    match name {
        "mfence" | "lfence" | "sfence" => Some(Kind::Fence),
        "cli" => Some(Kind::Mask),
        // With memory, `xchg` locks without being told.
        "xchg" if operands.contains('[') => Some(Kind::ReadModifyWrite),
        _ => name.starts_with("lock ").then_some(Kind::ReadModifyWrite),
    }
}

fn aarch64(name: &str, operands: &str) -> Option<Kind> {
    match name {
        "dmb" | "dsb" => return Some(Kind::Fence),
        "msr" if operands.to_ascii_lowercase().starts_with("daifset") => return Some(Kind::Mask),
        _ => {}
    }
    if starts(name, &["ldxr", "ldaxr", "ldxp", "ldaxp"]) {
        Some(Kind::ExclusiveLoad)
    } else if starts(name, &["stxr", "stlxr", "stxp", "stlxp"]) {
        Some(Kind::ExclusiveStore)
    } else if starts(name, &["ldar", "ldapr", "ldapur"]) {
        Some(Kind::OrderedLoad)
    } else if starts(name, &["stlr", "stlur"]) {
        Some(Kind::OrderedStore)
    } else {
        starts(name, &LSE).then_some(Kind::ReadModifyWrite)
    }
}

fn thumb(name: &str) -> Option<Kind> {
    // In an IT block the condition hangs on the name: `strexne`.
    if starts(name, &["dmb", "dsb"]) {
        Some(Kind::Fence)
    } else if name.starts_with("cpsid") {
        Some(Kind::Mask)
    } else if starts(name, &["ldrex", "ldaex"]) {
        Some(Kind::ExclusiveLoad)
    } else if starts(name, &["strex", "stlex"]) {
        Some(Kind::ExclusiveStore)
    } else if starts(name, &["lda"]) {
        Some(Kind::OrderedLoad)
    } else {
        starts(name, &["stl"]).then_some(Kind::OrderedStore)
    }
}

fn riscv(name: &str, operands: &str) -> Option<Kind> {
    if name == "fence" {
        // `fence w, 0` is the hint `pause`.
        return (operands != "w, 0").then_some(Kind::Fence);
    }
    let clears = ["csrci", "csrrci", "csrc", "csrrc"].contains(&name);
    if clears && operands.contains("mstatus") {
        Some(Kind::Mask)
    } else if name.starts_with("lr.") {
        Some(Kind::ExclusiveLoad)
    } else if name.starts_with("sc.") {
        Some(Kind::ExclusiveStore)
    } else {
        name.starts_with("amo").then_some(Kind::ReadModifyWrite)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instruction(text: &str) -> Instruction {
        let (mnemonic, operands) = text.split_once('\t').unwrap_or((text, ""));
        Instruction {
            address: 0,
            mnemonic: mnemonic.into(),
            operands: operands.into(),
        }
    }

    fn kind(isa: Isa, text: &str) -> Option<Kind> {
        isa.kind(&instruction(text))
    }

    #[test]
    fn atomics_of_every_family() {
        use Kind::{ExclusiveLoad, ExclusiveStore, Fence, Mask, OrderedLoad, OrderedStore};
        let rmw = Kind::ReadModifyWrite;
        for (isa, text, expected) in [
            (Isa::X86, "lock cmpxchg\tqword ptr [rdi], r9", rmw),
            (Isa::X86, "xchg\tqword ptr [rdi], r9", rmw),
            (Isa::X86, "mfence", Fence),
            (Isa::X86, "cli", Mask),
            (Isa::Aarch64, "ldaxr\tx0, [x8]", ExclusiveLoad),
            (Isa::Aarch64, "stlxr\tw10, x9, [x8]", ExclusiveStore),
            (Isa::Aarch64, "casal\tx0, x1, [x2]", rmw),
            (Isa::Aarch64, "swpal\tx0, x1, [x2]", rmw),
            (Isa::Aarch64, "ldaddal\tx0, x1, [x2]", rmw),
            (Isa::Aarch64, "ldar\tx0, [x1]", OrderedLoad),
            (Isa::Aarch64, "stlr\tx0, [x1]", OrderedStore),
            (Isa::Aarch64, "dmb\tishld", Fence),
            (Isa::Aarch64, "msr\tDAIFSet, #2", Mask),
            (Isa::Thumb, "ldrex\tr1, [r0]", ExclusiveLoad),
            (Isa::Thumb, "strexne\tr3, r2, [r0]", ExclusiveStore),
            (Isa::Thumb, "ldaex\tr3, [r0]", ExclusiveLoad),
            (Isa::Thumb, "stlex\tr3, r2, [r0]", ExclusiveStore),
            (Isa::Thumb, "lda\tr3, [r0]", OrderedLoad),
            (Isa::Thumb, "stl\tr3, [r0]", OrderedStore),
            (Isa::Thumb, "dmb\tsy", Fence),
            (Isa::Thumb, "cpsid\ti", Mask),
            (Isa::Riscv32, "lr.w.aqrl\ta0, (a1)", ExclusiveLoad),
            (Isa::Riscv64, "sc.d.rl\ta0, a2, (a1)", ExclusiveStore),
            (Isa::Riscv32, "amoswap.w.aqrl\ta1, a1, (a0)", rmw),
            (Isa::Riscv32, "fence\tr, rw", Fence),
            (Isa::Riscv32, "csrrci\ta1, mstatus, 8", Mask),
        ] {
            assert_eq!(kind(isa, text), Some(expected), "{text}");
        }
    }

    #[test]
    fn others_are_none() {
        for (isa, text) in [
            (Isa::X86, "xchg\tax, ax"),
            (Isa::X86, "mov\trax, qword ptr [rdi]"),
            (Isa::Aarch64, "ldr\tx0, [x8]"),
            (Isa::Aarch64, "ldp\tx0, x1, [x8]"),
            (Isa::Aarch64, "msr\tDAIFClr, #2"),
            (Isa::Thumb, "ldr\tr0, [r1]"),
            (Isa::Thumb, "stm\tr0!, {r1}"),
            (Isa::Thumb, "cpsie\ti"),
            (Isa::Riscv32, "fence\tw, 0"),
            (Isa::Riscv32, "csrsi\tmstatus, 8"),
            (Isa::Riscv32, "csrrc\ta0, mcause, a1"),
        ] {
            assert_eq!(kind(isa, text), None, "{text}");
        }
    }

    #[test]
    fn calls_and_what_is_none() {
        for (isa, text, expected) in [
            (Isa::X86, "call\t0x5330 <f>", Effect::Call),
            (
                Isa::X86,
                "call\tqword ptr [rip + 69236] # 0x20770",
                Effect::IndirectCall,
            ),
            (Isa::X86, "jmp\t0x5330 <f>", Effect::None),
            (Isa::Aarch64, "bl\t0x5330 <f>", Effect::Call),
            (Isa::Aarch64, "blr\tx8", Effect::IndirectCall),
            (Isa::Thumb, "bl\t0x5330 <f> @ imm = #4", Effect::Call),
            (Isa::Thumb, "blx\tr3", Effect::IndirectCall),
            (Isa::Thumb, "bleq\t0x5330 <f>", Effect::Call),
            (Isa::Thumb, "blxne\tr3", Effect::IndirectCall),
            (Isa::Thumb, "bls\t0x5330 <f>", Effect::None),
            (Isa::Riscv32, "jalr\t618(ra) <f>", Effect::Call),
            (Isa::Riscv32, "jalr\ta5", Effect::IndirectCall),
            (Isa::Riscv32, "jalr\tzero, 0(a5)", Effect::None),
            (Isa::Riscv32, "ret", Effect::None),
        ] {
            assert_eq!(isa.effect(&instruction(text)), expected, "{text}");
        }
    }
}
