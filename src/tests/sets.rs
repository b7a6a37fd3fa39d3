//! Sets against `HashSet`, beyond what the maps below them are tested for.

use super::config::{Spread, for_all, scaled, spreads};
use super::ledger::{Counted, Ledger};
use crate::{CopySet, Full, Set};
use core::hash::{Hash, Hasher};
use std::collections::HashSet;
use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

const N: usize = 6;

/// A set of the numbers below sixteen.
trait Subject {
    fn new(spread: Spread) -> Self;
    fn insert(&self, number: u8) -> Result<bool, Full<u8>>;
    fn remove(&self, number: u8) -> bool;
    fn contains(&self, number: u8) -> bool;
    fn retain(&self, wanted: impl FnMut(u8) -> bool);
    fn clear(&self);
    fn members(&self) -> Vec<u8>;
    fn drained(&mut self) -> Vec<u8>;
    fn into_members(self) -> Vec<u8>;
    /// Members, whether there are none, and whether it is full.
    fn counted(&self) -> (usize, bool, bool);
}

impl Subject for CopySet<u8, N, 0, Spread> {
    fn new(spread: Spread) -> Self {
        Self::with_hasher(spread)
    }
    fn insert(&self, number: u8) -> Result<bool, Full<u8>> {
        self.insert(number)
    }
    fn remove(&self, number: u8) -> bool {
        self.remove(&number)
    }
    fn contains(&self, number: u8) -> bool {
        self.contains(&number)
    }
    fn retain(&self, mut wanted: impl FnMut(u8) -> bool) {
        self.retain(|number| wanted(*number));
    }
    fn clear(&self) {
        self.clear();
    }
    fn members(&self) -> Vec<u8> {
        self.into_iter().collect()
    }
    fn drained(&mut self) -> Vec<u8> {
        self.drain().collect()
    }
    fn into_members(self) -> Vec<u8> {
        self.into_iter().collect()
    }
    fn counted(&self) -> (usize, bool, bool) {
        (self.len(), self.is_empty(), self.is_full())
    }
}

impl Subject for Set<String, N, 0, Spread> {
    fn new(spread: Spread) -> Self {
        Self::with_hasher(spread)
    }
    fn insert(&self, number: u8) -> Result<bool, Full<u8>> {
        let back = |Full(member): Full<String>| Full(member.parse().unwrap());
        self.insert(number.to_string()).map_err(back)
    }
    fn remove(&self, number: u8) -> bool {
        self.remove(number.to_string().as_str())
    }
    fn contains(&self, number: u8) -> bool {
        let member = number.to_string();
        let held = self.get(member.as_str()).map(|held| (*held).clone());
        assert_eq!(held.is_some(), self.contains(member.as_str()));
        held.is_some_and(|held| held == member)
    }
    fn retain(&self, mut wanted: impl FnMut(u8) -> bool) {
        self.retain(|member| wanted(member.parse().unwrap()));
    }
    fn clear(&self) {
        self.clear();
    }
    fn members(&self) -> Vec<u8> {
        self.into_iter()
            .map(|member| member.parse().unwrap())
            .collect()
    }
    fn drained(&mut self) -> Vec<u8> {
        self.drain().map(|member| member.parse().unwrap()).collect()
    }
    fn into_members(self) -> Vec<u8> {
        self.into_iter()
            .map(|member| member.parse().unwrap())
            .collect()
    }
    fn counted(&self) -> (usize, bool, bool) {
        (self.len(), self.is_empty(), self.is_full())
    }
}

fn sorted(members: impl IntoIterator<Item = u8>) -> Vec<u8> {
    let mut members: Vec<_> = members.into_iter().collect();
    members.sort_unstable();
    members
}

fn against_a_hash_set<M: Subject>() {
    let steps = proptest::collection::vec((0..16u8, 0..16u8), 1..60);
    for_all(scaled(200, 3), &(spreads(), steps), |(spread, steps)| {
        let mut set = M::new(spread);
        let mut model = HashSet::new();
        for (what, number) in steps {
            match what {
                0..8 => {
                    let expected = if model.contains(&number) {
                        Ok(false)
                    } else if model.len() == N {
                        Err(Full(number))
                    } else {
                        Ok(model.insert(number))
                    };
                    assert_eq!(set.insert(number), expected);
                }
                8..13 => assert_eq!(set.remove(number), model.remove(&number)),
                13 => {
                    set.retain(|member| member < number);
                    model.retain(|member| *member < number);
                }
                14 => {
                    set.clear();
                    model.clear();
                }
                _ => assert_eq!(sorted(set.drained()), sorted(model.drain())),
            }
            assert_eq!(set.contains(number), model.contains(&number));
            let counted = (model.len(), model.is_empty(), model.len() == N);
            assert_eq!(set.counted(), counted);
            assert_eq!(sorted(set.members()), sorted(model.iter().copied()));
        }
        assert_eq!(sorted(set.into_members()), sorted(model));
    });
}

#[test]
fn of_plain_data() {
    against_a_hash_set::<CopySet<u8, N, 0, Spread>>();
}

#[test]
fn of_strings() {
    against_a_hash_set::<Set<String, N, 0, Spread>>();
}

/// Known by its number.
#[derive(Debug)]
struct Member(Counted);

impl PartialEq for Member {
    fn eq(&self, other: &Self) -> bool {
        self.0.number == other.0.number
    }
}

impl Eq for Member {}

impl Hash for Member {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.number.hash(state);
    }
}

#[test]
fn each_member_is_dropped_once() {
    let ledger = Ledger::default();
    let member = |number| Member(ledger.counted(number));
    let set: Set<Member, 2, 1, Spread> = Set::default();
    assert_eq!(set.insert(member(1)).ok(), Some(true));
    // What is there stays, and the other one is dropped.
    assert_eq!(set.insert(member(1)).ok(), Some(false));
    assert_eq!((ledger.alive(), set.len()), (1, 1));
    // One that does not fit comes back.
    let rest = set.try_extend([member(1), member(2), member(3), member(4)]);
    let Err(Full((refused, rest))) = rest else {
        panic!("two fit");
    };
    assert_eq!((refused.0.number, rest.len()), (3, 1));
    drop((refused, rest));
    assert_eq!((ledger.alive(), set.is_full()), (2, true));
    let taken = set.take(&member(1)).unwrap();
    assert_eq!((taken.0.number, set.contains(&member(1))), (1, false));
    assert!(set.take(&member(1)).is_none());
    drop(taken);
    assert_eq!(ledger.alive(), 1);
    drop(set);
    ledger.assert_closed();
}

#[test]
fn they_show_their_members() {
    let copies: CopySet<u8, 4> = CopySet::new();
    let set: Set<&str, 4> = Set::new();
    assert_eq!(format!("{copies:?} {set:?}"), "{} {}");
    assert_eq!((copies.insert(7), set.insert("a")), (Ok(true), Ok(true)));
    assert_eq!(format!("{copies:?}"), "{7}");
    assert_eq!(format!("{set:?}"), "{\"a\"}");
    assert_eq!(
        (copies.capacity(), set.capacity(), set.stats().live),
        (4, 4, 1)
    );
}

#[test]
fn arrays_become_sets_if_they_fit() {
    let set: CopySet<u16, 3, 0> = [1, 2, 2].try_into().expect("they fit");
    assert_eq!((set.len(), set.cells()), (2, 3));
    let refused = CopySet::<u16, 3, 0>::try_from([1, 1, 1, 1]);
    assert_eq!(refused.map(drop), Err(Full([1; 4])));
    let names = ["ada", "bob"].map(String::from);
    let set: Set<String, 2, 1> = names.try_into().expect("they fit");
    assert!(set.contains("bob") && set.cells() == 3);
}
