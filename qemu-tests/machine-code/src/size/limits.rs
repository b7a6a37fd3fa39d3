//! What is promised, and whether it is kept.

use super::figures::{SUBJECTS, Subject, bytes, largest};
use super::stack;
use crate::build::Optimization;
use crate::image::Image;
use crate::target::Target;

/// The target and the profile for which code sizes are promised.
const CODE_TARGET: &str = "thumbv7em-none-eabihf";
const CODE_PROFILE: Optimization = Optimization::Small;
/// Bytes of code, at most: by name of the function, or of the map for its main methods together.
const CODE: [(&str, u64); 2] = [("CopyMap<u32,u32>::get", 832), ("CopyMap<u32,u32>", 8448)];
/// So many of the largest functions are named where code is too large.
const NAMED: usize = 12;

/// All limits that are missed, each with its figure.
pub fn missed(target: &Target, images: &[(Optimization, Image)]) -> Vec<String> {
    let ours = || SUBJECTS.iter().filter(|subject| subject.is_ours());
    let mut found = Vec::new();
    // Memory is the same at every level.
    if let Some((_, image)) = images.first() {
        found.extend(ours().flat_map(|subject| memory(subject, image)));
    }
    for (optimization, image) in images {
        let level = optimization.level();
        let mut here: Vec<_> = ours().flat_map(|subject| stack(subject, image)).collect();
        if target.name == CODE_TARGET && *optimization == CODE_PROFILE {
            here.extend(code(image));
        }
        found.extend(here.iter().map(|text| format!("opt-level {level}: {text}")));
    }
    found
}

fn memory(subject: &Subject, image: &Image) -> Vec<String> {
    let name = subject.name;
    let (Some((_, section)), Some(overhead)) = (subject.memory(image), subject.overhead(image))
    else {
        return vec![format!("{name}: its static is not there")];
    };
    let most = subject
        .most
        .map(|most| most[usize::from(!image.isa.is_32_bit())]);
    let mut found = Vec::new();
    if let Some(limit) = most.filter(|limit| overhead > *limit) {
        found.push(format!(
            "{name}: {overhead:.1} bytes an entry beside key and value, at most {limit}"
        ));
    }
    if !section.starts_with(".bss") {
        found.push(format!("{name}: its static lies in {section}, not in .bss"));
    }
    found
}

fn stack(subject: &Subject, image: &Image) -> Vec<String> {
    let methods = subject.methods(image).into_iter();
    let errors = methods.filter_map(|(name, index)| {
        let error = stack::depth(image, index).err()?;
        Some(format!("{name}: the stack has no bound: {error}"))
    });
    errors.collect()
}

fn code(image: &Image) -> Vec<String> {
    let mut found = Vec::new();
    for (name, limit) in CODE {
        let subject = SUBJECTS.iter().find(|subject| subject.name == name);
        let closure = match (subject, image.find(name)) {
            (Some(subject), _) => subject.closure(image),
            (None, Some(index)) => image.closure(index),
            (None, None) => Default::default(),
        };
        let size = bytes(image, &closure);
        if size == 0 {
            found.push(format!("{name}: no code is there"));
        }
        if size > limit {
            let functions = largest(image, &closure).into_iter().take(NAMED);
            let functions = functions.map(|index| &image.functions[index]);
            let lines: Vec<_> = functions
                .map(|f| format!("  {:6} {}", f.size, f.name))
                .collect();
            found.push(format!(
                "{name}: {size} bytes of code, at most {limit}; the largest functions:\n{}",
                lines.join("\n")
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::testing::image;
    use crate::isa::Isa;

    fn with_statics(size: u64, section: &str) -> Image {
        let mut image = image(Isa::Thumb, "CopyMap<u32,u32>::get:\nnop");
        image.data = SUBJECTS
            .iter()
            .map(|subject| {
                (
                    subject.name.into(),
                    size + 256 * subject.payload,
                    section.into(),
                )
            })
            .collect();
        image
    }

    fn missed_by(image: Image) -> Vec<String> {
        let target = Target::find(CODE_TARGET).unwrap();
        missed(target, &[(CODE_PROFILE, image)])
    }

    #[test]
    fn small_maps_pass() {
        assert_eq!(missed_by(with_statics(256 * 16, ".bss")), [""; 0]);
    }

    #[test]
    fn large_maps_and_those_in_data_are_found() {
        let found = missed_by(with_statics(256 * 16 + 1, ".data"));
        assert_eq!(found.len(), 11, "{found:?}");
        // A cache may take more.
        let found = missed_by(with_statics(256 * 48 + 1, ".data"));
        assert_eq!(found.len(), 12, "{found:?}");
        assert!(
            found[0].contains("CopyMap<u32,u32>: 48.0 bytes an entry"),
            "{found:?}"
        );
        assert!(found[1].contains("lies in .data"), "{found:?}");
    }

    #[test]
    fn large_code_is_found_and_its_parts_named() {
        let mut image = with_statics(0, ".bss");
        let (name, limit) = CODE[0];
        image.functions[0].size = limit;
        assert_eq!(missed_by(image.clone()), [""; 0]);
        image.functions[0].size = limit + 1;
        let found = missed_by(image);
        assert_eq!(found.len(), 1, "{found:?}");
        let more = limit + 1;
        let text = format!("{more} bytes of code, at most {limit}");
        assert!(found[0].contains(&text), "{found:?}");
        assert!(found[0].contains(&format!("  {more} {name}")), "{found:?}");
    }

    #[test]
    fn missing_maps_and_stacks_without_bound_are_found() {
        let mut image = image(
            Isa::Thumb,
            "Map<u32,u32>::get:\nbl <b>\nb:\nbl <Map<u32,u32>::get>",
        );
        image.data = Vec::new();
        let found = missed_by(image).join("\n");
        assert!(
            found.contains("Map<u32,u32>: its static is not there"),
            "{found}"
        );
        assert!(
            found.contains("Map<u32,u32>::get: the stack has no bound"),
            "{found}"
        );
        assert!(
            found.contains("CopyMap<u32,u32>: no code is there"),
            "{found}"
        );
    }
}
