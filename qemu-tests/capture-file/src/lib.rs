//! Brings a capture into the form that programs for boards read: a classic pcap file, not compressed.
//!
//! A board has no allocator and no standard input, so the host does what needs them: it reads the standard
//! input, unpacks gzip, and rewrites pcapng. Every other file is handed on as it is, whatever it holds: what
//! is wrong with it the program says.

mod pcapng;

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use flate2::read::MultiGzDecoder;

/// How a user names the standard input.
pub const STDIN: &str = "-";

/// More bytes than any board takes. A small gzip file may hold far more.
const MOST: u64 = 4 << 30;

const GZIP: [u8; 2] = [0x1f, 0x8b];
/// A section header, with which a pcapng file and each section in it begins, in either byte order.
const PCAPNG: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

/// A capture in the form that programs read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plain {
    /// The file.
    pub bytes: Vec<u8>,
    /// What the user ought to know of how it came about, a sentence each.
    pub notes: Vec<String>,
}

/// Whether the file of this name is in that form already, as far as its first bytes say, so that it need not
/// be read here.
pub fn is_plain(path: &Path) -> io::Result<bool> {
    if path.as_os_str() == STDIN {
        return Ok(false);
    }
    let mut start = Vec::new();
    File::open(path)?.take(4).read_to_end(&mut start)?;
    Ok(starts_plain(&start))
}

/// The same for a file that has been read.
pub fn starts_plain(bytes: &[u8]) -> bool {
    !bytes.starts_with(&GZIP) && !bytes.starts_with(&PCAPNG)
}

/// Reads the file of this name, or the standard input.
pub fn read(path: &Path) -> Result<Plain> {
    let mut bytes = Vec::new();
    if path.as_os_str() == STDIN {
        let input = io::stdin().lock();
        let read = input.take(MOST + 1).read_to_end(&mut bytes);
        read.context("cannot read the standard input")?;
        at_most(MOST, &bytes)?;
    } else {
        bytes = fs::read(path)?;
    }
    plain(bytes)
}

/// The same for a file that has been read.
pub fn plain(mut bytes: Vec<u8>) -> Result<Plain> {
    let mut notes = Vec::new();
    if bytes.starts_with(&GZIP) {
        bytes = gunzip(&bytes, MOST, &mut notes)?;
    }
    if bytes.starts_with(&PCAPNG) {
        bytes = pcapng::to_pcap(&bytes, &mut notes)?;
    }
    Ok(Plain { bytes, notes })
}

fn at_most(most: u64, bytes: &[u8]) -> Result<()> {
    ensure!(
        bytes.len() as u64 <= most,
        "the capture has more than {most} bytes"
    );
    Ok(())
}

fn gunzip(packed: &[u8], most: u64, notes: &mut Vec<String>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = MultiGzDecoder::new(packed)
        .take(most + 1)
        .read_to_end(&mut bytes);
    match read {
        Ok(_) => at_most(most, &bytes)?,
        // What came before the end is there.
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof && !bytes.is_empty() => {
            notes.push(format!(
                "the compressed file was cut off: {} bytes could be unpacked",
                bytes.len()
            ));
        }
        Err(error) => bail!("the file cannot be unpacked with gzip: {error}"),
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
