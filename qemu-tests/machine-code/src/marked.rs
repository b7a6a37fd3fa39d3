//! Pages of which a command writes a part: what stands between two marks.

use anyhow::{Context, Result};

/// Where the part begins and ends. The marks belong to what is written by hand.
pub struct Marks {
    /// A line, with its end.
    pub begin: &'static str,
    /// What the first line behind the part begins with.
    pub end: &'static str,
}

impl Marks {
    /// The part.
    pub fn part<'a>(&self, text: &'a str) -> Result<&'a str> {
        self.split(text).map(|(_, part, _)| part)
    }

    /// The page with another part.
    pub fn with(&self, text: &str, part: &str) -> Result<String> {
        let (before, _, after) = self.split(text)?;
        Ok(format!("{before}{part}{after}"))
    }

    fn split<'a>(&self, text: &'a str) -> Result<(&'a str, &'a str, &'a str)> {
        let marks = || {
            let begin = text.find(self.begin)? + self.begin.len();
            let end = begin + text[begin..].find(self.end)?;
            Some((&text[..begin], &text[begin..end], &text[end..]))
        };
        marks().with_context(|| {
            let begin = self.begin.trim_end();
            format!("the page has no lines {begin:?} and {:?}", self.end)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARKS: Marks = Marks {
        begin: "<\n",
        end: ">",
    };

    #[test]
    fn only_the_part_changes() {
        let page = "a\n<\nold\n>\nb\n";
        assert_eq!(MARKS.part(page).unwrap(), "old\n");
        assert_eq!(MARKS.with(page, "new\n").unwrap(), "a\n<\nnew\n>\nb\n");
    }

    #[test]
    fn a_page_without_marks_is_an_error() {
        for page in ["", "<\n", ">\n<\n"] {
            assert!(MARKS.part(page).is_err(), "{page:?}");
        }
    }
}
