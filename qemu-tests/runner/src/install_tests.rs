//! Tests of the installation's decisions, with fake search paths.

use super::*;

fn lines(steps: &[Step]) -> Vec<String> {
    steps.iter().map(|step| step.words.join(" ")).collect()
}

#[test]
fn root_installs_directly() {
    let missing = [Need::Program("qemu-system-x86_64")];
    let steps = commands(&missing, Some(Manager::Apt), Rights::Root).unwrap();
    assert_eq!(lines(&steps).len(), 2);
    assert!(
        lines(&steps)
            .iter()
            .all(|line| line.starts_with("apt-get "))
    );
}

#[test]
fn a_user_needs_sudo_or_an_administrator() {
    let missing = [Need::Program("qemu-system-aarch64")];
    let steps = commands(&missing, Some(Manager::Apt), Rights::Sudo).unwrap();
    for line in lines(&steps) {
        assert!(
            line.starts_with("sudo ") && line.contains(" apt-get "),
            "{line}"
        );
    }

    let error = commands(&missing, Some(Manager::Apt), Rights::User).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("install -y --no-install-recommends qemu-system-arm`"),
        "{text}"
    );
    assert!(text.contains("--board host"));

    // Homebrew belongs to the user.
    let steps = commands(&missing, Some(Manager::Brew), Rights::User).unwrap();
    assert_eq!(lines(&steps), ["brew install qemu"]);
}

#[test]
fn without_a_manager_the_error_says_what_to_do() {
    let missing = [Need::Program("qemu-system-aarch64")];
    let text = commands(&missing, None, Rights::Root)
        .unwrap_err()
        .to_string();
    assert!(text.contains("qemu-system-aarch64 not found"), "{text}");
    assert!(text.contains("called qemu-system-arm on Debian"), "{text}");
    assert!(text.contains("--board host"), "{text}");
}
