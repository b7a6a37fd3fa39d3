//! The search for an order, by hand; programs and maps without a model checker.

use crate::call::{Answer, Call, Event};
use crate::order::{Rest, Run, explained};
use crate::program::{Case, Fences, Kind, Program, Spread};

const CASE: Case = Case {
    kind: Kind::Wide,
    n: 2,
    extra: 0,
    spread: Spread::Chains,
};

/// An operation at all times, unless it gets others.
fn event(call: Call, answer: Answer) -> Event {
    Event {
        call,
        answer,
        begin: 0,
        end: u64::MAX,
    }
}

fn run(contexts: &[&[Event]], entries: &[(usize, u32)]) -> Run {
    Run {
        setup: Vec::new(),
        contexts: contexts.iter().map(|events| events.to_vec()).collect(),
        rest: Rest {
            entries: entries.to_vec(),
            found: entries
                .iter()
                .map(|&(key, value)| (key, Some(value)))
                .collect(),
            room: CASE.n - entries.len(),
            leaked: 0,
        },
    }
}

#[test]
fn store_buffering_needs_the_whole_map() {
    let put = |key| event(Call::Insert(key, 7), Answer::Nothing);
    let get = |key, answer| event(Call::Get(key), answer);
    let both = [(1, 7), (2, 7)];
    let one = [put(1), get(2, Answer::Nothing)];
    let missed = [put(2), get(1, Answer::Nothing)];
    let seen = [put(2), get(1, Answer::Found(7))];
    assert!(explained(&CASE, &run(&[&one, &seen], &both), Fences::None));
    assert!(!explained(
        &CASE,
        &run(&[&one, &missed], &both),
        Fences::None
    ));
    // Each key alone has an order.
    let put = [put(1)];
    assert!(explained(
        &CASE,
        &run(&[&put, &missed], &both),
        Fences::None
    ));
}

#[test]
fn real_time_is_respected_if_wanted() {
    let put = Event {
        begin: 0,
        end: 1,
        ..event(Call::Insert(1, 7), Answer::Nothing)
    };
    let late = Event {
        begin: 2,
        end: 3,
        ..event(Call::Get(1), Answer::Nothing)
    };
    let run = run(&[&[put], &[late]], &[(1, 7)]);
    assert!(explained(&CASE, &run, Fences::None));
    assert!(!explained(&CASE, &run, Fences::Around));
}

#[test]
fn a_refusal_needs_as_many_cells_taken() {
    let refused = event(Call::Insert(3, 9), Answer::Full);
    let get = event(Call::Get(1), Answer::Nothing);
    let put = event(Call::Insert(1, 7), Answer::Nothing);
    // Two cells, and none is taken.
    assert!(!explained(
        &CASE,
        &run(&[&[refused], &[get]], &[]),
        Fences::None
    ));
    // One may be, and its context may hold another.
    assert!(explained(
        &CASE,
        &run(&[&[refused], &[put]], &[(1, 7)]),
        Fences::None
    ));
    // Not beside a key that is there: it is replaced, and all but its own cell are free.
    let again = event(Call::Insert(1, 9), Answer::Full);
    assert!(!explained(
        &CASE,
        &run(&[&[put, again]], &[(1, 7)]),
        Fences::None
    ));
}

/// What the one context has freed may not be visible yet, if nothing but look-ups followed.
#[test]
fn look_ups_do_not_end_what_is_before_them() {
    let case = Case { extra: 1, ..CASE };
    let setup = event(Call::Insert(1, 1), Answer::Nothing);
    let replaced = event(Call::Insert(1, 2), Answer::Found(1));
    let missed = event(Call::Get(2), Answer::Nothing);
    let put = event(Call::Insert(2, 3), Answer::Nothing);
    let refused = event(Call::Insert(1, 4), Answer::Full);
    let both = [(1, 2), (2, 3)];
    let mut run = run(&[&[replaced, missed], &[put, refused]], &both);
    run.setup = vec![setup];
    assert!(explained(&case, &run, Fences::None));
    assert!(!explained(&case, &run, Fences::BehindLookUps));
}

#[test]
fn what_is_left_counts() {
    let put = event(Call::Insert(1, 7), Answer::Nothing);
    let good = run(&[&[put]], &[(1, 7)]);
    assert!(explained(&CASE, &good, Fences::None));
    let mut less = good.clone();
    less.rest.room -= 1;
    assert!(!explained(&CASE, &less, Fences::None), "a cell is lost");
    let mut leaked = good.clone();
    leaked.rest.leaked = 1;
    assert!(
        !explained(&CASE, &leaked, Fences::None),
        "a value is not dropped"
    );
    let mut twice = good.clone();
    twice.rest.entries.push((1, 7));
    assert!(
        !explained(&CASE, &twice, Fences::None),
        "an entry is there twice"
    );
}

#[test]
fn programs_are_what_they_were() {
    for seed in 0..200 {
        let (one, two) = (Program::random(seed), Program::random(seed));
        assert_eq!(one.show(None), two.show(None));
        assert!((2..=3).contains(&one.contexts.len()));
        let most = if one.contexts.len() == 2 { 3 } else { 2 };
        assert!(
            one.contexts
                .iter()
                .all(|calls| (1..=most).contains(&calls.len()))
        );
        assert!(one.fences != Fences::None || one.contexts.len() == 2);
    }
}

/// Contexts one after the other: their order explains what they said.
#[cfg(not(tagged_arena_loom))]
#[test]
fn programs_run_one_context_after_the_other() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};
    for seed in 0..2000 {
        let program = Program::random(seed);
        let alive = Arc::new(AtomicI64::new(0));
        let subject = crate::subject::make(&program.case, &alive);
        let perform = |context| {
            let subject = &subject;
            move |&call: &Call| event(call, subject.call(context, call))
        };
        let setup = program.setup.iter().map(perform(0)).collect();
        let contexts = program.contexts.iter().enumerate();
        let contexts = contexts.map(|(at, calls)| calls.iter().map(perform(at + 1)).collect());
        let contexts = contexts.collect();
        let mut rest = subject.rest(&program.keys());
        drop(subject);
        rest.leaked = alive.load(Ordering::Relaxed);
        let run = Run {
            setup,
            contexts,
            rest,
        };
        assert!(
            explained(&program.case, &run, Fences::None),
            "{}",
            program.show(Some(&run))
        );
    }
}
