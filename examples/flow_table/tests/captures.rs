//! The program on this machine, as a user calls it: each small capture equal to its table, and every kind of
//! bad input one clear line.
//!
//! `cargo qemu test flow_table` runs the same captures on boards.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;

fn captures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures")
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flow_table"));
    command
        .args(args)
        .env("TARGETS_CORES", "4")
        .env_remove("TARGETS_FILE");
    command
}

fn run(args: &[&str]) -> Output {
    command(args).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The program fails with this status, without a table, and its last line has this text.
#[track_caller]
fn fails(args: &[&str], code: i32, expected: &str) {
    let output = run(args);
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {errors}");
    let last = errors.lines().last().unwrap_or_default();
    assert!(last.starts_with("flow_table: "), "{args:?}: {errors}");
    assert!(last.contains(expected), "{args:?}: {errors}");
}

#[test]
fn each_capture_is_equal_to_its_table() {
    let mut seen = 0;
    for entry in fs::read_dir(captures()).unwrap() {
        let path = entry.unwrap().path();
        let table = path.with_extension("flows.tsv");
        if path.extension().is_none_or(|it| it != "pcap") || !table.exists() {
            continue;
        }
        seen += 1;
        let name = path.to_str().unwrap();
        let output = run(&["--capture", name, "--tsv", "--flows", "65536"]);
        let errors = text(&output.stderr);
        assert!(output.status.success(), "{name}: {errors}");
        assert_eq!(
            text(&output.stdout),
            fs::read_to_string(table).unwrap(),
            "{name}"
        );
        assert!(
            errors.contains("equal to a single-core recount by another parser"),
            "{errors}"
        );
    }
    assert_eq!(seen, 16);
}

fn capture(name: &str) -> String {
    captures().join(name).to_str().unwrap().into()
}

#[test]
fn what_is_out_of_the_ordinary_is_said() {
    for (name, expected) in [
        (
            "cut-at-end.pcap",
            "the capture was cut off: its last record, 3 at byte 156, is truncated: 20 of 50 bytes of \
             its frame; the 2 whole records before it are counted",
        ),
        (
            "orig-lt-incl.pcap",
            "1 of 3 records say that less was on the wire than was captured: counted as they say",
        ),
        (
            "bogus-total-length.pcap",
            "without a flow:          2 x damaged IP headers",
        ),
    ] {
        let output = run(&["--capture", &capture(name), "--tsv"]);
        let errors = text(&output.stderr);
        assert!(output.status.success(), "{name}: {errors}");
        assert!(
            errors.lines().any(|line| line == expected),
            "{name}: {errors}"
        );
    }
}

#[test]
fn bad_input_is_one_clear_line_and_no_table() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_string()
    };
    let refused = |path: &str, expected: &str| {
        fails(&["--tsv", "--capture", path], 1, expected);
        let output = run(&["--tsv", "--capture", path]);
        assert_eq!(text(&output.stderr).lines().count(), 1);
        assert!(output.stdout.is_empty());
    };
    refused(
        &capture("orig-huge.pcap"),
        "record 1 at byte 24 is damaged: 50 bytes captured",
    );
    refused(&file("empty", b""), "is empty");
    refused(
        &file("letter", b"Dear Sir or Madam"),
        "is not a pcap capture",
    );
    refused(
        &file("gz", b"\x1f\x8b\x08 and no more"),
        "cannot be unpacked with gzip",
    );
    refused(
        &file("ng", b"\x0a\x0d\x0d\x0a"),
        "truncated within its first block",
    );
    refused(
        "/nowhere/x.pcap",
        "cannot read the capture /nowhere/x.pcap: No such file",
    );
    refused("/", "cannot read the capture /: ");
    fails(&[], 1, "no capture given: name one with --capture FILE");
    fails(
        &["--flows", "65537"],
        2,
        "--flows takes a number from 1 to 65536",
    );
    fails(&["x.pcap"], 2, "unknown argument 'x.pcap'");
}

#[test]
fn a_map_that_is_too_small_loses_no_frame_in_silence() {
    let capture = capture("flows4200.pcap");
    let args = ["--capture", &capture, "--loops", "1"];
    fails(&args, 1, "take the largest map with --flows 65536");
    let output = run(&args);
    let (report, errors) = (text(&output.stdout), text(&output.stderr));
    // However many flows found a place: what did not is counted, and the check accounts for it.
    assert!(
        report.contains(
            "the frames missing in the others are those not tracked".trim_start_matches("the ")
        ),
        "{report}"
    );
    assert!(
        errors.contains("of 4200 frames were not tracked"),
        "{errors}"
    );
}

#[test]
fn a_packed_capture_and_one_on_the_standard_input_are_read() {
    let plain = fs::read(captures().join("mpls.pcap")).unwrap();
    let table = fs::read_to_string(captures().join("mpls.flows.tsv")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mpls.pcap.gz");
    let mut packed = GzEncoder::new(File::create(&path).unwrap(), Compression::best());
    packed.write_all(&plain).unwrap();
    packed.finish().unwrap();
    let output = run(&["--tsv", "--capture", path.to_str().unwrap()]);
    assert_eq!(text(&output.stdout), table);

    for bytes in [plain, fs::read(path).unwrap()] {
        let mut child = command(&["--tsv", "--capture", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(&bytes).unwrap();
        assert_eq!(text(&child.wait_with_output().unwrap().stdout), table);
    }
}

#[test]
fn a_view_needs_a_terminal() {
    let capture = capture("mpls.pcap");
    let args = ["--capture", &capture, "--watch", "--loops", "1"];
    fails(
        &args,
        1,
        "--watch draws on a terminal, but the standard error output is none",
    );
    assert!(run(&args).stdout.is_empty());
}

#[test]
fn a_report_is_one_page_that_needs_no_other_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    let args = |path: &Path| ["--report".into(), path.to_str().unwrap().to_string()];
    let [option, name] = args(&path);
    let capture = capture("row-undercount.pcap");
    let output = run(&["--capture", &capture, "--loops", "1000", &option, &name]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let page = fs::read_to_string(&path).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    assert_eq!(page.matches("<svg ").count(), 3);
    assert_eq!(
        page.matches("<svg ").count(),
        page.matches("</svg>").count()
    );
    // The only address is the name of SVG itself.
    for address in page.match_indices("http") {
        assert!(page[address.0..].starts_with("http://www.w3.org/2000/svg"));
    }
    assert!(
        page.contains("<td>udp 192.0.2.1:1111 &gt; 192.0.2.2:53</td>"),
        "{page}"
    );
    assert!(page.contains("check: 1 flows equal"));
    // Nothing is left beside it, and where it cannot be written nothing is counted.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let [option, name] = args(&folder.path().join("no/folder/x.html"));
    fails(
        &["--capture", &capture, &option, &name],
        1,
        "cannot write the report",
    );
}
