//! What is read off the images, and of what the program `sized` prints.

use anyhow::{Context, Result, bail, ensure};

use super::MAPS;
use crate::image::Image;
use crate::size::{Subject, deepest, stack};

/// What the maps of an image cost.
pub(super) struct Costs(pub(super) [Cost; 2]);

/// What a map costs.
pub(super) struct Cost {
    /// Bytes of memory, by `EXTRA`.
    pub(super) memory: [u64; 3],
    /// Bytes of code of the main methods.
    pub(super) code: u64,
    /// Bytes of stack of `get`, and of the method that takes most.
    pub(super) stack: [String; 2],
    pub(super) version_bits: u64,
}

impl Costs {
    pub(super) fn of(image: &Image) -> Result<Costs> {
        let [copies, guarded] = MAPS.map(|map| Cost::of(map, image));
        Ok(Costs([copies?, guarded?]))
    }
}

impl Cost {
    fn of(name: &'static str, image: &Image) -> Result<Cost> {
        let data = |what: &str| {
            let mut all = image.data.iter();
            all.find(|(data, ..)| data.strip_prefix(name) == Some(what))
                .with_context(|| format!("no static {name}{what} in the image"))
        };
        let memory = |what: &str| {
            let (_, size, section) = data(what)?;
            ensure!(
                section.starts_with(".bss"),
                "{name} lies in {section}, not in .bss"
            );
            Ok(*size)
        };
        let subject = Subject {
            name,
            payload: 0,
            most: None,
        };
        let get = image
            .find(&format!("{name}::get"))
            .with_context(|| format!("no {name}::get"))?;
        let shown =
            |depth: Result<u64, String>| depth.map_or("?".into(), |bytes| bytes.to_string());
        Ok(Cost {
            memory: [memory("")?, memory(", EXTRA 1")?, memory(", EXTRA 2")?],
            code: subject.code(image),
            stack: [
                shown(stack::depth(image, get)),
                deepest(&subject, image).map_or(String::new(), shown),
            ],
            version_bits: data(", version")?.1,
        })
    }
}

/// What the program counted of a map with one `EXTRA`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Chains {
    pub(super) extra: u32,
    pub(super) buckets: u32,
    /// Entries in chains: after filling, and in use.
    pub(super) filled: f64,
    pub(super) used: f64,
    /// Entries in the fullest bucket.
    pub(super) fullest: f64,
}

/// Reads what the program prints.
pub(super) fn chains(text: &str) -> Result<[Chains; 3]> {
    let read = |line: &str| {
        let numbers: Option<Vec<f64>> = line.split(' ').map(|word| word.parse().ok()).collect();
        match numbers.as_deref() {
            Some(&[extra, buckets, filled, used, fullest]) => Ok(Chains {
                extra: extra as u32,
                buckets: buckets as u32,
                filled,
                used,
                fullest,
            }),
            _ => bail!("what is this line of the program `sized`: {line:?}"),
        }
    };
    let all: Vec<Chains> = text.lines().map(read).collect::<Result<_>>()?;
    all.try_into()
        .ok()
        .context("the program `sized` prints three lines")
}
