//! The command line of the runner itself: wrong uses end with one clear line and exit status 2.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

fn qemu(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_qemu"))
        .args(args)
        .output()
        .expect("the runner starts")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The command fails with this status and exactly one line, which contains `text`.
#[track_caller]
fn fails(args: &[&str], code: i32, text: &str) {
    let output = qemu(args);
    let line = stderr(&output);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {line}");
    assert_eq!(line.lines().count(), 1, "{args:?}: {line}");
    assert!(line.starts_with("error: "), "{args:?}: {line}");
    assert!(line.contains(text), "{args:?}: {line}");
    assert!(output.stdout.is_empty(), "{args:?}");
}

#[test]
fn wrong_names_list_the_right_ones() {
    fails(&["run", "nothing"], 2, "there are: can_frames, ");
    for args in [
        &["run", "flow_table", "--board", "vax"][..],
        &["test", "--board", "vax"],
        &["soak", "--operations", "1", "--board", "vax"],
        &["bench", "vax"],
    ] {
        refused(args, "[possible values: host, aarch64");
    }
    refused(&["bench", "aarch46"], "a similar value exists: 'aarch64'");
    fails(
        &["run", "flow_table", "--board", "host", "--defmt"],
        2,
        "name another --board",
    );
    let small = ["run", "flow_table", "--board", "microbit"];
    fails(&small, 2, "it runs on aarch64, ");
    for more in [&["--cores", "2"][..], &["--icount"], &["--", "-x"]] {
        let args = [&["run", "your_board"], more].concat();
        fails(&args, 2, "your_board stands alone");
    }
    refused(&["asm", "--target", "z80"], "x86_64-unknown-none");
    refused(&["size", "--target", "thumbv7-none-eabi"], "similar");
}

#[test]
fn maps_that_cannot_be_are_told_before_anything_is_built() {
    let size = |capacity, more: &[&'static str]| {
        let fixed = [
            "size",
            "--key",
            "4",
            "--contexts",
            "3",
            "--capacity",
            capacity,
        ];
        [&fixed, more].concat()
    };
    refused(&size("0", &["--value", "4"]), "0 is not in 1..=100000");
    refused(
        &size("9", &["--value", "20000"]),
        "20000 is not in 0..=16384",
    );
    refused(
        &size("9", &["--value", "4", "--symbols"]),
        "cannot be used with",
    );
    refused(&size("9", &[]), "--value <BYTES>");
    refused(&["size", "--guards", "7"], "--capacity <ENTRIES>");
    for (capacity, extra, text) in [
        ("4081", "8", "N is up to 4088 and EXTRA 8"),
        ("9", "4080", "N is up to 16 and EXTRA 4080"),
    ] {
        fails(
            &size(capacity, &["--value", "4", "--extra", extra]),
            2,
            text,
        );
    }
}

#[test]
fn wrong_numbers_name_the_limits() {
    for cores in ["0", "99"] {
        let args = ["run", "flow_table", "--cores", cores];
        fails(&args, 2, "board aarch64 runs on 1 to 8 cores");
    }
    for cores in ["abc", "-1"] {
        let args = ["run", "flow_table", "--cores", cores];
        refused(&args, &format!("invalid value '{cores}' for '--cores"));
    }
    let args = ["run", "flow_table", "--board", "host", "--cores", "1000"];
    fails(&args, 2, "board host runs on 1 to 64 cores");
    let timeout = |text| ["run", "flow_table", "--timeout", text];
    for text in ["soon", "-1"] {
        let invalid = format!("invalid value '{text}' for '--timeout");
        refused(&timeout(text), &invalid);
    }
    for seconds in ["0", "86401"] {
        refused(&timeout(seconds), "is not in 1..=86400");
    }
}

#[test]
fn a_file_for_results_that_cannot_be_written_is_told_before_anything_is_built() {
    let args = ["bench", "aarch64", "--csv", "/nowhere/at/all.csv"];
    fails(&args, 2, "--csv /nowhere/at/all.csv: No such file");
}

#[test]
fn rounds_of_what_is_counted_once_are_refused() {
    let bench = |more: &[&'static str]| [&["bench", "aarch64", "--rounds", "3"], more].concat();
    fails(&bench(&["--only", "counts"]), 2, "needs no rounds");
    refused(&bench(&["--bless"]), "cannot be used with");
}

#[test]
fn bad_captures_are_told_before_anything_is_built() {
    let run = ["run", "flow_table", "--"];
    let with = |more: &[&'static str]| [&run[..], more].concat();
    fails(&with(&["--capture"]), 2, "needs the name of a file");
    fails(
        &with(&["--capture", "/nonexistent/x.pcap"]),
        1,
        "/nonexistent/x.pcap does not exist",
    );
    fails(&with(&["--tsv", "--capture=/"]), 1, "is a folder");
    let twice = ["--capture", "a", "--capture", "b"];
    fails(&with(&twice), 2, "given twice");
}

#[test]
fn a_file_that_was_made_for_a_run_is_gone_after_an_interrupt() {
    const PATIENCE: Duration = Duration::from_secs(60);
    let folder = tempfile::tempdir().unwrap();
    let (made, cargo) = (folder.path().join("made"), folder.path().join("cargo"));
    fs::create_dir(&made).unwrap();
    // A build that does not end.
    let script = "#!/bin/sh\ncase $1 in build) exec sleep 60;; *) exec cargo \"$@\";; esac\n";
    fs::write(&cargo, script).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let capture = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/flow_table/default.pcap"
    );
    let mut child = Command::new(env!("CARGO_BIN_EXE_qemu"))
        .args(["run", "flow_table", "--board", "host", "--capture", "-"])
        .env("TMPDIR", &made)
        .env("CARGO", &cargo)
        .stdin(File::open(capture).unwrap())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let count = || fs::read_dir(&made).unwrap().count();
    while count() == 0 && start.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(count(), 1, "the standard input becomes a file");
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(count(), 0);
}

#[test]
fn a_capture_for_a_program_that_takes_none_is_told_so_on_every_board() {
    // One with memory for a file, one without.
    for board in ["aarch64", "microbit"] {
        let args = ["run", "isr_shared", "--board", board];
        let args = [&args[..], &["--capture", "Cargo.toml"]].concat();
        fails(&args, 2, "isr_shared takes no capture");
    }
}

/// clap refuses the command line with a text that contains this, before anything is built.
#[track_caller]
fn refused(args: &[&str], text: &str) {
    let output = qemu(args);
    let error = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{args:?}: {error}");
    assert!(error.contains(text), "{args:?}: {error}");
    assert!(output.stdout.is_empty(), "{args:?}");
}

#[test]
fn a_soak_that_would_do_nothing_is_refused() {
    for board in ["host", "aarch64"] {
        let soak = |more: &[&'static str]| [&["soak", "--board", board], more].concat();
        refused(&soak(&[]), "<--hours <HOURS>|--operations <OPERATIONS>>");
        for hours in ["0", "nan", "inf", "-1"] {
            let text = "must be a number above 0, such as 0.5";
            refused(&soak(&["--hours", hours]), text);
        }
        for operations in ["0", "-5"] {
            let text = "must be a whole number above 0";
            refused(&soak(&["--operations", operations]), text);
        }
        let threads = soak(&["--operations", "1", "--threads", "65"]);
        refused(&threads, "65 is not in 1..=64");
    }
}

#[test]
fn a_soak_on_a_board_has_no_threads() {
    let mut args = vec!["soak", "--operations", "1", "--board", "aarch64"];
    args.extend(["--threads", "9"]);
    fails(&args, 2, "--threads is for the host only");
}

#[test]
fn no_command_is_a_usage_error() {
    assert_eq!(qemu(&[]).status.code(), Some(2));
    assert_eq!(qemu(&["run"]).status.code(), Some(2));
}

#[test]
fn lists() {
    let output = qemu(&["boards"]);
    assert_eq!(output.status.code(), Some(0));
    let table = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(table.contains("\nx86_64 "), "{table}");

    let output = qemu(&["run", "--list"]);
    assert_eq!(output.status.code(), Some(0));
    let list = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(list.contains("\nflow_table "), "{list}");

    let output = qemu(&["test", "--list", "--board", "aarch64"]);
    assert_eq!(output.status.code(), Some(0));
    let list = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(list.contains("flow_table::aarch64::4: test"), "{list}");
    assert!(list.contains("\naarch64::*: test"), "{list}");
    assert!(
        list.contains("\nexample::isr_shared::aarch64: test"),
        "{list}"
    );
    assert!(!list.contains("x86_64"), "{list}");
}
