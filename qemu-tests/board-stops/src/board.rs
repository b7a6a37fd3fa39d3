//! The boards whose cores can be stopped.

/// What must be known of a board beside how to start it.
#[derive(Debug)]
pub struct Board {
    /// Its name.
    pub name: &'static str,
    /// Where its memory begins: that byte is the file's first.
    pub memory: u64,
    /// The debugger's number of the program counter.
    pub counter: u32,
    /// The debugger's number of the stack pointer.
    pub stack: u32,
    /// Whether an instruction opens or closes a window in which a core has reserved a word: registers and
    /// memory do not tell all about a core in such a window. `None`: neither.
    pub reserves: fn(u32) -> Option<bool>,
}

const fn arm(name: &'static str) -> Board {
    Board {
        name,
        memory: 0x4000_0000,
        counter: 0x20,
        stack: 0x1f,
        reserves: exclusive,
    }
}

/// All of them.
pub const BOARDS: [Board; 3] = [
    arm("aarch64"),
    Board {
        name: "x86_64",
        memory: 0,
        counter: 0x10,
        stack: 0x07,
        reserves: |_| None,
    },
    arm("aarch64-lse"),
];

/// Load-exclusive opens, store-exclusive and clear-exclusive close.
fn exclusive(instruction: u32) -> Option<bool> {
    const CLEAR: u32 = 0xD503_305F;
    match instruction {
        _ if instruction & 0x3FA0_0000 == 0x0800_0000 => Some(instruction & 0x0040_0000 != 0),
        _ if instruction & 0xFFFF_F0FF == CLEAR => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exclusive_instructions_are_known() {
        for (instruction, what) in [
            (0xC85F_7C20, Some(true)),  // ldxr x0, [x1]
            (0xC85F_FC20, Some(true)),  // ldaxr x0, [x1]
            (0xC802_FC20, Some(false)), // stlxr w2, x0, [x1]
            (0xD503_3F5F, Some(false)), // clrex
            (0xC8DF_FC20, None),        // ldar x0, [x1]
            (0xC89F_FC20, None),        // stlr x0, [x1]
            (0xC8E0_FC41, None),        // casal x0, x1, [x2]
            (0xF940_0020, None),        // ldr x0, [x1]
        ] {
            assert_eq!(exclusive(instruction), what, "{instruction:#x}");
        }
    }
}
