//! Tests of the plan.

use std::collections::BTreeSet;

use super::*;
use crate::test::left_out::{LONG_MODELS, MIRI_ARENA, MIRI_MAPS, ROWS};

#[test]
fn a_part_of_each_kind_is_left_to_all() {
    let plan = plan(&Workspace::find().unwrap()).unwrap();
    for (name, _) in ROWS {
        let is_it = |step: &Step| is_left_out(&step.name) && step.name.starts_with(name);
        assert!(plan.iter().any(is_it), "{name}");
    }
    assert!(is_left_out("host::bench") && !is_left_out("host::bench-image"));
    let left_out = plan.iter().filter(|step| is_left_out(&step.name)).count();
    assert!(left_out * 4 < plan.len(), "{left_out} of {}", plan.len());
}

#[test]
fn the_tests_that_rows_name_exist() {
    let root = Workspace::find().unwrap().root;
    let maps = LONG_MODELS
        .iter()
        .chain(MIRI_MAPS)
        .map(|test| ("src", test));
    for (source, test) in maps.chain(MIRI_ARENA.iter().map(|test| ("arena/src", test))) {
        let parts: Vec<_> = test.split("::").collect();
        let [folder, module, .., name] = parts[..] else {
            panic!("{test}: folder, module, name");
        };
        let file = root.join(source).join(folder).join(format!("{module}.rs"));
        let text = std::fs::read_to_string(file).expect(test);
        assert!(text.contains(&format!("fn {name}")), "{test}");
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
