//! The tables of `cargo qemu size`.

use super::figures::{CAPACITY, SUBJECTS, bytes, largest};
use super::stack;
use crate::build::Optimization;
use crate::image::Image;
use crate::table;

/// Bytes of code and of stack: each method alone, and all of a map.
pub fn code(images: &[(Optimization, Image)], markdown: bool) -> String {
    let heading = ["function", "3", "s", "z", "stack 3", "stack s", "stack z"];
    let mut rows = vec![heading.map(String::from)];
    let Some((_, first)) = images.first() else {
        return String::new();
    };
    for subject in &SUBJECTS {
        let methods = subject.methods(first);
        if methods.is_empty() {
            continue;
        }
        for (name, _) in methods {
            let mut row = [const { String::new() }; 7];
            row[0] = name.into();
            for (column, (_, image)) in images.iter().enumerate() {
                if let Some(index) = image.find(name) {
                    row[1 + column] = bytes(image, &image.closure(index)).to_string();
                    let depth = stack::depth(image, index);
                    row[4 + column] = depth.map_or("?".into(), |depth| depth.to_string());
                }
            }
            rows.push(row);
        }
        let mut row = [const { String::new() }; 7];
        row[0] = format!("{}, main methods", subject.name);
        for (column, (_, image)) in images.iter().enumerate() {
            row[1 + column] = subject.code(image).to_string();
        }
        rows.push(row);
    }
    table::text(&rows, &[1, 2, 3, 4, 5, 6], markdown)
}

/// Bytes of memory of each map.
pub fn memory(image: &Image, markdown: bool) -> String {
    let last = format!("an entry of {CAPACITY}, beside key and value");
    let heading = ["map", "bytes", "section", &last];
    let mut rows = vec![heading.map(String::from)];
    for subject in &SUBJECTS {
        if let (Some((size, section)), Some(overhead)) =
            (subject.memory(image), subject.overhead(image))
        {
            let numbers = [size.to_string(), section.into(), format!("{overhead:.1}")];
            let [size, section, overhead] = numbers;
            rows.push([subject.name.into(), size, section, overhead]);
        }
    }
    table::text(&rows, &[1, 3], markdown)
}

/// Bytes of each kind of section of the whole image.
pub fn sections(images: &[(Optimization, Image)], markdown: bool) -> String {
    const KINDS: [&str; 4] = [".text", ".rodata", ".data", ".bss"];
    let mut rows = vec![["opt-level", "text", "rodata", "data", "bss"].map(String::from)];
    for (optimization, image) in images {
        let of = |kind: &str| {
            let below = format!("{kind}.");
            let sections = image.sections.iter();
            let sections = sections.filter(|(name, _)| *name == kind || name.starts_with(&below));
            sections.map(|(_, size)| size).sum::<u64>().to_string()
        };
        let [text, rodata, data, bss] = KINDS.map(of);
        rows.push([optimization.level().into(), text, rodata, data, bss]);
    }
    table::text(&rows, &[1, 2, 3, 4], markdown)
}

/// The functions that each map's methods are made of, and the stack that each takes itself.
pub fn breakdown(image: &Image, markdown: bool) -> String {
    let mut text = String::new();
    for subject in &SUBJECTS {
        let heading = [&format!("{}: function", subject.name), "bytes", "frame"];
        let mut rows = vec![heading.map(String::from)];
        for index in largest(image, &subject.closure(image)) {
            let function = &image.functions[index];
            let frame = stack::frame(image, index).map_or("?".into(), |frame| frame.to_string());
            rows.push([function.name.clone(), function.size.to_string(), frame]);
        }
        text.push_str(&table::text(&rows, &[1, 2], markdown));
        text.push('\n');
    }
    text
}
