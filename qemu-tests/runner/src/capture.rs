//! The file that a run hands to its program.
//!
//! A guest has no file system: an argument `--capture FILE` names a file of the host, which the
//! runner takes out of the arguments and places in the guest's memory.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::failure::usage;

const OPTION: &str = "--capture";

/// A file that exists and can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// Where it is.
    pub path: PathBuf,
    /// Its length in bytes.
    pub len: u64,
}

impl Capture {
    /// Looks at the file, so that a mistake shows before anything is built or started.
    pub fn open(path: &Path) -> Result<Capture> {
        let shown = path.display();
        let data = match fs::metadata(path) {
            Ok(data) => data,
            Err(e) if e.kind() == ErrorKind::NotFound => {
                bail!("capture {shown} does not exist")
            }
            Err(e) => bail!("capture {shown} cannot be read: {e}"),
        };
        if data.is_dir() {
            bail!("capture {shown} is a folder, not a file");
        }
        if !data.is_file() {
            bail!("capture {shown} is no regular file: copy its content to a file first");
        }
        if let Err(e) = File::open(path) {
            bail!("capture {shown} cannot be read: {e}");
        }
        Ok(Capture {
            path: path.into(),
            len: data.len(),
        })
    }
}

/// Takes `--capture FILE` or `--capture=FILE` out of a program's arguments.
pub fn take(args: &mut Vec<String>) -> Result<Option<PathBuf>> {
    let mut found = None;
    let mut rest = Vec::with_capacity(args.len());
    let mut words = args.drain(..);
    while let Some(word) = words.next() {
        let file = if word == OPTION {
            match words.next() {
                Some(file) => file,
                None => return Err(usage("--capture needs the name of a file")),
            }
        } else if let Some(file) = word.strip_prefix(OPTION).and_then(|w| w.strip_prefix('=')) {
            file.into()
        } else {
            rest.push(word);
            continue;
        };
        if found.replace(PathBuf::from(file)).is_some() {
            return Err(usage("--capture is given twice; a run takes one file"));
        }
    }
    drop(words);
    *args = rest;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::{USAGE, code_of};

    fn take_from(args: &[&str]) -> Result<(Option<PathBuf>, Vec<String>)> {
        let mut args = args.iter().map(ToString::to_string).collect();
        let file = take(&mut args)?;
        Ok((file, args))
    }

    #[test]
    fn both_forms() {
        for args in [
            &["-a", "--capture", "x y.pcap", "--tsv"][..],
            &["-a", "--tsv", "--capture=x y.pcap"],
        ] {
            let (file, rest) = take_from(args).unwrap();
            assert_eq!(file, Some("x y.pcap".into()));
            assert_eq!(rest, ["-a", "--tsv"]);
        }
        let (file, rest) = take_from(&["--captures", "x"]).unwrap();
        assert_eq!((file, rest.len()), (None, 2));
    }

    #[test]
    fn without_a_file_or_with_two() {
        for args in [
            &["--tsv", "--capture"][..],
            &["--capture", "a", "--capture=b"],
        ] {
            assert_eq!(code_of(&take_from(args).unwrap_err()), USAGE);
        }
    }

    #[test]
    fn only_readable_files() {
        let missing = Capture::open(Path::new("/nonexistent/x.pcap")).unwrap_err();
        assert!(missing.to_string().contains("does not exist"));
        let folder = Capture::open(Path::new("/")).unwrap_err();
        assert!(folder.to_string().contains("is a folder"));
        let device = Capture::open(Path::new("/dev/null")).unwrap_err();
        assert!(device.to_string().contains("no regular file"));
    }
}
