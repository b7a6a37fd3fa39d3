//! Of the text.

use crate::record::{Workload, record, record_pool};
use crate::subjects::Copies;
use crate::text::*;

const GOOD: &str = "something else\nH copy_map::wide 8 8 - 2\nh 0 1 2 i 1 5 n\nnoise\n\
    h 1 3 - u 1 6 -\nh 0 3 4 g 1 - s5\nh 0 5 6 w - - 1:6\nh 0 7 8 l - - 1\nh 0 9 a t 1 7 o6\nE\n";

fn malformed(text: &str) -> (usize, String) {
    match check(text) {
        Err(Failure::Malformed(Malformed { line, what })) => (line, what),
        other => panic!("{other:?} of {text}"),
    }
}

#[test]
fn a_text_is_read_and_checked() {
    let summary = check(GOOD).unwrap();
    let expected = Summary {
        histories: 1,
        operations: 6,
        open: 1,
        refusals: 0,
    };
    assert_eq!(summary, expected);
    let twice = format!("{GOOD}{GOOD}");
    assert_eq!(check(&twice).unwrap().histories, 2);
    for (right, wrong) in [
        ("g 1 - s5", "g 1 - n"),
        ("1:6", "."),
        ("l - - 1", "l - - 2"),
    ] {
        let text = GOOD.replace(right, wrong);
        assert!(
            matches!(check(&text), Err(Failure::Violation { .. })),
            "{wrong}"
        );
    }
    assert!(matches!(check("no history"), Err(Failure::Nothing)));
}

#[test]
fn a_replacement_is_refused_only_where_it_may_be() {
    for (spares, right) in [("-", false), ("1", false), ("0", true)] {
        let text =
            format!("H copy_map::bare 1 {spares} - 1\nh 0 1 2 i 1 5 n\nh 0 3 4 u 1 6 F\nE\n");
        match check(&text) {
            Ok(summary) => assert!(right && summary.refusals == 1, "{spares}"),
            Err(Failure::Violation { .. }) => assert!(!right, "{spares}"),
            Err(other) => panic!("{other}"),
        }
        let history = Reader::new(text.as_bytes()).next().unwrap().unwrap();
        let mut again = Vec::new();
        write(&history, &mut again).unwrap();
        assert_eq!(String::from_utf8(again).unwrap(), text);
    }
    malformed("H copy_map::bare 1 none - 1\nE\n");
}

#[test]
fn what_is_cut_or_garbled_is_an_error_with_its_line() {
    let cut = GOOD.strip_suffix("E\n").unwrap();
    assert_eq!(
        malformed(cut),
        (10, "the text ends within a history".into())
    );
    let again = format!("{cut}{GOOD}");
    assert_eq!(malformed(&again), (11, "a history without its end".into()));
    for (right, wrong) in [
        ("h 0 1 2 i", "h 0 1 i"),
        ("h 0 1 2 i", "h 2 1 2 i"),
        ("h 0 1 2 i", "h 0 2 1 i"),
        ("h 0 1 2 i", "h 0 +1 2 i"),
        ("h 0 1 2 i", "h 0 1 2 I"),
        ("i 1 5 n", "i - 5 n"),
        ("i 1 5 n", "i 1 - n"),
        ("i 1 5 n", "i 1 5 -"),
        ("i 1 5 n", "i 1 5 o1"),
        ("i 1 5 n", "i 1 5 t"),
        ("i 1 5 n", "i 1 5 é"),
    ] {
        let (line, what) = malformed(&GOOD.replace(right, wrong));
        assert_eq!(line, 3, "{wrong}: {what}");
    }
    let (line, _) = malformed("h 0 1 2 g 1 - n\n");
    assert_eq!(line, 1);
}

#[test]
fn the_identifier_is_the_key_of_a_pool() {
    let text = "H pool 2 - 0 2\nh 0 1 2 i - 5 k30\nh 1 1 - i - 6 -\nh 0 3 4 g 30 - s5\n\
        h 0 5 6 r 30 - s5\nh 1 7 8 c 30 - f\nh 0 9 a i - 7 F\nE\n";
    assert_eq!(check(text).unwrap().operations, 6);
    let wrong = text.replace("c 30 - f", "c 30 - t");
    assert!(matches!(check(&wrong), Err(Failure::Violation { .. })));
    let twice = text.replace("h 0 3 4 g 30 - s5", "h 0 3 4 i - 8 k30");
    assert!(matches!(check(&twice), Err(Failure::Violation { .. })));
}

#[test]
fn what_is_written_is_read_again() {
    let load = Workload {
        threads: 3,
        steps: 300,
        keys: 6,
        values: u64::MAX,
        seed: 1,
    };
    let map = Copies(arenamap::CopyMap::<u64, u64, 4>::new());
    let pool = tagged_arena::Pool::<u64, 8>::new();
    for history in [
        record("copy_map::full", &map, load),
        record_pool(&pool, load),
    ] {
        let mut text = Vec::new();
        write(&history, &mut text).unwrap();
        let read = Reader::new(&text[..]).next().unwrap().unwrap();
        assert_eq!(read.ops.len(), history.ops.len());
        let mut again = Vec::new();
        write(&read, &mut again).unwrap();
        assert_eq!(again, text);
        check_all(Reader::new(&text[..])).unwrap();
    }
}
