//! Faults of logic: a committed list of texts and what takes their place.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// The list.
const LIST: &str = include_str!("../faults.toml");

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
    parse(LIST)
}

fn parse(text: &str) -> Result<Vec<Fault>> {
    let List { fault: faults } = toml::from_str(text).context("faults.toml")?;
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
    let mut text = crate::sites::replace_once(text, before, &choice).with_context(error)?;
    for (before, after) in &fault.also {
        // Another fault of the same function may have done it.
        if text.contains(before.as_str()) || !text.contains(after.as_str()) {
            text = crate::sites::replace_once(&text, before, after).with_context(error)?;
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
    fn the_list_can_be_read() {
        assert!(all().unwrap().len() > 20);
        assert!(parse("[[fault]]\nname = 'a'").is_err());
    }
}
