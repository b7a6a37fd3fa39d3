//! The table of atomic instructions.

use std::collections::BTreeSet;

use crate::image::Image;
use crate::isa::Kind;
use crate::table;

/// The methods that are shown without `--all`.
const MAIN: [&str; 5] = ["get", "insert", "update", "remove", "Ref::drop"];

/// A row for each method: its instructions, and how many of them are atomics of which name.
pub fn text(image: &Image, all: bool, markdown: bool) -> String {
    let mut rows = vec![["function", "instructions", "atomic instructions"].map(String::from)];
    for name in image.names(is_method) {
        let method = name.rsplit_once(">::").map_or("", |(_, method)| method);
        if all || MAIN.contains(&method) {
            rows.extend(row(image, name));
        }
    }
    table::text(&rows, &[1], markdown)
}

/// Whether the function is a method of one of the maps.
pub fn is_method(name: &str) -> bool {
    let ours = ["CopyMap<", "Map<", "Cache<"];
    ours.iter().any(|map| name.starts_with(map)) && name.contains(">::")
}

fn row(image: &Image, name: &str) -> Option<[String; 3]> {
    let closure = image.closure(image.find(name)?);
    let instructions: usize = closure
        .iter()
        .map(|&index| image.functions[index].instructions.len())
        .sum();
    let texts: Vec<_> = atomics(image, &closure)
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    let texts = match texts.is_empty() {
        true => "none".into(),
        false => texts.join(", "),
    };
    Some([name.into(), instructions.to_string(), texts])
}

/// The atomic instructions of a closure: "ldrex 4".
pub fn atomics(image: &Image, closure: &BTreeSet<usize>) -> Vec<(Kind, String)> {
    let counts = image.atomics(closure).into_iter();
    counts
        .map(|((kind, mnemonic), count)| (kind, format!("{mnemonic} {count}")))
        .collect()
}
