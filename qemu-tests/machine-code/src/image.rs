//! A linked program: its functions, what each of them reaches, and its data.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use object::{File, Object, ObjectSection, ObjectSymbol, SymbolKind};
use rustc_demangle::demangle;

use crate::build::Build;
use crate::disassembler;
use crate::isa::{Effect, Isa, Kind};
use crate::line::{self, Instruction};

/// A function of the program.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its path, without hashes.
    pub name: String,
    /// Other names of the same code.
    pub aliases: Vec<String>,
    /// Where it starts.
    pub address: u64,
    /// How many bytes it has, constants between the instructions included.
    pub size: u64,
    /// Its instructions.
    pub instructions: Vec<Instruction>,
    /// The functions that its instructions name, by index, with the index of the instruction.
    pub reached: Vec<(usize, usize)>,
    /// How many of its calls go through a register or memory, to places unknown.
    pub indirect_calls: usize,
}

impl Function {
    /// Whether a panic begins here.
    pub fn is_panic(&self) -> bool {
        let name = &self.name;
        name.starts_with("core::") && (name.contains("panic") || name.ends_with("_failed"))
    }
}

/// A program, taken apart.
#[derive(Clone, Debug)]
pub struct Image {
    /// The instructions that it is made of.
    pub isa: Isa,
    /// By address.
    pub functions: Vec<Function>,
    /// The statics: name, size and section.
    pub data: Vec<(String, u64, String)>,
    /// The sizes of the sections.
    pub sections: BTreeMap<String, u64>,
}

/// Builds programs and takes them apart.
pub type Source<'a> = dyn FnMut(Build) -> Result<Image> + 'a;

/// A symbol of code.
struct Code {
    raw: String,
    address: u64,
    size: u64,
}

impl Image {
    /// Takes `file` apart, with this disassembler.
    pub fn new(isa: Isa, file: &Path, disassembler: &Path) -> Result<Image> {
        let disassembly = disassembler::run(disassembler, file)?;
        let bytes = fs::read(file).context("cannot read it")?;
        let elf = File::parse(&*bytes)?;
        let mut codes = Vec::new();
        let mut data = Vec::new();
        for symbol in elf.symbols().filter(|symbol| symbol.is_definition()) {
            let raw = symbol.name().unwrap_or_default();
            match symbol.kind() {
                // ARM's `$t` and the like mark what follows as code or data.
                SymbolKind::Text if !raw.starts_with('$') => codes.push(Code {
                    raw: raw.into(),
                    // Thumb functions have an odd address.
                    address: symbol.address() & if isa == Isa::Thumb { !1 } else { !0 },
                    size: symbol.size(),
                }),
                SymbolKind::Data => {
                    let section = symbol
                        .section_index()
                        .and_then(|index| elf.section_by_index(index).ok())
                        .and_then(|section| section.name().ok().map(String::from))
                        .unwrap_or_default();
                    data.push((readable(raw), symbol.size(), section));
                }
                _ => {}
            }
        }
        let instructions = line::instructions(&disassembly);
        let mut image = Image::from_parts(isa, codes, instructions, &slots(&elf)?)?;
        image.data = data;
        for section in elf.sections() {
            let name = section.name().unwrap_or_default().to_owned();
            *image.sections.entry(name).or_default() += section.size();
        }
        Ok(image)
    }

    /// `slots` are places in memory that hold a function's address from the start.
    fn from_parts(
        isa: Isa,
        mut codes: Vec<Code>,
        instructions: Vec<Instruction>,
        slots: &HashMap<u64, u64>,
    ) -> Result<Image> {
        // Of several names for one place the shortest is the one that was given by hand.
        codes.sort_by_key(|code| (code.address, code.raw.len()));
        let mut functions: Vec<Function> = Vec::new();
        let mut by_name = HashMap::new();
        for code in codes {
            let name = readable(&code.raw);
            match functions.last_mut() {
                Some(last) if last.address == code.address => {
                    last.size = last.size.max(code.size);
                    last.aliases.push(name);
                }
                _ => functions.push(Function {
                    name,
                    aliases: Vec::new(),
                    address: code.address,
                    size: code.size,
                    instructions: Vec::new(),
                    reached: Vec::new(),
                    indirect_calls: 0,
                }),
            }
            by_name.insert(code.raw, functions.len() - 1);
        }
        if functions.is_empty() {
            bail!("it has no symbols of code");
        }
        // Functions written in assembly may say no size.
        let ends: Vec<_> = functions.iter().skip(1).map(|f| f.address).collect();
        for (function, end) in functions.iter_mut().zip(ends) {
            if function.size == 0 {
                function.size = end - function.address;
            }
        }
        let mut image = Image {
            isa,
            functions,
            data: Vec::new(),
            sections: BTreeMap::new(),
        };
        for instruction in instructions {
            let Some(index) = image.at(instruction.address) else {
                continue;
            };
            let place = image.functions[index].instructions.len();
            let target = image.target(&instruction, &by_name, slots);
            let calls_beginning = isa.effect(&instruction) == Effect::Call
                && instruction.symbol().is_some_and(|(_, offset)| offset == 0);
            let function = &mut image.functions[index];
            match target {
                // Within itself only a call of its beginning counts: on Thumb `bl` is a jump that goes far, too.
                Some(target) if target != index || calls_beginning => {
                    function.reached.push((target, place));
                }
                // Also one that names what is no function.
                None if isa.effect(&instruction) != Effect::None => function.indirect_calls += 1,
                _ => {}
            }
            function.instructions.push(instruction);
        }
        Ok(image)
    }

    /// The function that an instruction names.
    fn target(
        &self,
        instruction: &Instruction,
        by_name: &HashMap<String, usize>,
        slots: &HashMap<u64, u64>,
    ) -> Option<usize> {
        if let Some(address) = instruction.address_operand() {
            return self.at(*slots.get(&address).unwrap_or(&address));
        }
        by_name.get(instruction.symbol()?.0).copied()
    }

    /// The function whose code holds this address.
    fn at(&self, address: u64) -> Option<usize> {
        let next = self.functions.partition_point(|f| f.address <= address);
        let index = next.checked_sub(1)?;
        let function = &self.functions[index];
        (address < function.address + function.size).then_some(index)
    }

    /// The function with this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.functions
            .iter()
            .position(|f| f.name == name || f.aliases.iter().any(|alias| alias == name))
    }

    /// The names of the functions that `is_wanted`, in order.
    pub fn names(&self, is_wanted: impl Fn(&str) -> bool) -> Vec<&str> {
        let mut names: Vec<_> = self
            .functions
            .iter()
            .flat_map(|f| [&f.name].into_iter().chain(&f.aliases))
            .map(|name| &**name)
            .filter(|name| is_wanted(name))
            .collect();
        names.sort_unstable();
        names
    }

    /// The function itself and all that it reaches, up to where a panic begins: what a panic does
    /// is the program's choice.
    pub fn closure(&self, start: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::from([start]);
        let mut open = vec![start];
        while let Some(index) = open.pop() {
            if self.functions[index].is_panic() {
                continue;
            }
            for &(next, _) in &self.functions[index].reached {
                if found.insert(next) {
                    open.push(next);
                }
            }
        }
        found
    }

    /// How often each atomic instruction stands in the functions of a closure.
    pub fn atomics(&self, closure: &BTreeSet<usize>) -> BTreeMap<(Kind, &str), usize> {
        let mut counts = BTreeMap::new();
        for instruction in closure
            .iter()
            .flat_map(|&i| &self.functions[i].instructions)
        {
            if let Some(kind) = self.isa.kind(instruction) {
                *counts.entry((kind, &*instruction.mnemonic)).or_default() += 1;
            }
        }
        counts
    }
}

/// The table of addresses through which x86 code from the precompiled `core` calls.
fn slots(elf: &File<'_>) -> Result<HashMap<u64, u64>> {
    let Some(table) = elf.section_by_name(".got") else {
        return Ok(HashMap::new());
    };
    let words = table
        .data()?
        .chunks_exact(8)
        .zip((table.address()..).step_by(8));
    let word = |bytes: &[u8]| {
        bytes
            .iter()
            .rev()
            .fold(0, |word, byte| word << 8 | u64::from(*byte))
    };
    Ok(words
        .map(|(bytes, address)| (address, word(bytes)))
        .collect())
}

fn readable(raw: &str) -> String {
    format!("{:#}", demangle(raw))
}

#[cfg(test)]
pub mod testing {
    use super::*;

    /// A program from lines: `name:` starts a function, whose instructions follow, one byte each.
    pub fn image(isa: Isa, text: &str) -> Image {
        let mut codes: Vec<Code> = Vec::new();
        let mut instructions = Vec::new();
        for (address, line) in text.trim().lines().enumerate() {
            let address = address as u64;
            match line.trim().strip_suffix(':') {
                Some(name) => codes.push(Code {
                    raw: name.into(),
                    address,
                    size: 0,
                }),
                None => {
                    let (mnemonic, operands) =
                        line.trim().split_once(' ').unwrap_or((line.trim(), ""));
                    instructions.push(Instruction {
                        address,
                        mnemonic: mnemonic.into(),
                        operands: operands.into(),
                    });
                }
            }
        }
        codes.push(Code {
            raw: "end".into(),
            address: text.lines().count() as u64,
            size: 1,
        });
        Image::from_parts(isa, codes, instructions, &HashMap::new()).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::testing::image;
    use super::*;

    #[test]
    fn closures_end_where_a_panic_begins() {
        let text =
            "a:\nbl <core::panicking::panic_fmt>\ncore::panicking::panic_fmt:\nbl <b>\nb:\nnop";
        let image = image(Isa::Thumb, text);
        assert_eq!(image.closure(0), BTreeSet::from([0, 1]));
    }

    #[test]
    fn closures_follow_calls_and_jumps() {
        let image = image(
            Isa::Thumb,
            "a:
            bl <b>
            cbz r0, <a+0x1>
            b:
            b.w <c>
            c:
            bx lr
            d:
            ldrex r0, [r1]
            blx r3",
        );
        let names = |start: &str| -> Vec<_> {
            let closure = image.closure(image.find(start).unwrap());
            closure.iter().map(|&i| &*image.functions[i].name).collect()
        };
        assert_eq!(names("a"), ["a", "b", "c"]);
        assert_eq!(names("d"), ["d"]);
        let d = image.find("d").unwrap();
        assert_eq!(image.functions[d].indirect_calls, 1);
        let atomics = image.atomics(&image.closure(d));
        assert_eq!(atomics[&(Kind::ExclusiveLoad, "ldrex")], 1);
    }

    #[test]
    fn calls_through_a_filled_slot_are_followed() {
        let codes = ["f", "g"].iter().zip(0..).map(|(name, address)| Code {
            raw: (*name).into(),
            address,
            size: 1,
        });
        let call = Instruction {
            address: 0,
            mnemonic: "call".into(),
            operands: "qword ptr [rip + 8] # 0x20".into(),
        };
        let slots = HashMap::from([(0x20, 1)]);
        let image = Image::from_parts(Isa::X86, codes.collect(), vec![call], &slots).unwrap();
        assert_eq!(image.functions[0].reached, [(1, 0)]);
        assert_eq!(image.functions[0].indirect_calls, 0);
    }
}
