//! Where the core names a memory ordering or a fence, and how each place is made to choose at run time.

mod finder;
mod lines;
#[cfg(test)]
mod tests;

use anyhow::{Result, bail, ensure};
use serde::{Deserialize, Serialize};
use syn::visit::Visit;

use self::finder::Finder;
use self::lines::Lines;

/// What stays the same when other lines of a file change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// From the root of the workspace.
    pub file: String,
    /// With its type.
    pub function: String,
    /// The site's number in the function, from one.
    pub number: usize,
}

/// One place.
#[derive(Clone, Debug)]
pub struct Site {
    /// What the built program knows it by.
    pub id: usize,
    /// Its identity.
    pub key: Key,
    /// The numbers of the edges that the comment at it names.
    pub edge: String,
    /// The line.
    pub text: String,
    /// What it may be weakened to.
    pub mutants: Vec<&'static str>,
    /// Why some of them need not be noticed.
    pub kept: Option<String>,
}

/// What an ordering is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Load,
    Store,
    /// A read-modify-write.
    Both,
    Fence,
}

fn mutants(role: Role, ordering: &str) -> &'static [&'static str] {
    match (role, ordering) {
        (_, "Relaxed") => &[],
        (Role::Load, "SeqCst") => &["Acquire", "Relaxed"],
        (Role::Store, "SeqCst") => &["Release", "Relaxed"],
        (Role::Both, "SeqCst") => &["AcqRel", "Acquire", "Release", "Relaxed"],
        (Role::Both, "AcqRel") => &["Acquire", "Release", "Relaxed"],
        (Role::Fence, "SeqCst") => &["AcqRel", "removed"],
        (Role::Fence, "AcqRel") => &["Acquire", "Release", "removed"],
        (Role::Fence, _) => &["removed"],
        _ => &["Relaxed"],
    }
}

/// A text that takes the place of a part of the source.
struct Edit {
    from: usize,
    to: usize,
    text: String,
}

/// Finds the sites of one file; returns them and the text in which they choose. `krate` is the path of
/// the module `planted`; numbers start with `first`.
pub fn rewrite(
    file: &str,
    source: &str,
    planted: &str,
    first: usize,
) -> Result<(Vec<Site>, String)> {
    let parsed = syn::parse_file(source)?;
    let mut finder = Finder {
        file,
        planted,
        first,
        lines: Lines::new(source),
        names: Vec::new(),
        statements: Vec::new(),
        sites: Vec::new(),
        edits: Vec::new(),
        unclear: Vec::new(),
    };
    finder.visit_file(&parsed);
    ensure!(
        finder.unclear.is_empty(),
        "{file}: no operation that these orderings belong to is known: {}",
        finder.unclear.join("; ")
    );
    let text = apply(source, finder.edits)?;
    Ok((finder.sites, text))
}

fn apply(source: &str, mut edits: Vec<Edit>) -> Result<String> {
    edits.sort_by_key(|edit| edit.from);
    let (mut out, mut at) = (String::new(), 0);
    for edit in edits {
        ensure!(at <= edit.from, "two sites overlap");
        out.push_str(&source[at..edit.from]);
        out.push_str(&edit.text);
        at = edit.to;
    }
    out.push_str(&source[at..]);
    Ok(out)
}

/// Replaces what stands exactly once in the text.
pub fn replace_once(text: &str, before: &str, after: &str) -> Result<String> {
    match text.matches(before).count() {
        1 => Ok(text.replacen(before, after, 1)),
        0 => bail!("the text is not there:\n{before}"),
        n => bail!("the text is there {n} times:\n{before}"),
    }
}
