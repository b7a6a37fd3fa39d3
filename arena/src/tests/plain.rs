//! `AtomicPlain`, one thread: what lies beside a value stays as it is.

use crate::Plain;
use crate::plain::{AtomicPlain, Tagged};
use crate::sync::Ordering;
use std::format;
use std::vec;

/// Any type of plain data, with all its bytes the same.
fn filled<T: Plain>(byte: u8) -> T {
    bytemuck::pod_read_unaligned(&vec![byte; size_of::<T>()])
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
        let (value, other) = bytes.split_at(size_of::<T>());
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
