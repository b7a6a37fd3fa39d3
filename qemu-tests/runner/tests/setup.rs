//! `cargo qemu setup` on a made-up machine: a search path that holds only what each test puts there.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

/// A machine on which everything but QEMU is installed.
struct Machine {
    folder: PathBuf,
}

impl Machine {
    fn new(name: &str) -> Machine {
        let folder = std::env::temp_dir().join(format!("qemu-setup-{}-{name}", std::process::id()));
        fs::create_dir_all(folder.join("bin")).unwrap();
        fs::create_dir_all(folder.join("lib")).unwrap();
        fs::write(folder.join("lib/libcore-0.rlib"), "").unwrap();
        let machine = Machine { folder };
        let cargo = std::env::var("CARGO").unwrap();
        let metadata = format!("if [ \"$1\" = metadata ]; then exec {cargo} \"$@\"; fi");
        machine.program("cargo", &metadata);
        // The toolchain's libraries lie in `lib`, the programs of `llvm-tools` in `bin` beside it.
        machine.program("rustc", &format!("echo {}/lib", machine.folder.display()));
        machine.program("llvm-objdump", "");
        machine.program("rustup", "echo miri; echo rust-src");
        // For testers who are not root.
        machine.program("sudo", "[ \"$1\" = -n ] && shift; exec \"$@\"");
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    fn program(&self, name: &str, script: &str) {
        // Written by another process: a file that this one has open for writing cannot be started
        // while a child of another test's thread still holds the descriptor.
        let status = Command::new("/bin/sh")
            .args(["-c", "printf '%s' \"$1\" > \"$0\" && chmod 755 \"$0\""])
            .arg(self.path(name))
            .arg(format!("#!/bin/sh\n{script}\n"))
            .status();
        assert!(status.unwrap().success());
    }

    /// A package manager that logs its calls and, on `install`, installs QEMU.
    fn apt_get(&self) {
        let folder = self.folder.display();
        let script = format!(
            "echo \"apt-get $*\" >> {folder}/log\n\
             [ \"$3\" = install ] || exit 0\n\
             for name in aarch64 arm riscv32 riscv64 x86_64; do\n\
             echo '#!/bin/sh' > {folder}/bin/qemu-system-$name\n\
             /bin/chmod +x {folder}/bin/qemu-system-$name\n\
             done"
        );
        self.program("apt-get", &script);
    }

    fn setup(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_qemu"))
            .arg("setup")
            .args(args)
            .env("PATH", self.folder.join("bin"))
            .env("CARGO", self.path("cargo"))
            .env_remove("RUSTC")
            .output()
            .unwrap()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[track_caller]
fn ends(output: &Output, code: i32, texts: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    for text in texts {
        assert!(stderr.contains(text), "no {text:?} in: {stderr}");
    }
    assert!(output.stdout.is_empty(), "stdout is for data");
}

const UPDATE: &str = "apt-get -o DPkg::Lock::Timeout=600 update\n";
const INSTALL: &str = "apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends \
                       qemu-system-arm qemu-system-misc qemu-system-x86";

#[test]
fn installs_what_is_missing_and_says_how() {
    let machine = Machine::new("install");
    machine.apt_get();
    let output = machine.setup(&[]);
    ends(&output, 0, &["missing: ", UPDATE, INSTALL, "is installed"]);
    assert_eq!(machine.log(), format!("{UPDATE}{INSTALL}\n"));

    // The second time there is nothing to do.
    let output = machine.setup(&[]);
    ends(&output, 0, &["is installed"]);
    assert_eq!(machine.log().lines().count(), 2);
}

#[test]
fn no_install_only_tells() {
    let machine = Machine::new("tell");
    machine.apt_get();
    let output = machine.setup(&["--no-install"]);
    ends(&output, 1, &["qemu-system-aarch64", INSTALL]);
    assert_eq!(machine.log(), "");
}

#[test]
fn a_failed_installation_is_an_error() {
    let machine = Machine::new("fail");
    machine.program("apt-get", "echo no network >&2; exit 100");
    let output = machine.setup(&[]);
    ends(&output, 1, &["no network", "going on", "exit status: 100"]);
}

#[test]
fn an_installation_that_installs_nothing_is_an_error() {
    let machine = Machine::new("nothing");
    machine.program("apt-get", "exit 0");
    ends(&machine.setup(&[]), 1, &["still missing"]);
}

#[test]
fn without_a_known_package_manager_it_names_the_packages() {
    let machine = Machine::new("alone");
    machine.program("dnf", "exit 0");
    let packages = "qemu-system-arm, qemu-system-misc, qemu-system-x86";
    ends(
        &machine.setup(&[]),
        1,
        &["by hand", packages, "--board host"],
    );
}

#[test]
fn without_rustup_a_missing_target_is_a_clear_error() {
    let machine = Machine::new("distro");
    machine.apt_get();
    fs::remove_file(machine.path("rustup")).unwrap();
    fs::remove_file(machine.folder.join("lib/libcore-0.rlib")).unwrap();
    ends(
        &machine.setup(&[]),
        1,
        &["does not come from rustup", "thumbv6m-none-eabi"],
    );
    assert_eq!(machine.log(), "");
}
