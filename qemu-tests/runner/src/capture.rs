//! The file that a run hands to its program.
//!
//! A guest has no file system: an argument `--capture FILE` names a file of the host, which the
//! runner takes out of the arguments and places in the guest's memory. What a guest could not read (the
//! standard input, a compressed file, pcapng) becomes a plain file first.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};

use crate::failure::usage;
use crate::made::Made;

const OPTION: &str = "--capture";

/// A file that exists and can be read.
#[derive(Clone, Debug)]
pub struct Capture {
    /// Where it is.
    pub path: PathBuf,
    /// Its length in bytes.
    pub len: u64,
    /// What the user ought to know of it, a sentence each.
    pub notes: Vec<String>,
    /// Removes a file that was made for the run, when nobody needs it any more.
    _made: Option<Arc<Made>>,
}

impl Capture {
    /// Looks at the file, so that a mistake shows before anything is built or started.
    pub fn open(path: &Path) -> Result<Capture> {
        if path.as_os_str() == capture_file::STDIN {
            return Capture::make(path);
        }
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
        if data.file_type().is_fifo() {
            return Capture::make(path);
        }
        if !data.is_file() {
            bail!("capture {shown} is no regular file: copy its content to a file first");
        }
        match capture_file::is_plain(path) {
            Ok(true) => Ok(Capture::at(path.into(), data.len())),
            Ok(false) => Capture::make(path),
            Err(e) => bail!("capture {shown} cannot be read: {e}"),
        }
    }

    /// A file that is what it should be.
    pub const fn at(path: PathBuf, len: u64) -> Capture {
        Capture {
            path,
            len,
            notes: Vec::new(),
            _made: None,
        }
    }

    /// A plain file with this one's content, for as long as it is needed.
    fn make(path: &Path) -> Result<Capture> {
        let plain = capture_file::read(path)
            .with_context(|| format!("capture {} cannot be read", path.display()))?;
        let made = Made::new(".pcap", &plain.bytes)?;
        Ok(Capture {
            path: made.path().into(),
            len: plain.bytes.len() as u64,
            notes: plain.notes,
            _made: Some(Arc::new(made)),
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
    use std::io::Write;

    use tempfile::NamedTempFile;

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
    fn what_a_guest_cannot_read_becomes_a_file_that_is_gone_afterwards() {
        // An empty section of a pcapng file, with a block that was cut off.
        let mut pcapng = vec![
            0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0,
        ];
        pcapng.extend([0xff; 8]);
        pcapng.extend([28, 0, 0, 0, 6, 0, 0]);
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(&pcapng).unwrap();
        let capture = Capture::open(file.path()).unwrap();
        assert_eq!((capture.len, capture.notes.len()), (24, 1));
        assert_eq!(fs::metadata(&capture.path).unwrap().len(), 24);
        let path = capture.path.clone();
        let other = capture.clone();
        drop(capture);
        assert!(path.exists());
        drop(other);
        assert!(!path.exists());

        fs::write(file.path(), b"a letter").unwrap();
        let plain = Capture::open(file.path()).unwrap();
        assert_eq!((plain.path.as_path(), plain.len), (file.path(), 8));
        fs::write(file.path(), b"\x1f\x8b and no more").unwrap();
        let error = Capture::open(file.path()).unwrap_err();
        assert!(
            format!("{error:#}").contains("cannot be unpacked"),
            "{error:#}"
        );
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
