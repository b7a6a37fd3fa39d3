//! Through `&Ref` one gets `&V`.
use arenamap::Ref;
use std::cell::RefCell;
use std::rc::Rc;

fn share<T: Sync>() {}

fn main() {
    share::<Ref<'static, u32, RefCell<u32>>>();
    share::<Ref<'static, Rc<u32>, u32>>();
}
