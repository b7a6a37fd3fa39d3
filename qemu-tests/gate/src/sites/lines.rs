//! The text of a file by lines, and what the comments at a place say.

use proc_macro2::{LineColumn, Span};

/// How the reason for a survivor is given in the source: in a comment of its own, on the site's lines or
/// directly above its statement.
const KEPT: &str = "// kept:";

/// The lines of a file, and where they start.
pub struct Lines<'a> {
    pub source: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    /// The lines of this text.
    pub fn new(source: &'a str) -> Self {
        let ends = source.match_indices('\n').map(|(at, _)| at + 1);
        let starts = std::iter::once(0).chain(ends).collect();
        Self { source, starts }
    }

    /// The trimmed text of a line; lines count from one.
    pub fn line(&self, line: usize) -> &'a str {
        let from = self.starts[line - 1];
        self.source[from..].lines().next().unwrap_or("").trim()
    }

    /// `proc_macro2` counts columns in characters.
    fn offset(&self, place: LineColumn) -> usize {
        let from = self.starts[place.line - 1];
        let before = self.source[from..].chars().take(place.column);
        from + before.map(char::len_utf8).sum::<usize>()
    }

    /// Where a part of the source begins and ends, in bytes.
    pub fn range(&self, span: Span) -> (usize, usize) {
        (self.offset(span.start()), self.offset(span.end()))
    }

    /// The comments from the block above `first` to the line `last`.
    pub fn comments(&self, first: usize, last: usize) -> Vec<&'a str> {
        let mut from = first;
        while from > 1 && self.line(from - 1).starts_with("//") {
            from -= 1;
        }
        let comment = |line| {
            let text = self.line(line);
            text.find("//").map(|at| &text[at..])
        };
        (from..=last).filter_map(comment).collect()
    }
}

/// The reason after [`KEPT`], with the comment lines that follow.
pub fn kept(comments: &[&str]) -> Option<String> {
    let at = comments.iter().position(|line| line.starts_with(KEPT))?;
    let words = |line: &&str| line.trim_start_matches('/').trim().to_owned();
    let reason: Vec<_> = comments[at..].iter().map(words).collect();
    let reason = reason.join(" ");
    Some(reason.trim_start_matches("kept:").trim().to_owned())
}

/// Numbers in parentheses: `(6)`.
pub fn edges(comments: &[&str]) -> String {
    let text = comments.join(" ");
    let mut found: Vec<String> = Vec::new();
    for part in text.split('(').skip(1) {
        let number = part.split([')', ',']).next().unwrap_or("");
        let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
        if is_number && !found.iter().any(|known| known == number) {
            found.push(number.to_owned());
        }
    }
    found.join(" ")
}
