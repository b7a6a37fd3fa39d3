//! System package managers and what they call QEMU.

use crate::install::Step;

/// A package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// Debian, Ubuntu.
    Apt,
    /// Fedora and relatives.
    Dnf,
    /// Arch Linux.
    Pacman,
    /// openSUSE.
    Zypper,
    /// Alpine.
    Apk,
    /// macOS.
    Brew,
}

const ALL: [Manager; 6] = [
    Manager::Apt,
    Manager::Dnf,
    Manager::Pacman,
    Manager::Zypper,
    Manager::Apk,
    Manager::Brew,
];

/// The names of all that are known.
pub fn names() -> String {
    ALL.map(Manager::program).join(", ")
}

impl Manager {
    /// The first one that `exists`.
    pub fn detect(exists: impl Fn(&str) -> bool) -> Option<Manager> {
        ALL.into_iter().find(|manager| exists(manager.program()))
    }

    /// The name of its program.
    pub fn program(self) -> &'static str {
        match self {
            Manager::Apt => "apt-get",
            Manager::Dnf => "dnf",
            Manager::Pacman => "pacman",
            Manager::Zypper => "zypper",
            Manager::Apk => "apk",
            Manager::Brew => "brew",
        }
    }

    /// Whether it needs root; Homebrew refuses root.
    pub fn wants_root(self) -> bool {
        self != Manager::Brew
    }

    /// The package that holds a QEMU program. A program that is in no row is looked for under
    /// its own name.
    fn package(self, program: &str) -> &str {
        match (self, program) {
            (Manager::Apt, "qemu-system-aarch64" | "qemu-system-arm") => "qemu-system-arm",
            (Manager::Apt, "qemu-system-x86_64") => "qemu-system-x86",
            (Manager::Apt, "qemu-system-riscv32" | "qemu-system-riscv64") => "qemu-system-misc",
            (Manager::Dnf | Manager::Pacman, "qemu-system-x86_64") => "qemu-system-x86",
            (Manager::Dnf | Manager::Pacman, "qemu-system-riscv32" | "qemu-system-riscv64") => {
                "qemu-system-riscv"
            }
            (Manager::Zypper, "qemu-system-aarch64" | "qemu-system-arm") => "qemu-arm",
            (Manager::Zypper, "qemu-system-x86_64") => "qemu-x86",
            (Manager::Zypper, "qemu-system-riscv32" | "qemu-system-riscv64") => "qemu-extra",
            (Manager::Brew, _) => "qemu",
            (_, other) => other,
        }
    }

    /// The commands that install these programs.
    pub fn commands(self, programs: &[&str]) -> Vec<Step> {
        let mut packages: Vec<&str> = programs.iter().map(|name| self.package(name)).collect();
        packages.sort_unstable();
        packages.dedup();
        let (refresh, install): (Option<&[&str]>, &[&str]) = match self {
            Manager::Apt => (
                Some(&["apt-get", "update"]),
                &["apt-get", "install", "-y", "--no-install-recommends"],
            ),
            Manager::Dnf => (None, &["dnf", "install", "-y"]),
            Manager::Pacman => (None, &["pacman", "-Sy", "--noconfirm", "--needed"]),
            Manager::Zypper => (None, &["zypper", "--non-interactive", "install"]),
            Manager::Apk => (None, &["apk", "add", "--update-cache"]),
            Manager::Brew => (None, &["brew", "install"]),
        };
        let refresh = refresh.map(|words| Step {
            // One broken package source must not stop the installation from the others.
            optional: true,
            ..Step::new(words)
        });
        let install = Step::new(&[install, &packages].concat());
        refresh.into_iter().chain([install]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(manager: Manager, programs: &[&str]) -> Vec<String> {
        let steps = manager.commands(programs);
        steps.iter().map(|step| step.words.join(" ")).collect()
    }

    #[test]
    fn apt_refreshes_first() {
        assert_eq!(
            words(Manager::Apt, &["qemu-system-aarch64", "qemu-system-x86_64"]),
            [
                "apt-get update",
                "apt-get install -y --no-install-recommends qemu-system-arm qemu-system-x86"
            ]
        );
        assert!(Manager::Apt.commands(&["qemu-system-x86_64"])[0].optional);
    }

    #[test]
    fn one_package_for_both() {
        assert_eq!(
            words(
                Manager::Brew,
                &["qemu-system-aarch64", "qemu-system-x86_64"]
            ),
            ["brew install qemu"]
        );
    }

    #[test]
    fn the_first_that_exists() {
        assert_eq!(Manager::detect(|name| name == "apk"), Some(Manager::Apk));
        assert_eq!(Manager::detect(|_| false), None);
    }
}
