//! `serde`: exact lengths, and what does not fit.

use crate::{CopyMap, CopySet, Map, Set};
use serde::de::DeserializeSeed;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::string::{String, ToString};
use std::vec::Vec;

type Copies = CopyMap<u16, u32, 4, 2>;
type Guarded = Map<String, Vec<u32>, 4, 2>;
type Members = CopySet<u16, 4, 0>;
type Names = Set<String, 4, 0>;

/// There and back through a format that writes lengths first, and through one that writes none.
fn there_and_back<
    T: Serialize,
    F: for<'de> Deserialize<'de> + Serialize + PartialEq + core::fmt::Debug,
>(
    what: &T,
    expected: &F,
) -> (Vec<u8>, String) {
    let mut buffer = [0; 200];
    let bytes = postcard::to_slice(what, &mut buffer).unwrap().to_vec();
    assert_eq!(postcard::from_bytes::<F>(&bytes).as_ref(), Ok(expected));
    let text = serde_json::to_string(what).unwrap();
    assert_eq!(&serde_json::from_str::<F>(&text).unwrap(), expected);
    (bytes, text)
}

#[test]
fn maps_go_there_and_back() {
    let expected = BTreeMap::from([(1, 10), (2, 20), (300, 30)]);
    let map: Copies = [(1, 10), (2, 20), (300, 30)].try_into().unwrap();
    let (bytes, text) = there_and_back(&map, &expected);
    let read: Copies = postcard::from_bytes(&bytes).unwrap();
    assert_eq!(read.iter().collect::<BTreeMap<_, _>>(), expected);
    let read: Copies = serde_json::from_str(&text).unwrap();
    assert_eq!(read.iter().collect::<BTreeMap<_, _>>(), expected);

    let pairs = [("a", &[1][..]), ("b", &[]), ("c", &[2, 3])];
    let pairs = pairs.map(|(key, value)| (key.to_string(), value.to_vec()));
    let expected = BTreeMap::from(pairs.clone());
    let map = Guarded::try_from(pairs).unwrap();
    let (bytes, text) = there_and_back(&map, &expected);
    let read: Guarded = postcard::from_bytes(&bytes).unwrap();
    assert_eq!(*read.get("c").unwrap(), [2, 3]);
    let read: Guarded = serde_json::from_str(&text).unwrap();
    assert_eq!((read.len(), read.get("b").unwrap().len()), (3, 0));
}

#[test]
fn sets_go_there_and_back() {
    let members = Members::default();
    members.try_extend([5, 6, 700]).unwrap();
    let (bytes, text) = there_and_back(&members, &BTreeSet::from([5u16, 6, 700]));
    assert_eq!(postcard::from_bytes::<Members>(&bytes).unwrap().len(), 3);
    assert!(
        serde_json::from_str::<Members>(&text)
            .unwrap()
            .contains(&700)
    );

    let names = Names::default();
    names.try_extend(["ada", "bob"].map(String::from)).unwrap();
    let expected = ["ada", "bob"].map(String::from);
    let (bytes, text) = there_and_back(&names, &BTreeSet::from(expected));
    assert_eq!(postcard::from_bytes::<Names>(&bytes).unwrap().len(), 2);
    assert!(
        serde_json::from_str::<Names>(&text)
            .unwrap()
            .contains("ada")
    );
}

#[test]
fn empty_and_full_ones_too() {
    there_and_back(&Copies::default(), &BTreeMap::<u16, u32>::new());
    let map = Copies::default();
    let pairs: Vec<(u16, u32)> = (0..map.capacity() as u16).map(|key| (key, 1)).collect();
    map.try_extend(pairs.clone()).unwrap();
    there_and_back(&map, &pairs.into_iter().collect::<BTreeMap<_, _>>());
}

#[test]
fn too_many_are_an_error_that_says_how_many_fit() {
    let capacity = Copies::default().capacity();
    assert_eq!(capacity, 4);
    let pairs: BTreeMap<u16, u32> = (0..5).map(|key| (key, 1)).collect();
    let text = serde_json::to_string(&pairs).unwrap();
    let error = serde_json::from_str::<Copies>(&text)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("invalid length 5, expected at most 4 entries"),
        "{error}"
    );
    let mut buffer = [0; 50];
    let bytes = postcard::to_slice(&pairs, &mut buffer).unwrap();
    assert!(postcard::from_bytes::<Copies>(bytes).is_err());
    let text = r#"{"a":[],"b":[],"c":[],"d":[],"e":[]}"#;
    let error = serde_json::from_str::<Guarded>(text)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("invalid length 5, expected at most 4 entries"),
        "{error}"
    );
    let error = serde_json::from_str::<Members>("[1,2,3,4,5]")
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("invalid length 5, expected at most 4 members"),
        "{error}"
    );
    // Three, and one that has been removed and is held: there is no room, but not for a fifth.
    let map = Guarded::default();
    let pairs: Vec<_> = ["a", "b", "c", "d"]
        .map(|key| (key.to_string(), Vec::new()))
        .into();
    map.try_extend(pairs).unwrap();
    let _held = map.remove("d");
    let mut reader = serde_json::Deserializer::from_str(r#"{"e":[]}"#);
    let error = (&map).deserialize(&mut reader).unwrap_err().to_string();
    assert!(error.starts_with("no room: "), "{error}");
    let error = serde_json::from_str::<Names>("7").unwrap_err().to_string();
    assert!(
        error.contains("expected a sequence of at most 4 members"),
        "{error}"
    );
}

/// As in the standard library: the last one counts, and no second place is taken.
#[test]
fn of_equal_keys_the_last_counts() {
    let text = r#"{"1":1,"2":1,"3":1,"4":1,"1":2,"4":2}"#;
    let map: Copies = serde_json::from_str(text).unwrap();
    assert_eq!(
        (map.len(), map.get(&1), map.get(&2), map.get(&4)),
        (4, Some(2), Some(1), Some(2))
    );
    let set: Members = serde_json::from_str("[1,2,3,4,4,1]").unwrap();
    assert_eq!(set.len(), 4);
}

#[test]
fn a_static_is_filled_in_place() {
    static MAP: CopyMap<u16, u32, 4, 0> = CopyMap::new();
    assert_eq!(MAP.insert(9, 90), Ok(None));
    let mut text = serde_json::Deserializer::from_str(r#"{"1":10,"9":91}"#);
    MAP.deserialize(&mut text).unwrap();
    assert_eq!(
        (MAP.len(), MAP.get(&1), MAP.get(&9)),
        (2, Some(10), Some(91))
    );
    // What came before the error stays.
    let mut text = serde_json::Deserializer::from_str(r#"{"2":20,"3":30,"4":40}"#);
    assert!(MAP.deserialize(&mut text).is_err());
    assert_eq!((MAP.len(), MAP.get(&3), MAP.get(&4)), (4, Some(30), None));
}

/// Empties the map when it is written.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Eraser(u32);

static ERASED: Map<Eraser, u32, 8> = Map::new();

impl Serialize for Eraser {
    fn serialize<W: Serializer>(&self, serializer: W) -> Result<W::Ok, W::Error> {
        ERASED.clear();
        assert!(ERASED.insert(Eraser(self.0 + 100), 0).is_ok());
        self.0.serialize(serializer)
    }
}

/// The length that comes first is that of what follows, whatever others do meanwhile. (What has gone takes
/// its cell until all is written: so there are fewer entries than cells.)
#[test]
fn the_length_is_exact_while_the_map_changes() {
    for key in 0..4 {
        assert!(ERASED.insert(Eraser(key), key).is_ok());
    }
    let mut buffer = [0; 100];
    let bytes = postcard::to_slice(&ERASED, &mut buffer).unwrap();
    let (read, rest) = postcard::take_from_bytes::<BTreeMap<u32, u32>>(bytes).unwrap();
    assert_eq!(read, (0..4).map(|key| (key, key)).collect());
    assert!(rest.is_empty());
    assert_eq!(ERASED.len(), 1);
}

#[test]
fn values_with_an_identifier_are_written_as_themselves() {
    use crate::{EntryId, WithId};
    type Named = Map<u16, WithId<u32>, 4, 2>;
    let map = Named::default();
    map.insert(1, WithId::new(10)).unwrap();
    let id: EntryId = map.entry_id(&1).unwrap();
    let (bytes, _) = there_and_back(&map, &BTreeMap::from([(1u16, 10u32)]));
    let read: Named = postcard::from_bytes(&bytes).unwrap();
    assert_eq!(**read.get(&1).unwrap(), 10);
    assert!(read.get_by_id(id).is_none(), "another value");
}

#[test]
fn a_watched_map_is_read_into_and_tells_it() {
    use crate::Watched;
    use core::task::{Context, Poll, Waker};
    static SEEN: Watched<Copies, 2> = Watched::new(Copies::new());
    let mut watcher = SEEN.watcher().unwrap();
    let mut changed = core::pin::pin!(watcher.changed());
    let mut poll = || {
        changed
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
    };
    assert_eq!(poll(), Poll::Pending);
    let mut json = serde_json::Deserializer::from_str(r#"{"1": 10, "2": 20}"#);
    (&SEEN).deserialize(&mut json).unwrap();
    assert_eq!((SEEN.len(), SEEN.get(&2)), (2, Some(20)));
    assert_eq!(poll(), Poll::Ready(()));
    // Not all fit: those that did stay.
    let mut json = serde_json::Deserializer::from_str(r#"{"3": 30, "4": 40, "5": 50}"#);
    assert!((&SEEN).deserialize(&mut json).is_err());
    assert_eq!(SEEN.len(), 4);
}
