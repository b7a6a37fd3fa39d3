//! What is measured of a map on one target.

use std::collections::BTreeSet;

use crate::image::Image;

/// How many entries each map holds.
pub const CAPACITY: u64 = 256;

/// A map in the image.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// The name of its static, and what its methods' names start with.
    pub name: &'static str,
    /// The bytes of key and value.
    pub payload: u64,
    /// Of one of this library's: bytes of memory for each entry, beside key and value, at most, on 32-bit
    /// and on 64-bit targets.
    pub most: Option<[f64; 2]>,
}

/// What a map may take, and what a cache may, which has two cells for each entry by default.
const MAP: [f64; 2] = [16.0, 32.0];
const CACHE: [f64; 2] = [48.0, 80.0];

/// All maps.
pub const SUBJECTS: [Subject; 8] = [
    ours("CopyMap<u32,u32>", 8, MAP),
    ours("CopyMap<u64,u64>", 16, MAP),
    ours("CopyMap<u32,[u32;8]>", 36, MAP),
    ours("Map<u32,u32>", 8, MAP),
    ours("Map<u32,[u32;8]>", 36, MAP),
    ours("Cache<u32,i32>", 8, CACHE),
    other("critical_section<FnvIndexMap>"),
    other("spin<FnvIndexMap>"),
];

const fn ours(name: &'static str, payload: u64, most: [f64; 2]) -> Subject {
    Subject {
        name,
        payload,
        most: Some(most),
    }
}

/// `heapless`'s map from `u32` to `u32`.
const fn other(name: &'static str) -> Subject {
    Subject {
        name,
        payload: 8,
        most: None,
    }
}

impl Subject {
    /// Whether it is one of this library's: only those have limits.
    pub fn is_ours(&self) -> bool {
        self.most.is_some()
    }

    /// The functions of this map, by name and index.
    pub fn methods<'i>(&self, image: &'i Image) -> Vec<(&'i str, usize)> {
        let names = image.names(|name| self.method(name).is_some());
        let index = |name| image.find(name).map(|index| (name, index));
        names.into_iter().filter_map(index).collect()
    }

    /// What stands behind the map's name.
    pub fn method<'n>(&self, name: &'n str) -> Option<&'n str> {
        name.strip_prefix(self.name)?.strip_prefix("::")
    }

    /// Bytes of memory, and the section that they are in.
    pub fn memory<'i>(&self, image: &'i Image) -> Option<(u64, &'i str)> {
        let data = image.data.iter().find(|(name, ..)| name == self.name);
        data.map(|(_, size, section)| (*size, &**section))
    }

    /// Bytes of memory for each entry, beside key and value.
    pub fn overhead(&self, image: &Image) -> Option<f64> {
        let (size, _) = self.memory(image)?;
        Some(size as f64 / CAPACITY as f64 - self.payload as f64)
    }

    /// Bytes of code of the main methods together.
    pub fn code(&self, image: &Image) -> u64 {
        bytes(image, &self.closure(image))
    }

    /// All functions that its methods reach.
    pub fn closure(&self, image: &Image) -> BTreeSet<usize> {
        let methods = self.methods(image).into_iter();
        methods
            .flat_map(|(_, index)| image.closure(index))
            .collect()
    }
}

/// Bytes of code of these functions.
pub fn bytes(image: &Image, functions: &BTreeSet<usize>) -> u64 {
    functions
        .iter()
        .map(|&index| image.functions[index].size)
        .sum()
}

/// The functions of a closure, the largest first.
pub fn largest(image: &Image, functions: &BTreeSet<usize>) -> Vec<usize> {
    let mut functions: Vec<_> = functions.iter().copied().collect();
    functions.sort_by_key(|&index| std::cmp::Reverse(image.functions[index].size));
    functions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::testing::image;
    use crate::isa::Isa;

    #[test]
    fn code_and_memory() {
        let text = "CopyMap<u32,u32>::get:
            bl <shared>
            CopyMap<u32,u32>::insert:
            bl <shared>
            nop
            shared:
            nop
            CopyMap<u64,u64>::get:
            nop";
        let mut image = image(Isa::Thumb, text);
        image.data = vec![("CopyMap<u32,u32>".into(), 4608, ".bss".into())];
        let subject = &SUBJECTS[0];
        let names: Vec<_> = subject
            .methods(&image)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["CopyMap<u32,u32>::get", "CopyMap<u32,u32>::insert"]);
        // One byte a line, the names' lines included.
        assert_eq!(subject.code(&image), 7);
        assert_eq!(bytes(&image, &image.closure(0)), 4);
        assert_eq!(subject.overhead(&image), Some(10.0));
        assert_eq!(SUBJECTS[1].overhead(&image), None);
    }
}
