//! Before: each access masks interrupts, for the interrupt handler changes the map, too.

use core::cell::RefCell;

use critical_section::Mutex;
use heapless::index_map::FnvIndexMap;

static TABLE: Mutex<RefCell<FnvIndexMap<u32, u32, 64>>> =
    Mutex::new(RefCell::new(FnvIndexMap::new()));

pub fn put(key: u32, value: u32) -> Option<u32> {
    critical_section::with(|section| {
        let mut table = TABLE.borrow_ref_mut(section);
        table.insert(key, value).expect("there is room")
    })
}

pub fn get(key: u32) -> Option<u32> {
    critical_section::with(|section| TABLE.borrow_ref(section).get(&key).copied())
}

pub fn take(key: u32) -> Option<u32> {
    critical_section::with(|section| TABLE.borrow_ref_mut(section).remove(&key))
}
