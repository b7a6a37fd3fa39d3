//! Models of chains: of what leaves them at the head, behind it, and of both at once.

use super::chain_firsts::try_take_first;
use super::chained::*;
use super::support::large_model as model;
use super::{model_of, over, together};
use std::vec;
use tagged_arena::sync::NARROW;

/// Makes a test of each model for each kind of map.
macro_rules! on_each {
    ($($name:ident)+) => {
        mod wide { $(#[test] fn $name() { super::$name::<super::Wide>() })+ }
        mod narrow { $(#[test] fn $name() { super::$name::<super::Narrow>() })+ }
        mod guarded { $(#[test] fn $name() { super::$name::<super::Guarded>() })+ }
    };
}

on_each! {
    a_removal_of_the_first_beside_a_look_up_of_the_second
    removals_of_the_first_and_of_the_second
    removals_of_the_second_and_of_the_third
    two_removals_of_the_first
    two_removals_of_the_second
    a_replacement_that_comes_home_beside_a_look_up
    a_replacement_that_comes_home_beside_an_insert
    a_replacement_that_comes_home_beside_a_removal
    a_replacement_that_comes_home_beside_one_behind_it
    two_replacements_of_the_first
    an_insert_in_front_beside_a_removal_of_the_first
    an_insert_in_front_beside_a_removal_behind
    a_freeze_beside_an_unlinking_behind
    a_second_freeze_beside_an_unlinking_behind
    a_replacement_behind_beside_a_removal_of_the_first
    two_inserts_in_front
    an_entry_in_front_that_is_counted_is_found
    a_cell_of_the_chain_is_reused_under_a_look_up
    a_cell_of_the_chain_is_reused_for_the_key_that_is_looked_up
    a_cell_of_the_chain_becomes_a_seat_elsewhere_under_a_look_up
    a_guest_beside_its_neighbours_inserts
    a_count_beside_a_replacement_that_comes_home
}

fn a_removal_of_the_first_beside_a_look_up_of_the_second<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2], 0);
        on!(map;
            |map: &M| assert_eq!(map.take(1), Some(10)),
            |map: &M| assert_eq!(map.find(2), Some(20), "in the map all the while"));
        has(&*map, &[(2, 20)]);
    });
}

fn removals_of_the_first_and_of_the_second<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2], 0);
        on!(map;
            |map: &M| assert_eq!(map.take(1), Some(10)),
            |map: &M| assert_eq!(map.take(2), Some(20)));
        has(&*map, &[]);
    });
}

fn removals_of_the_second_and_of_the_third<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2, 3], 0);
        on!(map;
            |map: &M| assert_eq!(map.take(2), Some(20)),
            |map: &M| assert_eq!(map.take(3), Some(30)));
        has(&*map, &[(1, 10)]);
    });
}

/// One comes to it when the other one has sealed it and not unlinked it yet: two preemptions.
fn two_removals_of_the_second<M: Subject>() {
    super::support::model(|| {
        let map = with_chain::<M>(&[1, 2], 0);
        let removed = on!(map; |map: &M| map.take(2), |map: &M| map.take(2));
        assert_eq!(removed.iter().flatten().count(), 1, "{removed:?}");
        has(&*map, &[(1, 10)]);
    });
}

fn two_removals_of_the_first<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2], 0);
        let took = on!(map;
            |map: &M| map.take(1),
            |map: &M| map.take(1));
        assert!(
            matches!(took[..], [Some(10), None] | [None, Some(10)]),
            "{took:?}"
        );
        has(&*map, &[(2, 20)]);
    });
}

fn a_replacement_that_comes_home_beside_a_look_up<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1], 0);
        on!(map;
        |map: &M| assert_eq!(map.put(1, 11), Some(10)),
        |map: &M| {
            let found = map.find(1);
            assert!(matches!(found, Some(10 | 11)), "never absent: {found:?}");
        });
        has(&*map, &[(1, 11)]);
        assert_eq!(map.census().chained, usize::from(M::IN_PLACE));
    });
}

fn a_replacement_that_comes_home_beside_an_insert<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1], SEATS - 1);
        on!(map;
            |map: &M| assert_eq!(map.put(1, 11), Some(10)),
            |map: &M| assert_eq!(map.put(2, 20), None));
        has(&*map, &[(1, 11), (2, 20)]);
    });
}

fn a_replacement_that_comes_home_beside_a_removal<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1], 0);
        let said = on!(map;
            |map: &M| map.put(1, 11),
            |map: &M| map.take(1));
        match said[..] {
            [Some(10), Some(11)] => has(&*map, &[]),
            [None, Some(10)] => has(&*map, &[(1, 11)]),
            _ => panic!("{said:?}"),
        }
    });
}

fn a_replacement_that_comes_home_beside_one_behind_it<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2], 0);
        on!(map;
            |map: &M| assert_eq!(map.put(1, 11), Some(10)),
            |map: &M| assert_eq!(map.take(2), Some(20)));
        has(&*map, &[(1, 11)]);
    });
}

fn two_replacements_of_the_first<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2], 0);
        let said = on!(map;
            |map: &M| map.put(1, 11),
            |map: &M| map.put(1, 12));
        match said[..] {
            [Some(10), Some(11)] => has(&*map, &[(1, 12), (2, 20)]),
            [Some(12), Some(10)] => has(&*map, &[(1, 11), (2, 20)]),
            _ => panic!("{said:?}"),
        }
    });
}

/// A new entry comes to the head: the first is behind it then, and was frozen in vain.
fn an_insert_in_front_beside_a_removal_of_the_first<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1], SEATS);
        on!(map;
            |map: &M| assert_eq!(map.put(2, 20), None),
            |map: &M| assert_eq!(map.take(1), Some(10)));
        has(&*map, &[(2, 20)]);
    });
}

fn an_insert_in_front_beside_a_removal_behind<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2], SEATS);
        on!(map;
            |map: &M| assert_eq!(map.put(3, 30), None),
            |map: &M| assert_eq!(map.take(2), Some(20)));
        has(&*map, &[(1, 10), (3, 30)]);
    });
}

/// What the first links to is taken out while the first is: the third must not be lost, nor the second come
/// back.
fn a_freeze_beside_an_unlinking_behind<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2, 3], 0);
        on!(map;
            |map: &M| assert_eq!(map.take(1), Some(10)),
            |map: &M| assert_eq!(map.take(2), Some(20)));
        has(&*map, &[(3, 30)]);
    });
}

/// First and second go, in either order, while the third is looked up. (Three threads take too long.)
fn a_look_up_beside_a_freeze_and_an_unlinking<M: Subject>(preemptions: usize) {
    for removed in [[1, 2], [2, 1]] {
        model_of(preemptions, move || {
            let map = with_chain::<M>(&[1, 2, 3], 0);
            on!(map;
            move |map: &M| {
                for key in removed {
                    assert_eq!(map.take(key), Some(10 * key));
                }
            },
            |map: &M| assert_eq!(map.find(3), Some(30), "in the map all the while"));
            has(&*map, &[(3, 30)]);
        });
    }
}

/// As [`a_freeze_beside_an_unlinking_behind`], and another removal of the first was suspended when it had
/// frozen its word.
fn a_second_freeze_beside_an_unlinking_behind<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2, 3], 0);
        freeze_first(&*map);
        on!(map;
            |map: &M| assert_eq!(map.take(1), Some(10)),
            |map: &M| assert_eq!(map.take(2), Some(20)));
        has(&*map, &[(3, 30)]);
    });
}

/// The first was frozen in vain: a new entry came in front of it. That one goes, so that it is the first
/// again, and is taken out while the one behind it is, by a removal that saw it behind another one.
#[test]
fn a_freeze_in_vain_beside_an_unlinking_behind() {
    // It needs two.
    model_of(2, || {
        let map = with_chain::<Wide>(&[1, 2], SEATS);
        freeze_first(&*map);
        assert_eq!(map.put(3, 30), None);
        freeze_first(&*map);
        let first = chain(map.table())[0];
        let taken = on!(map;
        move |map: &Wide| {
            let taken = try_take_first(map.table(), first);
            assert_eq!(map.take(1), Some(10));
            taken
        },
        |map: &Wide| map.take(2) == Some(20));
        assert!(taken[1], "nobody else takes the second");
        chain(map.table());
        assert_eq!((map.find(1), map.find(2)), (None, None));
    });
}

fn a_replacement_behind_beside_a_removal_of_the_first<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2], 0);
        on!(map;
            |map: &M| assert_eq!(map.take(1), Some(10)),
            |map: &M| assert_eq!(map.put(2, 22), Some(20)));
        has(&*map, &[(2, 22)]);
    });
}

/// Whichever is behind is live, whoever gets on first.
fn two_inserts_in_front<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[], SEATS);
        on!(map;
            |map: &M| assert_eq!(map.put(1, 10), None),
            |map: &M| assert_eq!(map.put(2, 20), None));
        has(&*map, &[(1, 10), (2, 20)]);
        assert_eq!(map.census().chained, 2);
    });
}

/// Who is told of a live entry finds it.
fn an_entry_in_front_that_is_counted_is_found<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[], SEATS);
        on!(map;
            |map: &M| assert_eq!(map.put(1, 10), None),
            |map: &M| assert!(map.count() == SEATS || map.find(1) == Some(10)));
        has(&*map, &[(1, 10)]);
    });
}

/// The second goes, and its cell becomes the chain's first: a look-up that stands there has its key and
/// value of one entry, and finds what is behind it.
fn a_cell_of_the_chain_is_reused_under_a_look_up<M: Subject>() {
    reused_under(|map: &M| assert_eq!(map.find(3), Some(30), "in the map all the while"));
}

fn a_cell_of_the_chain_is_reused_for_the_key_that_is_looked_up<M: Subject>() {
    reused_under(|map: &M| assert!(matches!(map.find(4), None | Some(40))));
}

fn reused_under<M: Subject>(look: fn(&M)) {
    model(move || {
        let map = with_chain::<M>(&[1, 2, 3], SEATS);
        on!(map;
        |map: &M| {
            assert_eq!(map.take(2), Some(20));
            assert_eq!(map.put(4, 40), None);
        },
        look);
        has(&*map, &[(1, 10), (3, 30), (4, 40)]);
    });
}

/// What is in a seat is sealed, and links to nothing: no end of the chain.
fn a_cell_of_the_chain_becomes_a_seat_elsewhere_under_a_look_up<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1, 2, 3], SEATS);
        on!(map;
        |map: &M| {
            assert_eq!(map.take(2), Some(20));
            assert_eq!(map.put(THERE, 0), None);
        },
        |map: &M| assert_eq!(map.find(3), Some(30), "in the map all the while"));
        has(&*map, &[(1, 10), (3, 30), (THERE, 0)]);
    });
}

/// Both want the cells of the second group: the first group's overflow, and the second group's own.
fn a_guest_beside_its_neighbours_inserts<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[], 2);
        on!(map;
        |map: &M| {
            assert_eq!(map.put(1, 10), None);
            assert_eq!(map.take(1), Some(10));
            assert_eq!(map.put(2, 20), None);
        },
        |map: &M| {
            assert_eq!(map.put(MIDDLE, 5), None);
            assert_eq!(map.find(MIDDLE), Some(5));
        });
        assert_eq!(map.find(MIDDLE), Some(5));
        has(&*map, &[(2, 20), (MIDDLE, 5)]);
        assert_eq!(map.census().chained, usize::from(NARROW));
    });
}

fn a_count_beside_a_replacement_that_comes_home<M: Subject>() {
    model(|| {
        let map = with_chain::<M>(&[1], 0);
        on!(map;
            |map: &M| assert_eq!(map.put(1, 11), Some(10)),
            |map: &M| assert_eq!(map.count(), 1));
        has(&*map, &[(1, 11)]);
    });
}

#[test]
fn wide_look_up_beside_a_freeze_and_an_unlinking() {
    a_look_up_beside_a_freeze_and_an_unlinking::<Wide>(1);
}

#[test]
fn guarded_look_up_beside_a_freeze_and_an_unlinking() {
    a_look_up_beside_a_freeze_and_an_unlinking::<Guarded>(2);
}
