//! `cargo qemu size --capacity`: the type to write, and what it costs on each target.

mod costs;
mod plan;
mod report;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use anyhow::{Result, ensure};

use crate::build::{Build, Optimization, Program};
use crate::image::Source;
use crate::size::{CAPACITY, SUBJECTS};
use crate::target::Target;
use costs::{Chains, Costs, chains};
pub use plan::{MAPS, Plan, Wanted};

/// How the code is optimized: as firmware is.
const PROFILE: Optimization = Optimization::Small;

/// Runs the program `sized` on the host, as for 32-bit targets or for 64-bit ones; gives what it prints.
pub type Host<'a> = dyn FnMut(Plan, bool) -> Result<String> + 'a;

/// The targets, and the maps for each.
pub fn plans(
    wanted: &Wanted,
    target: Option<&'static Target>,
) -> Result<Vec<(&'static Target, Plan)>> {
    let targets = Target::choose(target).into_iter();
    targets
        .map(|target| Ok((target, Plan::new(wanted, target.isa.is_32_bit())?)))
        .collect()
}

/// Prints the types and what they cost.
pub fn run(
    wanted: &Wanted,
    target: Option<&'static Target>,
    markdown: bool,
    source: &mut Source<'_>,
    host: &mut Host<'_>,
) -> Result<bool> {
    let mut widths: Vec<Width> = Vec::new();
    for (target, plan) in plans(wanted, target)? {
        let is_32_bit = target.isa.is_32_bit();
        let image = (
            target,
            Costs::of(&source(build(target, Program::Sized(plan)))?)?,
        );
        match widths.iter_mut().find(|width| width.is_32_bit == is_32_bit) {
            Some(width) => width.targets.push(image),
            None => widths.push(Width {
                is_32_bit,
                plan,
                targets: vec![image],
                chains: chains(&host(plan, is_32_bit)?)?,
            }),
        }
    }
    // A reader that has gone away wants no more.
    let _ = io::stdout().write_all(report::text(wanted, &widths, markdown).as_bytes());
    Ok(true)
}

/// The row `size::sizing::TARGET` of the test plan: the maps of a plan cost what those of `evidence` do,
/// which are other statics of the same types, and cells beyond `N` cost memory and save chains.
pub fn check(target: &'static Target, source: &mut Source<'_>, host: &mut Host<'_>) -> Result<()> {
    let wanted = Wanted {
        capacity: CAPACITY as u32,
        key: 4,
        value: 4,
        contexts: 1,
        guards: Some(0),
        extra: None,
    };
    let is_32_bit = target.isa.is_32_bit();
    let plan = Plan::new(&wanted, is_32_bit)?;
    let Costs(costs) = Costs::of(&source(build(target, Program::Sized(plan)))?)?;
    let image = source(build(target, Program::Evidence))?;
    for (map, cost) in MAPS.iter().zip(&costs) {
        let name = format!("{map}<u32,u32>");
        let subject = SUBJECTS.iter().find(|subject| subject.name == name);
        let there = subject.and_then(|subject| subject.memory(&image));
        let memory = cost.memory;
        ensure!(
            there.is_some_and(|(bytes, _)| bytes == memory[0]),
            "{name}: {there:?} in `evidence`, {memory:?} in `sized`"
        );
        ensure!(
            memory.is_sorted_by(|a, b| a < b),
            "{name}: memory by EXTRA: {memory:?}"
        );
        let is_bound = cost.stack.iter().all(|depth| depth.parse::<u64>().is_ok());
        ensure!(is_bound, "{name}: stack: {:?}", cost.stack);
        // As the README and the guide "guarantees" say.
        let stated = if is_32_bit { 19 } else { 47 };
        let bits = cost.version_bits;
        ensure!(
            bits == stated,
            "{name}: {bits} bits of version, not {stated}"
        );
    }
    let chains = chains(&host(plan, is_32_bit)?)?;
    let is_right = |pair: &[Chains]| pair[0].filled > pair[1].filled && pair[0].used > pair[1].used;
    ensure!(
        chains.windows(2).all(is_right) && chains.iter().all(|chains| chains.used > chains.filled),
        "chains: {chains:?}"
    );
    Ok(())
}

fn build(target: &'static Target, program: Program) -> Build {
    Build::new(target, program, PROFILE)
}

/// All targets with words of this width: the maps have the same cells there.
struct Width {
    is_32_bit: bool,
    plan: Plan,
    targets: Vec<(&'static Target, Costs)>,
    chains: [Chains; 3],
}
