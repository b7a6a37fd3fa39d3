//! `AtomicPlain` under threads: a read may be torn between pieces, never within one, and is never
//! undefined behaviour.

use super::config::scaled;
use crate::Plain;
use crate::plain::AtomicPlain;
use bytemuck::Pod;
use core::cell::Cell;
use core::marker::PhantomData;
use std::thread;

/// One thread stores `values` in turn; two others read, and `is_possible` judges what they read.
fn beside_a_writer<T: Plain<Bits = T> + Pod + Send + Sync, const LEN: usize>(
    values: [T; LEN],
    is_possible: impl Fn(T) -> bool + Sync,
) {
    let cell = AtomicPlain::<T>::ZERO;
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..scaled(20_000, 60) as usize {
                cell.store(values[round % LEN]);
            }
        });
        for _ in 0..2 {
            scope.spawn(|| {
                for _ in 0..scaled(20_000, 60) {
                    assert!(is_possible(cell.load()));
                }
            });
        }
    });
    let last = scaled(20_000, 60) as usize - 1;
    assert_eq!(
        bytemuck::bytes_of(&cell.load()),
        bytemuck::bytes_of(&values[last % LEN])
    );
}

#[test]
fn a_word_or_less_is_never_torn() {
    beside_a_writer([1u8, 0xFE], |n| [0, 1, 0xFE].contains(&n));
    beside_a_writer([0x0101u16, 0xFEFE], |n| [0, 0x0101, 0xFEFE].contains(&n));
    beside_a_writer([u32::MAX, 7], |n| [0, 7, u32::MAX].contains(&n));
    beside_a_writer([usize::MAX, 7], |n| [0, 7, usize::MAX].contains(&n));
}

#[test]
fn each_word_of_a_larger_value_is_whole() {
    let (a, b) = (usize::MAX / 3, usize::MAX / 5);
    beside_a_writer([[a; 5], [b; 5]], |words| {
        words.iter().all(|word| [0, a, b].contains(word))
    });
}

#[test]
fn each_byte_of_an_odd_value_is_one_that_was_stored() {
    beside_a_writer([[0x11u8; 13], [0x22; 13]], |bytes| {
        bytes.iter().all(|byte| [0, 0x11, 0x22].contains(byte))
    });
    beside_a_writer([[0x11u8; 3], [0x22; 3]], |bytes| {
        bytes.iter().all(|byte| [0, 0x11, 0x22].contains(byte))
    });
}

#[test]
fn nothing_is_stored_beside_the_value() {
    let cells = [const { AtomicPlain::<[u8; 11]>::ZERO }; 3];
    cells[1].store([0xFF; 11]);
    assert_eq!((cells[0].load(), cells[2].load()), ([0; 11], [0; 11]));
    cells[0].store([1; 11]);
    cells[2].store([2; 11]);
    assert_eq!(cells[1].load(), [0xFF; 11]);
}

#[test]
fn it_is_shared_if_its_values_may_be_sent() {
    const fn both<T: Send + Sync>() {}
    both::<AtomicPlain<u64>>();
    // Reads are copies, so that a value which must not be shared may be in it.
    both::<AtomicPlain<PhantomData<Cell<u64>>>>();
}
