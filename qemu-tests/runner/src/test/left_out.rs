//! What `cargo qemu test` leaves to `--all`, so that it ends while one waits: rows, models, and tests under
//! Miri. A filter that names one of them runs it, too.

/// What the names of rows begin with that hold the longest tests of another row.
pub const LONG_ROW: &str = "long-";
/// The group of the rows in which the layers look for planted faults.
pub const SELF_TESTS: &str = "self-test";

/// Rows that are left out, and what still tells of what they look for. A name that ends in `-` or `::` stands
/// for all that begin so.
pub const ROWS: &[(&str, &str)] = &[
    (
        LONG_ROW,
        "the other tests of the row with the rest of the name",
    ),
    (
        "self-test::",
        "the layers themselves; who changes a layer runs its self-test",
    ),
    (
        "host::bench",
        "nothing: only who changes the benchmarks needs it",
    ),
    ("normal::", "the same scenarios at a smaller scale"),
    (
        "narrow::",
        "loom-narrow::, and the scenarios on the boards of 32 bits",
    ),
    (
        "tiny::fuzz",
        "tiny::arenamap, and host::fuzz with the same corpus",
    ),
    (
        "counts::repeat::",
        "counts::, which fails where a count is not the committed one",
    ),
    ("defmt::aarch64-lse", "defmt::aarch64"),
    ("defmt::armv7a", "defmt::mps2-an386"),
    ("defmt::lm3s6965evb", "defmt::mps2-an386"),
    (
        "defmt::microbit",
        "defmt::riscv32imc, which has no compare-and-swap either",
    ),
    ("defmt::mps2-an521", "defmt::mps2-an386"),
    ("defmt::riscv64", "defmt::riscv32imac"),
    ("defmt::x86_64-microvm", "defmt::x86_64"),
    (
        "verify::board-stops",
        "verify::stops and verify::kills, which stop the same operations on the host",
    ),
    ("verify::fuzz", "host::fuzz with the corpus"),
    ("verify::models", "loom::, without the models below"),
    (
        "verify::programs",
        "loom::; that it compiles, lint::clippy::loom",
    ),
    (
        "verify::schedules",
        "histories of real threads; that it compiles, lint::clippy::shuttle",
    ),
];

/// Whether a row is left to `--all`.
pub fn is_left_out(name: &str) -> bool {
    ROWS.iter().any(|(row, _)| match row.ends_with(['-', ':']) {
        true => name.starts_with(row),
        false => name == *row,
    })
}

/// Models that take more than some seconds each: in rows of their own.
pub const LONG_MODELS: &[&str] = &[
    "loom_tests::races::two_guarded_inserts",
    "loom_tests::races::a_guarded_claim_that_is_given_back_refuses_nobody",
    "loom_tests::races::two_inserts_and_a_removal",
    "loom_tests::one_order::full_though_present",
    "loom_tests::steps::full_though",
    "loom_tests::steps::a_cell_that_is_not_linked_is_left_to_its_owner",
    "loom_tests::cache::of_two_that_evict_each_gets_its_own_back",
    "loom_tests::cache::of_two_that_fill_one_key_each_pair_is_there_or_came_back",
    "loom_tests::chain_firsts::a_look_up_beside_a_first_that_comes_back",
    "loom_tests::chain_firsts::helping_passes_a_replacement_on",
    "loom_tests::chain_guards::a_look_up_and_two_removals_of_a_guarded_first",
    "loom_tests::chain_guards::a_guarded_iteration_beside_a_cell_that_another_bucket_gets",
    "loom_tests::chains::a_freeze_in_vain_beside_an_unlinking_behind",
    "loom_tests::chains::guarded::a_second_freeze_beside_an_unlinking_behind",
    "loom_tests::evict::what_two_hold_and_was_condemned_in_vain",
    "loom_tests::evict::what_has_become_the_first_and_is_pinned",
    "loom_tests::evict::what_is_pinned_in_a_chain",
    "loom_tests::reuse::an_update_finds_a_key_that_moves",
];

/// Tests of `tagged-arena` that Miri runs each time: between them they come to each `unsafe` block but one,
/// which needs a race that no test makes (a claim that is given back).
pub const MIRI_ARENA: &[&str] = &[
    "tests::arena::",
    "tests::cells::",
    "tests::guards::",
    "tests::plain::",
    "tests::plain_threads::",
    "tests::put_back::",
    "tests::pool::",
    "pool::whole::",
    "tests::steps::",
];

/// The same of `arenamap`: what a guard shows, drops, panics, exclusive access, cells that are used again,
/// entries that are taken out by their place, wakers, and threads.
pub const MIRI_MAPS: &[&str] = &[
    "tests::at::a_frozen_entry_is_there_until_it_has_left",
    "tests::cache_fill::",
    "tests::cache_panics::insert_that_evicts",
    "tests::cache_threads::",
    "tests::cache_within::",
    "tests::drops::",
    "tests::exclusive::",
    "tests::guards::a_guard_sees_its_own_entry_whatever_comes_after",
    "tests::heap_values::",
    "tests::ids::",
    "tests::iterate_within::",
    "tests::panics::insert",
    "tests::repair::a_panic_in_a_drop_leaves_it_in_order",
    "tests::reused_cell::",
    "tests::threads_copy::",
    "tests::threads_map::a_guard_outlives_removal_and_replacement",
    "tests::verdicts::",
    "tests::watch_wakers::",
];
