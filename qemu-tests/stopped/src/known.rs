//! Faults that are known, by name: what they explain is counted, not reported as a failure.

/// A fault that is to be mended, and how a report of it is recognised.
pub struct Known {
    /// Its name.
    pub name: &'static str,
    /// Why it is still there.
    pub reason: &'static str,
    /// All of these are in the text of the failure.
    pub marks: &'static [&'static str],
}

/// All of them.
pub const KNOWN: &[Known] = &[];

/// The known fault that explains this failure.
pub fn explains(failure: &str) -> Option<&'static Known> {
    let all = |known: &&Known| known.marks.iter().all(|mark| failure.contains(mark));
    KNOWN.iter().find(all)
}
