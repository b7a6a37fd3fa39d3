//! What the machine code must not have, and that each check finds a fault planted for it.

use std::collections::{BTreeMap, BTreeSet};

use super::table::is_method;
use crate::image::Image;
use crate::isa::Kind;
use crate::target::Target;

/// The methods of a `CopyMap` that promise to store nothing to shared memory.
const READS: [&str; 8] = [
    "get",
    "contains_key",
    "iter",
    "iter::next",
    "len",
    "is_empty",
    "is_full",
    "stats",
];

/// What is looked at on one target.
pub struct Images {
    /// The maps' methods.
    pub maps: Image,
    /// The planted faults.
    pub planted: Image,
}

/// All that is wrong on this target.
pub fn problems(target: &Target, images: &Images) -> Vec<String> {
    let Images { maps, planted } = images;
    let mut found = methods(target, maps);
    found.extend(wide(maps));
    found.extend(blind(target, planted));
    found
}

/// What the checks say, for people.
pub fn report(target: &Target, images: &Images, problems: &[String]) -> String {
    let image = &images.maps;
    let mut text = String::new();
    let reads = image.names(is_read);
    let mut panicking: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in image.names(is_method) {
        let closure = image.find(name).map(|start| image.closure(start));
        for panic in closure.iter().flat_map(|closure| panics(image, closure)) {
            panicking.entry(panic).or_default().push(name);
        }
    }
    if panicking.is_empty() {
        text.push_str("no method can panic\n");
    }
    for (panic, methods) in panicking {
        let methods = methods.join(", ");
        text.push_str(&format!("may panic: {methods} (they reach {panic})\n"));
    }
    let masking = reads
        .iter()
        .filter(|name| {
            image
                .find(name)
                .is_some_and(|start| masks(image, start) > 0)
        })
        .count();
    if !target.has_cas {
        text.push_str(&format!(
            "no compare-and-swap here: {masking} of {} reads of a CopyMap mask interrupts\n",
            reads.len()
        ));
    }
    for problem in problems {
        text.push_str(&format!("FAILED: {problem}\n"));
    }
    if problems.is_empty() {
        text.push_str(&format!(
            "checked: {} methods; every planted fault was found; not seen: plain stores, which go to the \
             stack, too\n",
            image.names(is_method).len()
        ));
    }
    text
}

fn is_read(name: &str) -> bool {
    let method = name
        .strip_prefix("CopyMap<")
        .and_then(|rest| rest.rsplit_once(">::"));
    method.is_some_and(|(_, method)| READS.contains(&method))
}

/// The rules for each method.
fn methods(target: &Target, image: &Image) -> Vec<String> {
    let mut found = Vec::new();
    for name in image.names(is_method) {
        let Some(start) = image.find(name) else {
            continue;
        };
        let mut problems = Vec::new();
        if is_read(name) {
            problems.extend(writes(image, start));
        }
        problems.extend(locks(target, image, start));
        if target.has_cas && masks(image, start) > 0 {
            problems.push("masks interrupts".into());
        }
        found.extend(problems.iter().map(|problem| format!("{name}: {problem}")));
    }
    for needed in [
        "CopyMap<u32,u32>::get",
        "Map<u32,u32>::get",
        "Cache<u32,i32>::get",
    ] {
        if image.find(needed).is_none() {
            found.push(format!("{needed} is not there: nothing was checked"));
        }
    }
    found
}

/// Instructions that write memory that others share, in a function and all that it reaches: atomic ones. A
/// plain store to a map cannot be told from one to the stack.
fn writes(image: &Image, start: usize) -> Option<String> {
    let counts = image.atomics(&image.closure(start));
    let writes: Vec<_> = counts
        .iter()
        .filter(|((kind, _), _)| kind.writes_shared())
        .map(|((_, mnemonic), count)| format!("{mnemonic} {count}"))
        .collect();
    (!writes.is_empty()).then(|| format!("a read that writes: {}", writes.join(", ")))
}

/// Calls of locks and of atomics that are functions, and calls that nobody can follow.
fn locks(target: &Target, image: &Image, start: usize) -> Option<String> {
    let closure = image.closure(start);
    let mut calls: Vec<_> = closure
        .iter()
        .map(|&index| &*image.functions[index].name)
        .filter(|name| is_lock(name, target.has_cas))
        .map(|name| format!("calls {name}"))
        .collect();
    calls.extend(
        closure
            .iter()
            .map(|&index| &image.functions[index])
            .filter(|function| function.indirect_calls > 0 && !function.is_panic())
            .map(|function| format!("{} calls what cannot be followed", function.name)),
    );
    (!calls.is_empty()).then(|| calls.join(", "))
}

/// Whether a function is a lock, or an atomic operation that should have been an instruction.
fn is_lock(name: &str, has_cas: bool) -> bool {
    const LIBRARY: [&str; 3] = ["__atomic_", "__sync_", "__aarch64_"];
    let inner = |path: &str| ["fallback", "lock"].iter().any(|part| path.contains(part));
    LIBRARY.iter().any(|start| name.starts_with(start))
        || name.contains("spin::")
        || (name.contains("portable_atomic") && inner(name))
        || (has_cas && name.contains("critical_section"))
}

/// How many instructions mask interrupts.
fn masks(image: &Image, start: usize) -> usize {
    let counts = image.atomics(&image.closure(start));
    let masks = counts.iter().filter(|((kind, _), _)| *kind == Kind::Mask);
    masks.map(|(_, count)| count).sum()
}

/// Atomics wider than the machine's: pairs of registers, or locks in a table.
fn wide(image: &Image) -> Vec<String> {
    let tables = image.data.iter().map(|(name, ..)| name);
    let tables = tables.filter(|name| name.contains("portable_atomic"));
    let mut found: Vec<_> = tables
        .map(|name| format!("atomics are locks: the image has {name}"))
        .collect();
    if !image.isa.is_32_bit() {
        return found;
    }
    for name in image.names(is_method) {
        let Some(start) = image.find(name) else {
            continue;
        };
        for (kind, mnemonic) in image.atomics(&image.closure(start)).into_keys() {
            let exclusive = matches!(kind, Kind::ExclusiveLoad | Kind::ExclusiveStore);
            if exclusive && (mnemonic.ends_with('d') || mnemonic.contains(".d")) {
                found.push(format!("{name}: {mnemonic} is wider than the machine"));
            }
        }
    }
    found
}

/// Where a function may panic: what it reaches of that kind.
fn panics(image: &Image, closure: &BTreeSet<usize>) -> Vec<String> {
    let functions = closure.iter().map(|&index| &image.functions[index]);
    functions
        .filter(|function| function.is_panic())
        .map(|function| function.name.clone())
        .collect()
}

/// Planted faults that the checks above do not find.
fn blind(target: &Target, planted: &Image) -> Vec<String> {
    let find = |name: &str, check: &dyn Fn(usize) -> bool| {
        planted.find(&format!("planted::{name}")).is_some_and(check)
    };
    let change = |start| match target.has_cas {
        true => writes(planted, start).is_some(),
        false => masks(planted, start) > 0,
    };
    let wide_found = match (planted.isa.is_32_bit(), target.has_cas) {
        (true, true) => !wide(planted).is_empty(),
        (true, false) => find("wide_atomic", &|start| masks(planted, start) > 0),
        // Native there.
        (false, _) => true,
    };
    let panic = |start| !panics(planted, &planted.closure(start)).is_empty();
    [
        ("read_modify_write", find("read_modify_write", &change)),
        (
            "calls_read_modify_write",
            find("calls_read_modify_write", &change),
        ),
        (
            "masks_interrupts",
            find("masks_interrupts", &|start| masks(planted, start) > 0),
        ),
        ("wide_atomic", wide_found),
        ("may_panic", find("may_panic", &panic)),
    ]
    .into_iter()
    .filter(|(_, found)| !found)
    .map(|(name, _)| format!("the fault planted::{name} was not found: the check is blind"))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::testing::image;
    use crate::isa::Isa;

    fn target(name: &str) -> &'static Target {
        Target::find(name).unwrap()
    }

    fn found(triple: &str, isa: Isa, body: &str) -> String {
        let text = format!(
            "CopyMap<u32,u32>::get:
            nop
            {body}
            Map<u32,u32>::get:
            nop
            Cache<u32,i32>::get:
            nop"
        );
        methods(target(triple), &image(isa, &text)).join("\n")
    }

    #[test]
    fn clean_code_passes() {
        let loads = "dmb sy\nldr r0, [r1]";
        assert_eq!(found("thumbv7m-none-eabi", Isa::Thumb, loads), "");
        let masked = "cpsid i\nldr r0, [r1]";
        assert_eq!(found("thumbv6m-none-eabi", Isa::Thumb, masked), "");
    }

    #[test]
    fn reads_that_write_are_found_in_what_they_call() {
        let body = "bl <helper>\nhelper:\nldrex r0, [r1]\nstrex r2, r0, [r1]";
        let found = found("thumbv7m-none-eabi", Isa::Thumb, body);
        assert_eq!(found, "CopyMap<u32,u32>::get: a read that writes: strex 1");
    }

    #[test]
    fn every_read_of_a_copy_map_is_checked() {
        for read in [
            "len",
            "is_empty",
            "is_full",
            "stats",
            "iter::next",
            "contains_key",
        ] {
            assert!(is_read(&format!("CopyMap<u32,u32>::{read}")), "{read}");
        }
        assert!(!is_read("CopyMap<u32,u32>::insert") && !is_read("Map<u32,u32>::get"));
    }

    #[test]
    fn locks_are_found() {
        for callee in [
            "__atomic_load_8",
            "__sync_val_compare_and_swap_4",
            "__aarch64_cas8_acq_rel",
            "spin::mutex::Mutex::lock",
            "portable_atomic::imp::fallback::outline::load",
            "_critical_section_1_0_acquire",
        ] {
            let body = format!("bl <{callee}>\n{callee}:\nnop");
            let found = found("thumbv7m-none-eabi", Isa::Thumb, &body);
            assert_eq!(found, format!("CopyMap<u32,u32>::get: calls {callee}"));
        }
        assert!(!is_lock("_critical_section_1_0_acquire", false));
        assert!(!is_lock("tagged_arena::cells::Cells::claim_any", true));
    }

    #[test]
    fn calls_into_the_unknown_are_found() {
        let found = found("thumbv7m-none-eabi", Isa::Thumb, "blx r3");
        assert!(found.contains("cannot be followed"), "{found}");
    }

    #[test]
    fn masked_interrupts_are_found() {
        let mask = "csrrci a1, mstatus, 8";
        let found = found("riscv32imac-unknown-none-elf", Isa::Riscv32, mask);
        assert_eq!(found, "CopyMap<u32,u32>::get: masks interrupts");
    }

    #[test]
    fn wide_atomics_are_found() {
        let text = "Map<u32,u32>::get:\nldrexd r0, r1, [r2]";
        let mut image = image(Isa::Thumb, text);
        assert_eq!(
            wide(&image),
            ["Map<u32,u32>::get: ldrexd is wider than the machine"]
        );
        image.data = vec![("portable_atomic::imp::LOCKS".into(), 8, ".bss".into())];
        assert_eq!(wide(&image).len(), 2);
    }

    #[test]
    fn a_check_that_finds_nothing_is_a_problem() {
        let nothing = image(Isa::Thumb, "f:\nnop");
        let target = target("thumbv7m-none-eabi");
        assert_eq!(methods(target, &nothing).len(), 3);
        assert_eq!(blind(target, &nothing).len(), 5);
    }
}
