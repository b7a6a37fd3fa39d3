//! The suite as a user calls it: names, and what it says of subjects that misbehave.

use std::path::Path;
use std::process::{Command, Output};

fn bench(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_bench"))
        .args(args)
        .output()
        .expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Measures a small cell and returns what it printed.
#[track_caller]
fn measure(out: &Path, workload: &str, peers: &str) -> String {
    let plots = out.join("plots");
    let plots = plots.to_str().expect("a name in UTF-8");
    let out = out.to_str().expect("a name in UTF-8");
    let output = bench(&[
        "peers",
        "--workload",
        workload,
        "--peer",
        peers,
        "--size",
        "1024",
        "--load",
        "50",
        "--threads",
        "1",
        "--rounds",
        "3",
        "--operations",
        "1000",
        "--patience",
        "2",
        "--out",
        out,
        "--plots",
        plots,
    ]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// The table's row of this peer.
fn row<'a>(table: &'a str, label: &str) -> Option<&'a str> {
    table
        .lines()
        .find(|line| line.starts_with(&format!("| {label} ")))
}

#[test]
fn wrong_names_list_the_right_ones() {
    for (option, value, right) in [
        ("--workload", "reed", "mix98"),
        ("--peer", "papayas", "dashmap"),
        ("--size", "1000", "65536"),
        ("--load", "101", "100"),
        ("--threads", "0", "256"),
        ("--ratio-to", "us", "copymap"),
    ] {
        let output = bench(&["peers", option, value]);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(value) && error.contains(right), "{error}");
    }
}

#[test]
fn a_subject_that_hangs_is_listed_and_the_others_are_measured() {
    let out = tempfile::tempdir().expect("a folder");
    let table = measure(out.path(), "read", "copymap,stuck,dashmap");
    assert!(row(&table, "a subject that hangs").is_some_and(|row| row.contains("hangs |")));
    for label in ["CopyMap", "dashmap"] {
        assert!(
            row(&table, label).is_some_and(|row| row.contains("x)")),
            "{table}"
        );
    }
    let csv = std::fs::read_to_string(out.path().join("results.csv")).expect("it was written");
    assert!(csv.contains("read,1024,50,1,0,stuck,hangs,"), "{csv}");
    let plot = |name: &str| std::fs::read_to_string(out.path().join(name)).expect("it was drawn");
    let svg = plot("plots/read-one-thread.svg");
    assert_eq!(svg, plot("read-1024-load-50-threads-1-ns-per-op.svg"));
    for text in ["CopyMap", "dashmap", "HANGS", "less is better"] {
        assert!(svg.contains(text), "{text}: {svg}");
    }
    assert!(svg.len() < 60_000, "{}", svg.len());
}

#[test]
fn a_subject_that_panics_or_loses_entries_is_listed() {
    let out = tempfile::tempdir().expect("a folder");
    let table = measure(out.path(), "read", "copymap,broken,forgetful");
    assert!(row(&table, "a subject that panics").is_some_and(|row| row.contains("fails |")));
    assert!(row(&table, "a subject that loses entries").is_some_and(|row| row.contains('!')));
    let csv = std::fs::read_to_string(out.path().join("results.csv")).expect("it was written");
    assert!(csv.contains("broken,fails: broken on purpose,"), "{csv}");
    assert!(
        csv.contains("forgetful,wrong: its results sum up to "),
        "{csv}"
    );
}
