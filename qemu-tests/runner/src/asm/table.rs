//! The table of atomic instructions.

use std::collections::BTreeMap;

use crate::code::{Image, table};

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
    (name.starts_with("CopyMap<") || name.starts_with("Map<")) && name.contains(">::")
}

fn row(image: &Image, name: &str) -> Option<[String; 3]> {
    let closure = image.closure(image.find(name)?);
    let instructions: usize = closure
        .iter()
        .map(|&index| image.functions[index].instructions.len())
        .sum();
    let mut counts: BTreeMap<_, BTreeMap<&str, usize>> = BTreeMap::new();
    for ((kind, mnemonic), count) in image.atomics(&closure) {
        *counts.entry(kind).or_default().entry(mnemonic).or_default() += count;
    }
    let texts: Vec<_> = counts
        .values()
        .flatten()
        .map(|(mnemonic, count)| format!("{mnemonic} {count}"))
        .collect();
    let texts = match texts.is_empty() {
        true => "none".into(),
        false => texts.join(", "),
    };
    Some([name.into(), instructions.to_string(), texts])
}
