//! How QEMU is installed: by `apt-get`, by `brew`, or by the user, who is told what.

use crate::need::Step;

/// A package manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manager {
    /// Debian, Ubuntu.
    Apt,
    /// macOS. It belongs to the user and refuses root.
    Brew,
}

/// `apt-get` waits so many seconds while another one installs.
const WAIT: &str = "DPkg::Lock::Timeout=600";

impl Manager {
    /// The first one that `exists`.
    pub fn detect(exists: impl Fn(&str) -> bool) -> Option<Manager> {
        let all = [("apt-get", Manager::Apt), ("brew", Manager::Brew)];
        let found = all.into_iter().find(|(program, _)| exists(program));
        found.map(|(_, manager)| manager)
    }

    /// The commands that install these programs.
    pub fn commands(self, programs: &[&str]) -> Vec<Step> {
        match self {
            Manager::Apt => {
                let refresh = Step {
                    // One broken package source must not stop the installation from the others, nor
                    // another refresh, for whose lock `apt-get` does not wait.
                    optional: true,
                    ..Step::new(&["apt-get", "-o", WAIT, "update"])
                };
                let install = ["apt-get", "-o", WAIT, "install", "-y"];
                let words = [
                    &install[..],
                    &["--no-install-recommends"],
                    &debian(programs),
                ];
                vec![refresh, Step::new(&words.concat())]
            }
            Manager::Brew => vec![Step::new(&["brew", "install", "qemu"])],
        }
    }
}

/// Where there is neither of them: what to install by hand.
pub fn hint(programs: &[&str]) -> String {
    format!(
        "install QEMU by hand; its packages are called {} on Debian, on other systems like the \
         programs, or qemu for all of it",
        debian(programs).join(", ")
    )
}

/// Debian's packages that hold these programs.
fn debian<'a>(programs: &[&'a str]) -> Vec<&'a str> {
    let package = |program: &&'a str| match *program {
        "qemu-system-aarch64" => "qemu-system-arm",
        "qemu-system-x86_64" => "qemu-system-x86",
        "qemu-system-riscv32" | "qemu-system-riscv64" => "qemu-system-misc",
        other => other,
    };
    let mut packages: Vec<_> = programs.iter().map(package).collect();
    packages.sort_unstable();
    packages.dedup();
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROGRAMS: [&str; 3] = [
        "qemu-system-aarch64",
        "qemu-system-arm",
        "qemu-system-x86_64",
    ];

    fn words(manager: Manager) -> Vec<String> {
        let steps = manager.commands(&PROGRAMS);
        steps.iter().map(|step| step.words.join(" ")).collect()
    }

    #[test]
    fn apt_refreshes_first_and_waits_for_a_held_lock() {
        assert_eq!(
            words(Manager::Apt),
            [
                "apt-get -o DPkg::Lock::Timeout=600 update",
                "apt-get -o DPkg::Lock::Timeout=600 install -y --no-install-recommends \
                 qemu-system-arm qemu-system-x86"
            ]
        );
        assert!(Manager::Apt.commands(&PROGRAMS)[0].optional);
    }

    #[test]
    fn one_package_of_brew_has_all() {
        assert_eq!(words(Manager::Brew), ["brew install qemu"]);
    }

    #[test]
    fn the_first_that_exists() {
        let detect = |there: &str| Manager::detect(|name| name == there);
        assert_eq!(detect("brew"), Some(Manager::Brew));
        assert_eq!(detect("dnf"), None);
        assert_eq!(Manager::detect(|_| true), Some(Manager::Apt));
    }

    #[test]
    fn the_hint_names_the_packages() {
        let text = hint(&PROGRAMS);
        assert!(
            text.contains("qemu-system-arm, qemu-system-x86 on Debian"),
            "{text}"
        );
    }
}
