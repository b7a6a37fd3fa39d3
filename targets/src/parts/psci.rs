//! Arm's power state coordination interface: starts cores.

/// Starts core by core, until there is none any more or there are as many as may be; says how many there are
/// with this one. `cpu_on` calls `CPU_ON` for a core, and returns what that returns.
///
/// # Panics
/// If a core that is there cannot be started.
pub fn start_others(most: usize, cpu_on: impl Fn(usize) -> isize) -> usize {
    const INVALID_PARAMETERS: isize = -2;

    let mut count = 1;
    while count < most {
        match cpu_on(count) {
            0 => count += 1,
            // There is no such core: QEMU was started with as many as we have counted.
            INVALID_PARAMETERS => break,
            error => panic!("core {count} cannot be started: PSCI error {error}"),
        }
    }
    count
}
