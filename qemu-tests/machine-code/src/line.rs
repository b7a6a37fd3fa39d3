//! Lines of a disassembly.

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instruction {
    /// Where it is.
    pub address: u64,
    /// Its name, with x86's `lock` in front.
    pub mnemonic: String,
    /// The rest of the line, comments included.
    pub operands: String,
}

impl Instruction {
    /// The symbol that the line names between angle brackets, and the offset from it.
    pub fn symbol(&self) -> Option<(&str, u64)> {
        let text = &self.operands;
        // Names hold angle brackets themselves.
        let inside = text.get(text.find('<')? + 1..text.rfind('>')?)?;
        match inside.rsplit_once("+0x") {
            Some((name, offset)) => Some((name, u64::from_str_radix(offset, 16).ok()?)),
            None => Some((inside, 0)),
        }
    }

    /// The address that stands right before the symbol, or behind a `#`.
    pub fn address_operand(&self) -> Option<u64> {
        let text = match self.operands.split_once('<') {
            Some((before, _)) => before.trim_end(),
            None => self.operands.split_once("# ")?.1.trim(),
        };
        let digits = text.rsplit_once("0x")?.1;
        u64::from_str_radix(digits, 16).ok()
    }

    /// The whole line, for people.
    pub fn text(&self) -> String {
        format!(
            "{:8x}: {:<10} {}",
            self.address, self.mnemonic, self.operands
        )
    }
}

/// The instructions in the output of `llvm-objdump`; what is data in the midst of code is left out.
pub fn instructions(text: &str) -> Vec<Instruction> {
    let mut found = Vec::new();
    let mut prefix = None;
    for line in text.lines() {
        let Some(instruction) = instruction(line) else {
            continue;
        };
        // LLVM prints the prefix on a line of its own.
        match &*instruction.mnemonic {
            "lock" if instruction.operands.is_empty() => prefix = Some(instruction.address),
            _ => found.push(match prefix.take() {
                Some(address) => Instruction {
                    address,
                    mnemonic: format!("lock {}", instruction.mnemonic),
                    ..instruction
                },
                None => instruction,
            }),
        }
    }
    found
}

fn instruction(line: &str) -> Option<Instruction> {
    let (address, rest) = line.split_once(':')?;
    let address = u64::from_str_radix(address.trim(), 16).ok()?;
    // Between address and instruction is a tab; the bytes of data stand before it.
    let (bytes, rest) = rest.split_once('\t')?;
    if !bytes.trim().is_empty() || rest.starts_with('.') {
        return None;
    }
    let (mnemonic, operands) = rest
        .split_once(|c: char| c.is_ascii_whitespace())
        .unwrap_or((rest, ""));
    Some(Instruction {
        address,
        mnemonic: mnemonic.into(),
        operands: operands.trim().replace('\t', " "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "
evidence:\tfile format elf32-littlearm

000334a6 <CopyMap<u32,u32>::get>:
   334a6:      \tpush\t{r4, r5, r6, r7, lr}
   33bc4:      \tbl\t0x27430 <_ZN8arenamapE> @ imm = #-51096
   33bd0: 98 cf 04 00  \t.word\t0x0004cf98
   33bd4:      \tbne\t0x33b30 <CopyMap<u32,u32>::get+0x3c> @ imm = #-110
    1d09:      \tlock
    1d0a:      \tcmpxchg\tqword ptr [rdi], r9
    f8f6:      \tcall\tqword ptr [rip + 69236] # 0x20770
   22758:      \tauipc\tra, 3
   2275c:      \tjalr\t1870(ra) <_RNv>
   22760:      \tret
";

    #[test]
    fn lines_of_every_form() {
        let found = instructions(TEXT);
        let names: Vec<_> = found.iter().map(|i| &*i.mnemonic).collect();
        assert_eq!(
            names,
            [
                "push",
                "bl",
                "bne",
                "lock cmpxchg",
                "call",
                "auipc",
                "jalr",
                "ret"
            ]
        );
        assert_eq!(found[3].address, 0x1d09);
        let symbols: Vec<_> = found.iter().map(Instruction::symbol).collect();
        assert_eq!(symbols[0], None);
        assert_eq!(symbols[1], Some(("_ZN8arenamapE", 0)));
        assert_eq!(symbols[2], Some(("CopyMap<u32,u32>::get", 0x3c)));
        assert_eq!(symbols[6], Some(("_RNv", 0)));
        let addresses: Vec<_> = found.iter().map(Instruction::address_operand).collect();
        assert_eq!(addresses[1], Some(0x27430));
        assert_eq!(addresses[2], Some(0x33b30));
        assert_eq!(addresses[4], Some(0x20770));
        assert_eq!(addresses[6], None);
    }
}
