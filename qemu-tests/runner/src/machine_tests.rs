//! Tests of how the ends of runs are judged, with shell scripts in the place of programs.

use super::*;
use crate::failure::code_of;

fn job(board: &str, program: &Path) -> Job {
    Job {
        board: Board::parse(board).unwrap(),
        cores: 2,
        program: program.into(),
        args: vec!["--tsv".into(), "a b".into()],
        capture: None,
        icount: false,
        timeout: Duration::from_secs(20),
        colours: false,
    }
}

/// Runs a shell script on the "host board".
fn run_script(script: &str, timeout: Duration) -> (Result<u8>, String) {
    let mut job = job("host", Path::new("/bin/sh"));
    job.timeout = timeout;
    job.args = ["-c", script, "--tsv", "a b"].map(String::from).to_vec();
    let mut text = Vec::new();
    let result = job.run(&mut |_, bytes| {
        text.extend_from_slice(bytes);
        Flow::Continue
    });
    (result, String::from_utf8(text).unwrap())
}

const LONG: Duration = Duration::from_secs(30);

#[test]
fn a_program_on_threads_gets_its_cores_and_arguments() {
    let script = r#"echo "$TARGETS_CORES|${TARGETS_FILE-none}|$0|$1"; exit 9"#;
    let (result, text) = run_script(script, LONG);
    assert_eq!(text, "2|none|--tsv|a b\n");
    assert_eq!(result.unwrap(), 9);
}

#[test]
fn death_and_delay_are_failures() {
    let (result, _) = run_script("kill -SEGV $$", LONG);
    let error = result.unwrap_err();
    assert_eq!(code_of(&error), 139);
    assert_eq!(error.to_string(), "the program was killed by signal 11");

    let (result, text) = run_script("echo on; sleep 60", Duration::from_millis(300));
    assert_eq!(code_of(&result.unwrap_err()), TIMED_OUT);
    assert_eq!(text, "on\n");
}

#[test]
fn a_line_of_qemu_stays_whole() {
    let job = job("aarch64", Path::new("/x"));
    let mut shell = Command::new("sh");
    // The pauses are far longer than what the runner waits for more.
    let script = "printf 'qemu:' >&2; sleep .2; echo text; sleep .2; echo ' warning' >&2; \
                  printf '\\0030\\n'; printf 'no end' >&2";
    shell.args(["-c", script]);
    let mut text = Vec::new();
    let result = job.run_guest(&protocol::AARCH64, shell, &mut |stream, bytes| {
        assert_eq!(stream, Stream::Err);
        text.extend_from_slice(bytes);
        Flow::Continue
    });
    assert_eq!(result.unwrap(), 0);
    assert_eq!(
        String::from_utf8(text).unwrap(),
        "text\nqemu: warning\nno end"
    );
}

#[test]
fn a_guest_must_say_how_it_ended() {
    let job = job("aarch64", Path::new("/x"));
    let arm = |end, last| job.verdict_of_guest(&protocol::AARCH64, end, last);
    let x86 = |end, last| job.verdict_of_guest(&protocol::X86_64, end, last);
    assert_eq!(arm(End::Exited(0), LastWord::Code(0)).unwrap(), 0);
    assert_eq!(arm(End::Exited(101), LastWord::Code(101)).unwrap(), 101);
    assert_eq!(x86(End::Exited(203), LastWord::Code(101)).unwrap(), 101);
    for (end, last, code) in [
        (End::Exited(0), LastWord::Missing, 1),
        (End::Exited(1), LastWord::Missing, 1),
        (End::Exited(0), LastWord::Garbled, 1),
        (End::Exited(0), LastWord::Overlong, 1),
        (End::Exited(1), LastWord::Code(0), 1),
        (End::Exited(0), LastWord::Code(101), 101),
        (End::Signalled(9), LastWord::Code(0), 137),
        (End::TimedOut, LastWord::Code(0), TIMED_OUT),
        (End::Stopped, LastWord::Missing, STDOUT_CLOSED),
    ] {
        let error = arm(end, last).unwrap_err();
        assert_eq!(code_of(&error), code, "{end:?} {last:?}: {error}");
    }
}

#[test]
fn a_malformed_log_frame_is_a_failure() {
    assert_eq!(with_log(0, None).unwrap(), 0);
    assert_eq!(with_log(101, Some("cut short")).unwrap(), 101);
    let error = with_log(0, Some("core 2: cut short")).unwrap_err();
    assert_eq!(code_of(&error), 1);
    assert!(error.to_string().contains("core 2: cut short"), "{error}");
}

fn words(job: &Job) -> Vec<String> {
    let Board::Guest(board) = job.board else {
        panic!("a guest")
    };
    let command = job.qemu(board).unwrap();
    command
        .get_args()
        .map(|word| word.to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_command_line_of_qemu() {
    let all = words(&job("x86_64", Path::new("/elf"))).join(" ");
    assert!(all.contains("-smp 2 "), "{all}");
    assert!(all.contains("-append --tsv a%20b "), "{all}");
    assert!(all.ends_with("-kernel /elf"), "{all}");
    assert!(!all.contains("loader"), "{all}");
}

#[test]
fn a_capture_is_loaded_into_memory() {
    let mut job = job("aarch64", Path::new("/elf"));
    let with = |len, path: &str| Some(Capture::at(path.into(), len));
    job.capture = with(3, "/a,b.pcap");
    let all = words(&job).join(" ");
    assert!(all.contains("file=/a,,b.pcap"), "{all}");
    assert!(all.contains("file=50000000:3 --tsv"), "{all}");

    // QEMU refuses to load an empty file: only its length is told.
    job.capture = with(0, "/empty");
    let all = words(&job).join(" ");
    assert!(!all.contains("loader"), "{all}");
    assert!(all.contains("file=50000000:0 "), "{all}");

    job.capture = with(1 << 40, "/huge");
    let error = job.qemu(&protocol::AARCH64).unwrap_err().to_string();
    assert!(error.contains("takes at most"), "{error}");
    job.capture = None;
    job.args.push("x".repeat(5000));
    assert!(job.qemu(&protocol::AARCH64).is_err());
}
