//! `AtomicPlain` and `Tagged`, one thread: what lies beside a value stays as it is.

use crate::Plain;
use crate::plain::{AtomicPlain, Tagged};
use crate::sync::{Half, Ordering};
use bytemuck::Pod;
use core::fmt::Debug;
use std::format;
use std::vec;

/// Any bits, with all their bytes the same.
fn filled<B: Pod>(byte: u8) -> B {
    bytemuck::pod_read_unaligned(&vec![byte; size_of::<B>()])
}

fn leaves_its_neighbours<T: Plain>() {
    for (byte, beside) in [(0, 0xFF), (0xFF, 0), (0xA5, 0xFF), (0xA5, 0)] {
        let cells = [const { AtomicPlain::<T>::ZERO }; 3];
        cells[0].store(filled(beside));
        cells[2].store(filled(beside));
        cells[1].store(filled(byte));
        let all = |cell: &AtomicPlain<T>, byte| {
            let value = cell.load();
            bytemuck::bytes_of(&value).iter().all(|&b| b == byte)
        };
        assert!(all(&cells[0], beside) && all(&cells[2], beside));
        assert!(all(&cells[1], byte));
    }
}

#[test]
fn a_store_leaves_its_neighbours() {
    leaves_its_neighbours::<u8>();
    leaves_its_neighbours::<[u8; 7]>();
    leaves_its_neighbours::<u32>();
    leaves_its_neighbours::<u64>();
    leaves_its_neighbours::<[u32; 3]>();
    leaves_its_neighbours::<u128>();
    leaves_its_neighbours::<[u64; 3]>();
    leaves_its_neighbours::<[u8; 29]>();
}

fn leaves_the_rest_of_its_word<T: Plain>() {
    assert!(Tagged::<T>::FITS);
    for (byte, rest) in [(0, 0xFF), (0xFF, 0)] {
        let cell = AtomicPlain::<T>::ZERO;
        // SAFETY: the value is not accessed while the word is.
        let word = || unsafe { cell.word() };
        word().store(
            usize::from_ne_bytes([rest; size_of::<usize>()]),
            Ordering::Relaxed,
        );
        cell.store(filled(byte));
        let bytes = word().load(Ordering::Relaxed).to_ne_bytes();
        let (value, other) = bytes.split_at(size_of::<T::Bits>());
        assert!(value.iter().all(|&b| b == byte) && other.iter().all(|&b| b == rest));
    }
}

#[test]
fn a_store_of_a_narrow_value_leaves_the_rest_of_its_word() {
    leaves_the_rest_of_its_word::<u8>();
    leaves_the_rest_of_its_word::<u16>();
    #[cfg(target_pointer_width = "64")]
    {
        leaves_the_rest_of_its_word::<[u8; 3]>();
        leaves_the_rest_of_its_word::<u32>();
    }
}

#[test]
fn it_shows_no_value() {
    assert_eq!(format!("{:?}", AtomicPlain::<u32>::ZERO), "AtomicPlain");
}

fn comes_back<T: Plain + PartialEq + Debug>(value: T) {
    let cell = AtomicPlain::<T>::ZERO;
    assert!(bytemuck::bytes_of(&cell.load()).iter().all(|&b| b == 0));
    cell.store(value.to_bits());
    assert_eq!(T::from_bits(cell.load()), Some(value));
}

#[test]
fn halves_do_not_touch_each_other() {
    const {
        assert!(Tagged::<u8>::FITS && Tagged::<[u8; 2]>::FITS && !Tagged::<usize>::FITS);
        assert!(!Tagged::<()>::FITS && !Tagged::<[u16; 3]>::FITS);
    }
    let word = Tagged::<[u8; 2]>::new([0xAA, 0xBB], Half::MAX - 1);
    assert_eq!((word.value(), word.tag()), ([0xAA, 0xBB], Half::MAX - 1));
    let other = word.with_value([0, 0xFF]);
    assert_eq!((other.value(), other.tag()), ([0, 0xFF], Half::MAX - 1));
    let cell = AtomicPlain::<[u8; 2]>::ZERO;
    // SAFETY: no other thread accesses it.
    let word = unsafe { cell.word() };
    word.store(other.0, Ordering::Relaxed);
    let loaded = Tagged::<[u8; 2]>::from_word(word.load(Ordering::Relaxed));
    assert_eq!(loaded, other);
}

#[test]
fn every_size_comes_back_whole() {
    comes_back(());
    comes_back(0xA5u8);
    comes_back([1u8, 2, 3]);
    comes_back(0xBEEFu16);
    comes_back([1u16, 2, 3]);
    comes_back([1u8, 2, 3, 4, 5, 6, 7]);
    comes_back(0xDEAD_BEEFu32);
    comes_back([7u32, 8, 9]);
    comes_back(u64::MAX - 5);
    comes_back([0x0123_4567_89AB_CDEFu64; 5]);
    comes_back(u128::MAX / 7);
    comes_back(core::array::from_fn::<u8, 29, _>(|i| i as u8 + 1));
    comes_back(-1.5f64);
}
