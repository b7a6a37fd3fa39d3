//! Which instructions an operation executes: the emulator's own trace of the undisturbed run.
//!
//! With `-singlestep -d exec,nochain` QEMU names each instruction before it executes it. The image
//! calls one function before each operation and one behind it; what lies between is the operation.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, bail, ensure};
use object::{Architecture, File, Object, ObjectSection, ObjectSymbol, SectionKind};

use crate::verify::interrupts::image::{Image, Said};

/// An undisturbed operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    /// Of what, and which.
    pub name: String,
    /// Its instructions in the order of their execution, and whether interrupts are masked before each.
    pub steps: Vec<(u64, bool)>,
}

/// Runs a part of the image under the trace.
pub fn trace(image: &Image, part: &str) -> Result<Vec<Traced>> {
    let bytes = fs::read(&image.program).context("cannot read the image")?;
    let elf = File::parse(&*bytes)?;
    let [begin, end] = ["sweep_begin", "sweep_end"].map(|name| symbol(&elf, name));
    let mut window = Window::new(begin?, end?);
    let mut line = Vec::new();
    let said = image.run_with(part, &["-singlestep", "-d", "exec,nochain"], &mut |bytes| {
        for &byte in bytes {
            if byte == b'\n' {
                if let Some(place) = place(&line) {
                    window.step(place);
                }
                line.clear();
            } else {
                line.push(byte);
            }
        }
    })?;
    let names = said.into_iter().map(|said| match said {
        Said::Case(case) => Ok(case.name),
        other => bail!("{part}: {other:?}"),
    });
    let names = names.collect::<Result<Vec<_>>>()?;
    ensure!(
        names.len() == window.closed.len(),
        "{part}: {} operations, {} in the trace",
        names.len(),
        window.closed.len()
    );
    let mut masks = Masks::new(&elf);
    let traced = names.into_iter().zip(window.closed);
    Ok(traced
        .map(|(name, steps)| Traced {
            name,
            steps: masks.of(&steps),
        })
        .collect())
}

/// The address of a symbol.
pub fn symbol_of(image: &Image, name: &str) -> Result<u64> {
    let bytes = fs::read(&image.program).context("cannot read the image")?;
    symbol(&File::parse(&*bytes)?, name)
}

fn symbol(elf: &File<'_>, name: &str) -> Result<u64> {
    let found = elf.symbols().find(|symbol| symbol.name() == Ok(name));
    let address = found
        .with_context(|| format!("the image has no symbol {name}"))?
        .address();
    // Thumb functions have an odd address.
    Ok(match elf.architecture() {
        Architecture::Arm => address & !1,
        _ => address,
    })
}

/// The address in a line such as
/// `Trace 0: 0x7f… [0000000000004000/0000000040429798/00000121/ff020201] name`.
fn place(line: &[u8]) -> Option<u64> {
    let line = std::str::from_utf8(line).ok()?;
    let fields = line.strip_prefix("Trace ")?.split_once('[')?.1;
    u64::from_str_radix(fields.split('/').nth(1)?, 16).ok()
}

/// Cuts the trace between the two marks.
struct Window {
    begin: u64,
    end: u64,
    open: Option<Vec<u64>>,
    closed: Vec<Vec<u64>>,
}

impl Window {
    fn new(begin: u64, end: u64) -> Window {
        Window {
            begin,
            end,
            open: None,
            closed: Vec::new(),
        }
    }

    fn step(&mut self, place: u64) {
        if place == self.begin {
            self.open = Some(Vec::new());
        } else if place == self.end {
            self.closed.extend(self.open.take());
        }
        if let Some(steps) = &mut self.open {
            // An instruction that is named again without a step in between has been waited for.
            if steps.last() != Some(&place) {
                steps.push(place);
            }
        }
    }
}

/// What an instruction does to the masking of interrupts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// Begins a critical section.
    Mask,
    /// Ends one: to what was before it.
    Restore,
    /// Ends the outermost one.
    Unmask,
}

/// Knows the instructions that mask interrupts and let them in again.
struct Masks<'a> {
    architecture: Architecture,
    code: Vec<(u64, &'a [u8])>,
    known: BTreeMap<u64, Option<Effect>>,
}

impl<'a> Masks<'a> {
    fn new(elf: &File<'a>) -> Masks<'a> {
        let code = elf
            .sections()
            .filter(|section| section.kind() == SectionKind::Text)
            .filter_map(|section| Some((section.address(), section.data().ok()?)));
        Masks {
            architecture: elf.architecture(),
            code: code.collect(),
            known: BTreeMap::new(),
        }
    }

    fn of(&mut self, steps: &[u64]) -> Vec<(u64, bool)> {
        // Sections that are open.
        let mut depth = 0usize;
        let mut all = Vec::new();
        for &place in steps {
            all.push((place, depth > 0));
            depth = match self.effect(place) {
                Some(Effect::Mask) => depth + 1,
                Some(Effect::Restore) => depth.saturating_sub(1),
                Some(Effect::Unmask) => 0,
                None => depth,
            };
        }
        all
    }

    /// What the instruction there does to the masking of interrupts, if anything.
    fn effect(&mut self, place: u64) -> Option<Effect> {
        if let Some(known) = self.known.get(&place) {
            return *known;
        }
        let word = self.code.iter().find_map(|(address, data)| {
            let at = usize::try_from(place.checked_sub(*address)?).ok()?;
            let two = data.get(at..at + 2)?;
            let four = data.get(at..at + 4);
            let bytes = four.map_or([two[0], two[1], 0, 0], |four| {
                [four[0], four[1], four[2], four[3]]
            });
            Some(u32::from_le_bytes(bytes))
        });
        let effect = word.and_then(|word| effect(self.architecture, word));
        self.known.insert(place, effect);
        effect
    }
}

/// The same for an instruction that begins with these bytes.
///
/// Only what the critical sections of the boards without compare-and-swap are made of; elsewhere no
/// operation masks interrupts, which `cargo qemu asm` checks. One that did would show as not covered, and an
/// instruction that is taken for masked and is not shows by the interrupts that come before it.
fn effect(architecture: Architecture, word: u32) -> Option<Effect> {
    /// `mstatus`, in the upper bits of an instruction.
    const MSTATUS: u32 = 0x300;

    match architecture {
        Architecture::Arm => match (word & 0xffff, word & !0xf) {
            // cpsid i
            (0xb672, _) => Some(Effect::Mask),
            // cpsie i
            (0xb662, _) => Some(Effect::Unmask),
            // msr primask, r0 to r15
            (_, 0x8810_f380) => Some(Effect::Restore),
            _ => None,
        },
        Architecture::Riscv32 | Architecture::Riscv64 => {
            // A system instruction on mstatus: with MIE, bit 3, as its operand, or with a register, in
            // which nothing else is changed here.
            let is_mstatus = word & 0x7f == 0x73 && word >> 20 == MSTATUS;
            match (word >> 12 & 7, word >> 15 & 0x1f) {
                // csrrci, csrrc
                (7, 8) | (3, 1..) if is_mstatus => Some(Effect::Mask),
                // csrrsi, csrrs
                (6, 8) | (2, 1..) if is_mstatus => Some(Effect::Unmask),
                _ => None,
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_trace() {
        let line =
            b"Trace 0: 0x7fa2c84ac9c0 [0000000000004000/0000000040429798/00000121/ff020201] x";
        assert_eq!(place(line), Some(0x4042_9798));
        assert_eq!(place(b"qemu: warning [1/2/3]"), None);
    }

    #[test]
    fn windows_begin_and_end_at_the_marks() {
        let mut window = Window::new(10, 20);
        for place in [1, 10, 11, 11, 12, 11, 20, 21, 10, 13, 20] {
            window.step(place);
        }
        assert_eq!(window.closed, [vec![10, 11, 12, 11], vec![10, 13]]);
    }

    #[test]
    fn instructions_that_mask() {
        let effect_of =
            |architecture, words: [u32; 3]| words.map(|word| effect(architecture, word));
        let (mask, unmask) = (Some(Effect::Mask), Some(Effect::Unmask));
        // cpsid i; cpsie i; msr primask, r3
        let thumb = [0x1234_b672, 0xb662, 0x8810_f383];
        let restore = Some(Effect::Restore);
        assert_eq!(effect_of(Architecture::Arm, thumb), [mask, unmask, restore]);
        // csrrci a0, mstatus, 8; csrsi mstatus, 8; csrrci a0, mie, 8
        let riscv = [0x3004_7573, 0x3004_6073, 0x3044_7573];
        assert_eq!(
            effect_of(Architecture::Riscv32, riscv),
            [mask, unmask, None]
        );
        assert_eq!(effect_of(Architecture::Aarch64, thumb), [None; 3]);
    }
}
