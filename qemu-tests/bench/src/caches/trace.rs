//! Traces of requests: lines `START COUNT ...`, which stand for `COUNT` keys from `START` on, as those
//! that the paper on ARC published (Megiddo, Modha: *ARC: A Self-Tuning, Low Overhead Replacement Cache*,
//! FAST 2003).

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, ensure};
use ruzstd::decoding::StreamingDecoder;

/// A trace.
pub struct Trace {
    /// What it is called.
    pub name: String,
    /// The keys, in order.
    pub requests: Vec<u64>,
}

/// Reads these files, and those in these folders.
pub fn load(paths: &[PathBuf]) -> Result<Vec<Trace>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries =
            fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut found = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if name(&path).is_some() {
                found.push(path);
            }
        }
        ensure!(!found.is_empty(), "no trace in {}", path.display());
        found.sort();
        files.append(&mut found);
    }
    files.iter().map(|path| read(path)).collect()
}

/// What a trace's file says that it is.
fn name(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?;
    name.strip_suffix(".lis.zst").or(name.strip_suffix(".lis"))
}

fn read(path: &Path) -> Result<Trace> {
    let shown = path.display();
    let name =
        name(path).with_context(|| format!("{shown} is named neither *.lis nor *.lis.zst"))?;
    let file = File::open(path).with_context(|| format!("cannot read {shown}"))?;
    let packed = path.extension().is_some_and(|extension| extension == "zst");
    let text: Box<dyn Read> = if packed {
        let decoder = StreamingDecoder::new(file);
        Box::new(decoder.map_err(|error| anyhow!("cannot unpack {shown}: {error}"))?)
    } else {
        Box::new(file)
    };
    let requests = requests(BufReader::new(text)).with_context(|| format!("in {shown}"))?;
    ensure!(!requests.is_empty(), "no request in {shown}");
    Ok(Trace {
        name: name.to_string(),
        requests,
    })
}

fn requests(text: impl BufRead) -> Result<Vec<u64>> {
    let mut requests = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line?;
        let mut numbers = line.split_whitespace().map(str::parse::<u64>);
        let (Some(Ok(start)), Some(Ok(count))) = (numbers.next(), numbers.next()) else {
            anyhow::bail!(
                "line {} does not begin with two numbers: {line}",
                number + 1
            );
        };
        requests.extend(start..start.saturating_add(count));
    }
    Ok(requests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_run_of_keys() {
        let read = |text: &str| requests(text.as_bytes()).map_err(|error| error.to_string());
        assert_eq!(read("7 2 0 1\n3 1 0 0\n"), Ok(vec![7, 8, 3]));
        assert_eq!(read(""), Ok(vec![]));
        assert!(read("7 2\nseven 1\n").is_err_and(|error| error.starts_with("line 2")));
    }

    #[test]
    fn names_are_those_of_files() {
        assert_eq!(name(Path::new("some/OLTP.lis.zst")), Some("OLTP"));
        assert_eq!(name(Path::new("P3.lis")), Some("P3"));
        assert_eq!(name(Path::new("README.md")), None);
    }
}
