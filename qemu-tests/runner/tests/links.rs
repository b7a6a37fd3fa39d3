//! Every relative link of every page leads somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The pages of the workspace.
fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let mut folders = vec![root.unwrap().to_owned()];
    let mut pages = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if name.ends_with(".md") {
                pages.push(path);
            }
        }
    }
    pages
}

/// The anchors of a page: its headings as a forge makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut heading = None;
    let mut anchors = BTreeSet::new();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(part) | Event::Code(part) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&part);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let words = heading.take().unwrap_or_default().to_lowercase();
                let kept = words
                    .chars()
                    .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
                anchors.insert(kept.map(|c| if c == ' ' { '-' } else { c }).collect());
            }
            _ => {}
        }
    }
    anchors
}

/// What is wrong with the links of a page.
fn problems(page: &Path, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        let Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) = event else {
            continue;
        };
        // Of the web, or of rustdoc, which checks them itself.
        if dest_url.contains("://") || dest_url.contains("::") {
            continue;
        }
        let (path, anchor) = dest_url.split_once('#').unwrap_or((&*dest_url, ""));
        let target = match path {
            "" => page.to_owned(),
            path => page.with_file_name(path),
        };
        if !target.exists() {
            problems.push(format!("{}: {dest_url}", page.display()));
        } else if !anchor.is_empty() {
            let there = fs::read_to_string(&target).unwrap_or_default();
            let there = if path.is_empty() { text } else { &*there };
            if !anchors(there).contains(anchor) {
                problems.push(format!("{}: {dest_url}", page.display()));
            }
        }
    }
    problems
}

#[test]
fn all_lead_somewhere() {
    let pages = pages();
    assert!(pages.len() > 15, "{pages:?}");
    let read = |page: &PathBuf| problems(page, &fs::read_to_string(page).unwrap());
    let problems: Vec<_> = pages.iter().flat_map(read).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A registry's page shows the pictures that are in the package.
#[test]
fn pictures_of_the_readme_are_published() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let readme = fs::read_to_string(root.unwrap().join("README.md")).unwrap();
    let pictures = Parser::new(&readme).filter_map(|event| match event {
        Event::Start(Tag::Image { dest_url, .. }) => Some(dest_url),
        _ => None,
    });
    let pictures: Vec<_> = pictures.collect();
    assert!(!pictures.is_empty());
    assert!(
        pictures.iter().all(|place| place.starts_with("src/")),
        "{pictures:?}"
    );
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let count = |text: &str| problems(&here, text).len();
    assert_eq!(
        count("# A `b` c\n[x](Cargo.toml) [y](#a-b-c) [z](https://x.y/z)"),
        0
    );
    assert_eq!(count("[x](no.md)"), 1);
    assert_eq!(count("# A\n[y](#b)"), 1);
}
