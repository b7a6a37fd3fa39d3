//! Faults of logic: a committed list of texts and what takes their place.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::sites::replace_once;

/// The list, by subject.
const LIST: [&str; 7] = [
    include_str!("../faults/core.toml"),
    include_str!("../faults/change.toml"),
    include_str!("../faults/handles.toml"),
    include_str!("../faults/repair.toml"),
    include_str!("../faults/cache.toml"),
    include_str!("../faults/watch.toml"),
    include_str!("../faults/faces.toml"),
];

/// One fault.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Unique.
    pub name: String,
    /// From the root of the workspace.
    pub file: String,
    /// What stands there exactly once: a statement if it ends with `;` or `}`, else an expression.
    pub before: String,
    /// A text around it, if it stands there more than once: that stands there once, and has it once.
    pub within: Option<String>,
    /// What is planted instead.
    pub after: String,
    /// Texts that have to change so that the choice compiles, such as `const fn`.
    #[serde(default)]
    pub also: Vec<(String, String)>,
    /// Why nothing need notice it.
    pub kept: Option<String>,
}

#[derive(Deserialize)]
struct List {
    fault: Vec<Fault>,
}

/// All of them, in the order of the list.
pub fn all() -> Result<Vec<Fault>> {
    parse(&LIST)
}

fn parse(texts: &[&str]) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for text in texts {
        let List { fault } = toml::from_str(text).context("faults")?;
        faults.extend(fault);
    }
    for (i, fault) in faults.iter().enumerate() {
        let name = &fault.name;
        let once = faults[..i].iter().all(|other| other.name != *name);
        ensure!(once, "two faults are named '{name}'");
        ensure!(
            !fault.before.trim().is_empty(),
            "'{name}' has no text before"
        );
    }
    Ok(faults)
}

/// The text of this fault's file with the choice in it.
pub fn plant(text: &str, fault: &Fault, number: usize, planted: &str) -> Result<String> {
    let error = || format!("the fault '{}' does not fit {}", fault.name, fault.file);
    let (before, after) = (fault.before.trim(), fault.after.trim());
    let choice = format!("if {planted}::on({number}) {{ {after} }} else {{ {before} }}");
    let choice = if before.ends_with([';', '}']) {
        choice
    } else {
        format!("({choice})")
    };
    let mut text = match fault.within.as_deref().map(str::trim) {
        None => replace_once(text, before, &choice),
        Some(within) => replace_once(within, before, &choice)
            .and_then(|around| replace_once(text, within, &around)),
    }
    .with_context(error)?;
    for (before, after) in &fault.also {
        // Another fault of the same function may have done it.
        if text.contains(before.as_str()) || !text.contains(after.as_str()) {
            text = replace_once(&text, before, after).with_context(error)?;
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(before: &str, after: &str) -> Fault {
        let (before, after) = (before.to_owned(), after.to_owned());
        let also = vec![("const fn".to_owned(), "fn".to_owned())];
        let (name, file) = ("n".to_owned(), "f.rs".to_owned());
        Fault {
            name,
            file,
            before,
            within: None,
            after,
            also,
            kept: None,
        }
    }

    #[test]
    fn expressions_and_statements_become_choices() {
        let text = "const fn f() { a(); b() + 1 }";
        let one = plant(text, &fault("a();", "\n"), 3, "p").unwrap();
        assert_eq!(one, "fn f() { if p::on(3) {  } else { a(); } b() + 1 }");
        let two = plant(&one, &fault("b()", "0"), 4, "p").unwrap();
        assert!(
            two.ends_with("(if p::on(4) { 0 } else { b() }) + 1 }"),
            "{two}"
        );
        assert!(plant(text, &fault("c()", "0"), 5, "p").is_err());
    }

    #[test]
    fn of_two_texts_the_one_within_another_changes() {
        let within = |within: &str| Fault {
            within: Some(within.to_owned()),
            ..fault("a()", "0")
        };
        let text = "const fn f() { a() + a() }";
        let one = plant(text, &within("a() }"), 3, "p").unwrap();
        assert_eq!(one, "fn f() { a() + (if p::on(3) { 0 } else { a() }) }");
        assert!(plant(text, &within("a() + a()"), 3, "p").is_err());
        assert!(plant(text, &fault("a()", "0"), 3, "p").is_err());
    }

    #[test]
    fn the_list_can_be_read() {
        assert!(all().unwrap().len() > 20);
        assert!(parse(&["[[fault]]\nname = 'a'"]).is_err());
    }
}
