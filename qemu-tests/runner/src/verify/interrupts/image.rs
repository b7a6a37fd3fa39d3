//! The image that interrupts operations: built for a board, run there, its lines read.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::boards::Board;
use crate::cargo;
use crate::machine::Job;
use crate::process::{Flow, Stream};
use crate::workspace::Workspace;

/// The package.
pub const IMAGE: &str = "sweep-image";
/// No part takes so long.
const LIMIT: Duration = Duration::from_secs(1800);

/// The image, built for a board.
pub struct Image {
    /// The board.
    pub board: Board,
    /// The executable.
    pub program: PathBuf,
}

/// What the image says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A sweep is done.
    Sweep(Sweep),
    /// An operation whose places follow.
    Case(Case),
    /// What it found to be wrong.
    Failure(String),
}

/// What a sweep came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// Of what.
    pub name: String,
    /// Operations within operations.
    pub cases: u64,
    /// How often an interrupt came within the outer one.
    pub points: u64,
    /// How often another one came within the inner one as well.
    pub nested: u64,
}

/// An operation, and where interrupts came in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Case {
    /// Of what, and which.
    pub name: String,
    /// Where, in the order of the delays.
    pub hits: Vec<u64>,
    /// Where an interrupt led to something wrong.
    pub wrong: Vec<u64>,
}

impl Image {
    /// Builds it.
    pub fn build(workspace: &Workspace, board: Board) -> Result<Image> {
        let package = workspace
            .package(IMAGE)
            .with_context(|| format!("the workspace has no package {IMAGE}"))?;
        let mut log = Vec::new();
        let program = cargo::build(workspace, package, board, None, &mut |bytes| {
            log.extend_from_slice(bytes);
        })
        .with_context(|| String::from_utf8_lossy(&log).into_owned())?;
        Ok(Image { board, program })
    }

    /// Runs a part of it on the board, which counts instructions.
    pub fn run(&self, part: &str) -> Result<Vec<Said>> {
        self.run_with(part, &[], &mut |_| ())
    }

    /// The same, with further arguments for QEMU, whose own messages go to `messages`.
    pub fn run_with(
        &self,
        part: &str,
        further: &[&str],
        messages: &mut dyn FnMut(&[u8]),
    ) -> Result<Vec<Said>> {
        let job = Job {
            board: self.board,
            cores: self.board.min_cores(),
            program: self.program.clone(),
            args: part.split(' ').map(String::from).collect(),
            capture: None,
            icount: true,
            timeout: LIMIT,
            colours: false,
        };
        let (mut lines, mut last) = (Vec::new(), Vec::new());
        let end = job.run_with(further, &mut |stream, bytes| {
            match stream {
                Stream::Out => lines.extend_from_slice(bytes),
                Stream::Err => {
                    messages(bytes);
                    // What a panic says; a trace is too long to keep.
                    last.extend_from_slice(bytes);
                    last.drain(..last.len().saturating_sub(1000));
                }
            }
            Flow::Continue
        });
        let last = || format!("{part}: {}", String::from_utf8_lossy(&last));
        let code = end.with_context(last)?;
        let said = parse(&String::from_utf8_lossy(&lines)).with_context(last)?;
        let failed = said.iter().any(|said| matches!(said, Said::Failure(_)));
        if code != 0 && !failed {
            bail!("{}: exit status {code}", last());
        }
        Ok(said)
    }
}

/// Reads its lines.
fn parse(lines: &str) -> Result<Vec<Said>> {
    let mut said = Vec::new();
    let mut ended = false;
    for line in lines.lines() {
        let (what, rest) = line.split_once(',').unwrap_or((line, ""));
        let bad = || format!("not a line of the image: {line}");
        match (what, said.last_mut()) {
            ("done", _) => ended = true,
            ("failure", _) => {
                said.push(Said::Failure(rest.into()));
                ended = true;
            }
            ("sweep", _) => said.push(Said::Sweep(sweep(rest).with_context(bad)?)),
            ("case", _) => said.push(Said::Case(Case {
                name: rest.replace(',', " "),
                ..Case::default()
            })),
            ("hits", Some(Said::Case(case))) => {
                for place in rest.split(',') {
                    let place = u64::from_str_radix(place, 16).with_context(bad)?;
                    case.hits.extend((place != 0).then_some(place));
                }
            }
            ("wrong", Some(Said::Case(case))) => {
                let place = rest.split(',').next().unwrap_or_default();
                let place = u64::from_str_radix(place, 16).with_context(bad)?;
                case.wrong.push(place);
            }
            _ => bail!(bad()),
        }
    }
    if !ended {
        bail!("the image did not come to its end");
    }
    Ok(said)
}

fn sweep(text: &str) -> Result<Sweep> {
    let fields: Vec<_> = text.split(',').collect();
    let [name, cases, points, nested] = fields[..] else {
        bail!("it has not four fields");
    };
    Ok(Sweep {
        name: name.into(),
        cases: cases.parse()?,
        points: points.parse()?,
        nested: nested.parse()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let text = "sweep,map::spread,3,40,0\ncase,pool,Get absent\n\
            hits,1f,20,0\nhits,8\nwrong,20,x,y\ndone\n";
        let sweep = Sweep {
            name: "map::spread".into(),
            cases: 3,
            points: 40,
            nested: 0,
        };
        let case = Case {
            name: "pool Get absent".into(),
            hits: vec![0x1f, 0x20, 8],
            wrong: vec![0x20],
        };
        let said = parse(text).unwrap();
        assert_eq!(said, [Said::Sweep(sweep), Said::Case(case)]);
    }

    #[test]
    fn cut_and_foreign_lines_are_errors() {
        for text in ["case,a,b\n", "hits,1\ndone\n", "sweep,a,1,2\ndone\n", "x\n"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
