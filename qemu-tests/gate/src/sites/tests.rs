//! Tests of the places.

use super::*;

const SOURCE: &str = "
use a::Ordering;
impl<T> Slots<T> {
fn pin(&self) {
    // (11) AcqRel, as (13) says.
    // kept: nobody reads it,
    // or so it seems.
    let ok = self
        .slot
        .compare_exchange(0, \"ü\".len(), Ordering::AcqRel, Ordering::Acquire);
    // (12) Another.
    fence_after_rmw();
    if self.a.load(Ordering::Relaxed) == 0 { self.a.store(1, Ordering::Release) }
    fence(Ordering::SeqCst);
}
}
#[cfg(test)]
mod tests { fn f(a: &A) { a.load(Ordering::SeqCst); } }
";

fn sites(source: &str) -> Result<(Vec<Site>, String)> {
    rewrite("x.rs", source, "p", 10)
}

#[test]
fn each_place_is_found_with_its_identity() {
    let (sites, _) = sites(SOURCE).unwrap();
    let all: Vec<_> = sites
        .iter()
        .map(|s| (s.id, s.key.number, s.edge.as_str()))
        .collect();
    let edges = [
        (10, 1, "11 13"),
        (11, 2, "11 13"),
        (12, 3, "12"),
        (13, 4, ""),
        (14, 5, ""),
    ];
    assert_eq!(all, edges);
    assert!(sites.iter().all(|site| site.key.function == "Slots::pin"));
    let reason = Some("nobody reads it, or so it seems.");
    assert_eq!(sites[0].kept.as_deref(), reason);
    assert_eq!((sites[1].kept.as_deref(), &sites[2].kept), (reason, &None));
}

/// A reason above one of two orderings is not the other one's.
#[test]
fn a_comment_inside_a_statement_belongs_to_what_stands_below_it() {
    let source = "fn f(a: &A) {
        // (1) Both.
        a.compare_exchange(
            0,
            1,
            // kept: only this one.
            Ordering::Acquire,
            // (2) The other one.
            Ordering::Acquire,
        );
    }";
    let (sites, _) = sites(source).unwrap();
    let all: Vec<_> = sites
        .iter()
        .map(|site| (site.edge.as_str(), site.kept.as_deref()))
        .collect();
    assert_eq!(all, [("", Some("only this one.")), ("2", None)]);
}

#[test]
fn each_place_gets_the_weaker_orderings_that_its_operation_allows() {
    let (sites, _) = sites(SOURCE).unwrap();
    let mutants: Vec<_> = sites.iter().map(|site| site.mutants.as_slice()).collect();
    assert_eq!(mutants[0], ["Acquire", "Release", "Relaxed"]);
    assert_eq!(mutants[1], ["Relaxed"]);
    assert_eq!(mutants[2], ["AcqRel", "removed"]);
    assert_eq!(mutants[3], ["Relaxed"]);
    assert_eq!(mutants[4], ["AcqRel", "removed"]);
}

#[test]
fn what_is_written_chooses_at_run_time_and_is_rust() {
    let (_, text) = sites(SOURCE).unwrap();
    syn::parse_file(&text).unwrap();
    for part in [
        "(0, \"ü\".len(), p::ordering(10, Ordering::AcqRel), p::ordering(11, Ordering::Acquire))",
        "p::fence(12, || fence_after_rmw());",
        "load(Ordering::Relaxed)",
        "store(1, p::ordering(13, Ordering::Release))",
        "p::fence(14, || fence(Ordering::SeqCst));",
        "a.load(Ordering::SeqCst); } }",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn an_ordering_of_an_unknown_operation_is_an_error() {
    assert!(sites("fn f(a: &A) { a.helper(Ordering::AcqRel) }").is_err());
    assert!(sites("fn f(a: &A) { check!(a.load(Ordering::Acquire)) }").is_err());
    assert!(sites("fn f(order: O) { fence(order) }").is_err());
    assert!(sites("fn f() { helper(1) }").unwrap().0.is_empty());
}

#[test]
fn a_text_is_replaced_where_it_stands_once() {
    assert_eq!(replace_once("a b", "b", "c").unwrap(), "a c");
    assert!(replace_once("a b b", "b", "c").is_err());
    assert!(replace_once("a", "b", "c").is_err());
}
