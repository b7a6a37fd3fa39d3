//! A page of which parts are what a command printed.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use machine_code::marked::Marks;

/// The tables of `peers`.
pub const PEERS: Marks = Marks {
    begin: "<!-- peers: written by `cargo qemu bench host --page`, not by hand -->\n",
    end: "<!-- end of the peers -->",
};

/// The tables of `read`.
pub const READ: Marks = Marks {
    begin: "<!-- read: written by `cargo run --release -p bench -- read --page`, not by hand -->\n",
    end: "<!-- end of the read -->",
};

/// The tables of `caches`.
pub const CACHES: Marks = Marks {
    begin: "<!-- caches: written by `cargo run --release -p bench -- caches TRACES --page`, not by hand -->\n",
    end: "<!-- end of the caches -->",
};

/// Whether the page has the part: to be asked before anything is measured.
pub fn check(page: &Path, marks: &Marks) -> Result<()> {
    marks.part(&text(page)?).map(|_| ())
}

/// Puts what was measured in the place of the page's part.
pub fn write(page: &Path, marks: &Marks, tables: &str) -> Result<()> {
    // Names hold angle brackets, which are tags in Markdown.
    let tables = tables.trim().replace('<', "\\<");
    let text = marks.with(&text(page)?, &format!("\n{tables}\n\n"))?;
    fs::write(page, text).with_context(|| format!("cannot write {}", page.display()))
}

fn text(page: &Path) -> Result<String> {
    fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_part_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let page = folder.path().join("page.md");
        let before = format!("a\n{}old\n{}\nb\n", READ.begin, READ.end);
        fs::write(&page, before).unwrap();
        assert!(check(&page, &READ).is_ok() && check(&page, &PEERS).is_err());
        write(&page, &READ, "\n| x |\n").unwrap();
        let after = format!("a\n{}\n| x |\n\n{}\nb\n", READ.begin, READ.end);
        assert_eq!(fs::read_to_string(&page).unwrap(), after);
        assert!(write(&page, &PEERS, "").is_err());
    }
}
