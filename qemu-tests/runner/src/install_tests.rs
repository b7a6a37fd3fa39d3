//! Tests of the installation's decisions, with fake search paths.

use super::*;

fn lines(steps: &[Step]) -> Vec<String> {
    steps.iter().map(|step| step.words.join(" ")).collect()
}

#[test]
fn only_executable_files_are_programs() {
    let folder = std::env::temp_dir().join(format!("qemu-path-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("folder")).unwrap();
    std::fs::write(folder.join("plain"), "").unwrap();
    std::fs::write(folder.join("tool"), "#!/bin/sh\n").unwrap();
    std::fs::set_permissions(folder.join("tool"), PermissionsExt::from_mode(0o755)).unwrap();
    let path = std::env::join_paths(["/nonexistent".as_ref(), folder.as_path()]).unwrap();
    let find = |name| find_program(name, Some(&path));
    assert_eq!(find("tool"), Some(folder.join("tool")));
    assert_eq!(find("plain"), None);
    assert_eq!(find("folder"), None);
    assert_eq!(find("absent"), None);
    assert_eq!(find_program("tool", None), None);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn root_installs_directly() {
    let missing = [Need::Program("qemu-system-x86_64")];
    let steps = commands(&missing, Some(Manager::Apk), Rights::Root).unwrap();
    assert_eq!(lines(&steps), ["apk add --update-cache qemu-system-x86_64"]);
}

#[test]
fn a_user_needs_sudo_or_an_administrator() {
    let missing = [Need::Program("qemu-system-aarch64")];
    let steps = commands(&missing, Some(Manager::Dnf), Rights::Sudo).unwrap();
    let line = lines(&steps).join("\n");
    assert!(line.starts_with("sudo "), "{line}");
    assert!(line.ends_with("dnf install -y qemu-system-aarch64"));

    let error = commands(&missing, Some(Manager::Dnf), Rights::User).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("`dnf install -y qemu-system-aarch64`"));
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
    assert!(text.contains("--board host"), "{text}");
}
