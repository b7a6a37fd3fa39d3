//! Tests of the report.

use super::costs::{Costs, chains};
use super::*;
use crate::image::Image;
use crate::image::testing::image;
use crate::isa::Isa;

const TARGET: &str = "thumbv7em-none-eabihf";

fn wanted(capacity: u32, contexts: u32) -> Wanted {
    Wanted {
        capacity,
        key: 4,
        value: 12,
        contexts,
        guards: None,
        extra: None,
    }
}

fn costs() -> Image {
    let text = "CopyMap::get:
        push {r4, lr}
        bl <shared>
        CopyMap::insert:
        sub sp, #40
        shared:
        push {r4}
        Map::get:
        nop";
    let mut image = image(Isa::Thumb, text);
    for (at, map) in MAPS.iter().enumerate() {
        let all = [("", 4000), (", EXTRA 1", 6000), (", EXTRA 2", 8000)];
        image.data.extend(
            all.map(|(what, size)| (format!("{map}{what}"), size + at as u64, ".bss".into())),
        );
        image
            .data
            .push((format!("{map}, version"), 20, ".rodata".into()));
    }
    image
}

const PRINTED: &str = "8 52 54.9 184.9 9.0\n101 76 23.6 60.3 7.4\n203 101 9.7 27.6 6.4\n";

#[test]
fn the_report_says_what_was_found() {
    let wanted = wanted(200, 3);
    let target = Target::find(TARGET);
    let text = report::text(
        &wanted,
        &[Width {
            is_32_bit: true,
            plan: plans(&wanted, target).unwrap()[0].1,
            targets: vec![(target.unwrap(), Costs::of(&costs()).unwrap())],
            chains: chains(PRINTED).unwrap(),
        }],
        false,
    );
    let rows: Vec<_> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .collect();
    // One byte of code a line, the names' lines included.
    for row in [
        "CopyMap<u32, [u32; 3], 204>",
        "N = 204: 200 entries, 4 cells for 2 other contexts; EXTRA = 8. Bytes, opt-level s:",
        &format!("{TARGET} 4000 7 12 40 20"),
        "Map<u32, [u32; 3], 207>",
        "N = 207: 200 entries, 4 cells for 2 other contexts, 3 guards; EXTRA = 8. Bytes, opt-level s:",
        &format!("{TARGET} 4001 2 0 0 20"),
        "8 4000 4001 55 185 9 18",
        "203 8000 8001 10 28 6 14",
    ] {
        let row: Vec<_> = row.split(' ').collect();
        assert!(rows.contains(&row), "{row:?} in\n{text}");
    }
}

#[test]
fn an_image_without_a_map_is_an_error() {
    let of = |image: &Image| Costs::of(image).map(|_| ()).unwrap_err().to_string();
    let mut image = costs();
    image.data[1].2 = ".data".into();
    assert_eq!(of(&image), "CopyMap lies in .data, not in .bss");
    image.data.remove(1);
    assert_eq!(of(&image), "no static CopyMap, EXTRA 1 in the image");
    assert!(chains("8 52 54.9\n").is_err());
    assert!(chains("8 52 54.9 184.9 9.0\n").is_err());
}

/// The guide's example is what the command says.
#[test]
fn the_guide_says_what_the_command_does() {
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../src/guide/sizing.md");
    let guide = std::fs::read_to_string(guide).unwrap();
    assert!(guide.contains("cargo qemu size --key 4 --value 12 --capacity 200 --contexts 3 "));
    let plan = Plan::new(&wanted(200, 3), true).unwrap();
    for map in [0, 1] {
        assert!(guide.contains(&plan.map(map)), "{}", plan.map(map));
    }
}
