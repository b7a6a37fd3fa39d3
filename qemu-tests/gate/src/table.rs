//! The committed table: which test noticed each fault the last time.

use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use comfy_table::{ContentArrangement, Table, presets};
use serde::{Deserialize, Serialize};

use crate::checker::Checker;
use crate::sites::Key;

/// One fault and what noticed it. A test that is not there any more is no error: the row is a hint.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Row {
    /// The file, from the root of the workspace.
    pub file: String,
    /// The function, if the fault is that of a site.
    pub function: String,
    /// The site's number in it.
    pub number: usize,
    /// What is planted there.
    pub fault: String,
    /// The numbers of the edges that the comment at the site names.
    pub edge: String,
    /// The site's line.
    pub text: String,
    /// Who noticed; empty for a survivor.
    pub checker: Option<Checker>,
    /// The test that failed, or why nothing need fail.
    pub test: String,
    /// How that test noticed it.
    pub how: How,
}

/// How a fault was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// A test failed, and said why.
    Failed,
    /// A test did not end in time.
    DidNotEnd,
    /// Not at all.
    NotNoticed,
}

/// Which fault a row is about.
pub type Which = (Key, String);

impl Row {
    /// The fault.
    pub fn which(&self) -> Which {
        let key = Key {
            file: self.file.clone(),
            function: self.function.clone(),
            number: self.number,
        };
        (key, self.fault.clone())
    }
}

fn path(part: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("{part}.csv"))
}

/// The rows of the last time.
pub fn read(part: &str) -> Result<HashMap<Which, Row>> {
    let path = path(part);
    if !path.exists() {
        return Ok(HashMap::new());
    }
    let mut rows = HashMap::new();
    for row in csv::Reader::from_path(&path)?.deserialize::<Row>() {
        let row = row.with_context(|| path.display().to_string())?;
        if let Some(twice) = rows.insert(row.which(), row) {
            bail!("{}: a fault is there twice: {twice:?}", path.display());
        }
    }
    Ok(rows)
}

/// Writes the table anew.
pub fn bless(part: &str, rows: &[Row]) -> Result<()> {
    let mut out = csv::Writer::from_path(path(part))?;
    for row in rows {
        out.serialize(row)?;
    }
    Ok(out.flush()?)
}

/// Prints it for people.
pub fn show(rows: &[Row]) {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_HORIZONTAL_ONLY);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header([
        "place",
        "edge",
        "fault",
        "noticed by",
        "test, or why nothing need notice",
        "how",
    ]);
    for row in rows {
        let place = match row.number {
            0 => row.file.clone(),
            n => format!("{} {} {n}", row.file, row.function),
        };
        let by = row
            .checker
            .map_or("-".into(), |checker| checker.to_string());
        let how = match row.how {
            How::Failed => "failed",
            How::DidNotEnd => "did not end",
            How::NotNoticed => "",
        };
        table.add_row([&*place, &row.edge, &row.fault, &by, &row.test, how]);
    }
    eprintln!("{table}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back() {
        let row = |checker| Row {
            file: "a.rs".into(),
            function: "A::b".into(),
            number: 2,
            fault: "Relaxed".into(),
            edge: "1 2".into(),
            text: "a, \"b\"".into(),
            checker,
            test: "c::d".into(),
            how: How::DidNotEnd,
        };
        let rows = [row(Some(Checker::NarrowLoom)), row(None)];
        let mut out = csv::Writer::from_writer(Vec::new());
        rows.iter().for_each(|row| out.serialize(row).unwrap());
        let bytes = out.into_inner().unwrap();
        let back = csv::Reader::from_reader(bytes.as_slice()).into_deserialize();
        assert_eq!(back.collect::<Result<Vec<Row>, _>>().unwrap(), rows);
    }
}
