//! Tests of the plan.

use std::collections::BTreeSet;

use super::*;

#[test]
fn long_steps_exist() {
    let plan = plan(&Workspace::find().unwrap()).unwrap();
    for name in LONG_STEPS {
        assert!(plan.iter().any(|step| step.name == name), "{name}");
    }
}

#[test]
fn long_models_exist() {
    let folder = Workspace::find().unwrap().root.join("src/loom_tests");
    for model in LONG_MODELS {
        let parts: Vec<_> = model.split("::").collect();
        let [_, module, name] = parts[..] else {
            panic!("{model}: crate module, module, name");
        };
        let text = std::fs::read_to_string(folder.join(format!("{module}.rs"))).unwrap();
        assert!(text.contains(&format!("fn {name}")), "{model}");
    }
}

#[test]
fn what_only_builds_needs_no_emulator() {
    let plan = plan(&Workspace::find().unwrap()).unwrap();
    let is_built = |step: &&Step| {
        let parts = ["lint::", "build::", "evidence::"];
        parts.iter().any(|part| step.name.starts_with(part))
    };
    let mut boards = 0;
    for step in plan.iter().filter(is_built) {
        let is_emulator = |need: &Need| matches!(need, Need::Program(_));
        assert!(!step.needs.iter().any(is_emulator), "{}", step.name);
        boards += usize::from(step.board.is_some());
    }
    assert!(boards > 10, "{boards}");
}

#[test]
fn names_are_unique_and_no_prefix_of_another_result() {
    let plan = plan(&Workspace::find().unwrap()).unwrap();
    let names: BTreeSet<_> = plan.iter().map(|step| &step.name).collect();
    assert_eq!(names.len(), plan.len());
    for step in plan.iter().filter(|step| step.expands()) {
        let inside = format!("{}::", step.name);
        assert!(
            !names.iter().any(|name| name.starts_with(&inside)),
            "{}",
            step.name
        );
    }
}

#[test]
fn every_board_has_its_scenarios_and_its_example() {
    let plan = plan(&Workspace::find().unwrap()).unwrap();
    for board in Board::all() {
        let has = |name: &str| plan.iter().any(|step| step.name == name);
        assert!(has(board.name()) || has("host::threads"));
        let cores = board.cores(None).unwrap();
        let flows = has(&format!("flow_table::{}::{cores}", board.name()));
        assert_eq!(flows, board.takes_files());
    }
}
