//! The tables of the page.

use crate::asm;
use crate::build::Optimization;
use crate::docs::page::COMPILER;
use crate::image::Image;
use crate::isa::Kind;
use crate::size::{self, CAPACITY, SUBJECTS, Subject};
use crate::table;
use crate::target::Target;
use textwrap::{Options, WordSplitter};

/// The methods whose instructions are shown.
const METHODS: [&str; 3] = ["get", "insert", "remove"];
/// Maps from `u32` to `u32`: ours, and those that they are compared with.
const OURS: [&str; 2] = ["CopyMap<u32,u32>", "Map<u32,u32>"];
const SAME_PAYLOAD: [&str; 5] = [
    OURS[0],
    OURS[1],
    "Cache<u32,i32>",
    "critical_section<FnvIndexMap>",
    "spin<FnvIndexMap>",
];
/// Where there is no such map.
const NONE: &str = "–";

/// A board that QEMU emulates.
pub struct Board {
    /// The triple that it is built for.
    pub triple: &'static str,
    /// Name, processor, cores, and what its atomics are made of.
    pub about: [String; 4],
    /// What a run there shows.
    pub shows: &'static str,
}

/// An image for each target.
type Images<'a> = [(&'a Target, Image)];

/// All tables, as they stand on the page.
pub fn all(compiler: &str, boards: &[Board], profile: Optimization, images: &Images<'_>) -> String {
    let level = profile.level();
    let mut text = format!("\n# Boards\n\n{}\n", self::boards(boards));
    text.push_str(&format!(
        "# Atomic instructions\n\n{COMPILER}{compiler}.\n\n{}",
        paragraph(&format!(
            "What `cargo qemu asm` finds in the methods of maps from `u32` to `u32` with {CAPACITY} \
             entries, in all that a method calls, at opt-level \"{level}\": how often each instruction \
             occurs in the code, not how often it executes."
        ))
    ));
    for name in OURS {
        text.push_str(&format!("`{name}`:\n\n{}\n", instructions(images, name)));
    }
    let mut section = |title: &str, about: &str, table: String| {
        text.push_str(&format!("# {title}\n\n{}{table}\n", paragraph(about)));
    };
    section(
        "Code",
        &format!(
            "Bytes at opt-level \"{level}\" with link-time optimization: the main methods together \
             (`get`, `contains_key`, `insert`, `try_insert`, `get_or_insert_with`, `update`, `remove`, `iter`, \
             `len`, `is_empty`, `is_full` and `stats`; `get_copied` of a `Map`; what a cache has of them, and \
             its pins and deadlines), and `get` alone with all that it calls; maps from `u32` to `u32` \
             with {CAPACITY} entries (a cache: to \
             `i32`, so that it shares no code with the `Map`)."
        ),
        code(images),
    );
    section(
        "Memory",
        &format!(
            "Bytes of RAM per entry, beyond key and value: a static with {CAPACITY} entries, divided by \
             {CAPACITY}; a cache with the default `EXTRA`, as many cells more. *flash*: bytes of the image for \
             the data of all maps of this table."
        ),
        memory(images),
    );
    section(
        "Stack",
        &format!(
            "Bytes of the method that takes most, with all that it calls, at most; maps from `u32` to \
             `u32`, opt-level \"{level}\". A handler that calls a map needs as much on top of what it \
             interrupts."
        ),
        stack(images),
    );
    text
}

/// The text in lines as long as those that are written by hand, and an empty line.
fn paragraph(text: &str) -> String {
    let words = Options::new(109).word_splitter(WordSplitter::NoHyphenation);
    format!("{}\n\n", textwrap::fill(text, words))
}

/// Bytes of code of each map of ours.
pub fn sizes(image: &Image) -> Vec<u64> {
    let ours = SUBJECTS.iter().filter(|subject| subject.is_ours());
    ours.map(|subject| subject.code(image)).collect()
}

/// What the feature costs where it is not needed: the maps take as many bytes as without it.
pub fn unneeded(target: &str, sizes: &[u64]) -> String {
    let sizes: Vec<_> = sizes.iter().map(u64::to_string).collect();
    let nothing = format!(
        "Nothing: `{target}` has compare-and-swap, and with the feature those methods of the maps above take \
         {} bytes of code there, as without it.",
        sizes.join(", ")
    );
    let title = "# The feature `critical-section` where it is not needed";
    format!("{title}\n\n{}", paragraph(&nothing))
}

/// A board a row.
fn boards(boards: &[Board]) -> String {
    let heading = ["board", "CPU", "cores", "atomics", "progress", "shows"];
    let mut rows = vec![heading.map(String::from)];
    for board in boards {
        let has_cas = Target::all().all(|target| target.has_cas || target.triple != board.triple);
        let [name, cpu, cores, atomics] = board.about.clone();
        let progress = progress(has_cas).into();
        rows.push([name, cpu, cores, atomics, progress, board.shows.into()]);
    }
    table::text(&rows, &[], true)
}

fn progress(has_cas: bool) -> &'static str {
    match has_cas {
        true => "lock-free",
        false => "**not lock-free**",
    }
}

/// A target a row, a method a column.
fn instructions(images: &Images<'_>, map: &str) -> String {
    let heading = ["target", "progress"].into_iter().chain(METHODS);
    let mut rows = vec![heading.map(String::from).collect::<Vec<_>>()];
    for (target, image) in images {
        let methods = METHODS.map(|method| atomics(image, &format!("{map}::{method}")));
        let about = [target.name, progress(target.has_cas)].map(String::from);
        rows.push(about.into_iter().chain(methods).collect());
    }
    table::text(&rows, &[], true)
}

/// What masks interrupts is bold.
fn atomics(image: &Image, name: &str) -> String {
    let Some(start) = image.find(name) else {
        return NONE.into();
    };
    let found = asm::atomics(image, &image.closure(start)).into_iter();
    let texts: Vec<_> = found
        .map(|(kind, text)| match kind {
            Kind::Mask => format!("**{text}**"),
            _ => text,
        })
        .collect();
    match texts.is_empty() {
        true => "none".into(),
        false => texts.join(", "),
    }
}

/// A target a row; of each map the main methods, and `get`.
fn code(images: &Images<'_>) -> String {
    let heading = SAME_PAYLOAD.map(|name| [format!("`{name}`"), "`get`".into()]);
    let mut rows = vec![row("target", heading.into_iter().flatten())];
    for (target, image) in images {
        let numbers = SAME_PAYLOAD.map(|name| {
            let all = subject(name).map_or(0, |subject| subject.code(image));
            let get = image.find(&format!("{name}::get"));
            let get = get.map_or(0, |index| size::bytes(image, &image.closure(index)));
            // No code is no map: `spin` needs compare-and-swap.
            [all, get].map(|bytes| match bytes {
                0 => NONE.into(),
                bytes => bytes.to_string(),
            })
        });
        rows.push(row(target.name, numbers.into_iter().flatten()));
    }
    numbers(&rows)
}

/// A target a row, a map a column.
fn memory(images: &Images<'_>) -> String {
    let heading = SUBJECTS.map(|subject| format!("`{}`", subject.name));
    let mut rows = vec![row("target", heading.into_iter().chain(["flash".into()]))];
    for (target, image) in images {
        let overheads = SUBJECTS.map(|subject| {
            let overhead = subject.overhead(image);
            overhead.map_or(NONE.into(), |bytes| format!("{bytes:.1}"))
        });
        let statics = SUBJECTS.iter().filter_map(|subject| subject.memory(image));
        let flash: u64 = statics
            .filter(|(_, section)| !section.starts_with(".bss"))
            .map(|(size, _)| size)
            .sum();
        let cells = overheads.into_iter().chain([flash.to_string()]);
        rows.push(row(target.name, cells));
    }
    numbers(&rows)
}

/// A target a row, a map a column.
fn stack(images: &Images<'_>) -> String {
    let heading = SAME_PAYLOAD.map(|name| format!("`{name}`"));
    let mut rows = vec![row("target", heading)];
    for (target, image) in images {
        let depths = SAME_PAYLOAD.map(|name| {
            let depth = subject(name).and_then(|subject| size::deepest(subject, image));
            depth.map_or(NONE.into(), |depth| {
                depth.map_or("no bound".into(), |bytes| bytes.to_string())
            })
        });
        rows.push(row(target.name, depths));
    }
    numbers(&rows)
}

fn subject(name: &str) -> Option<&'static Subject> {
    SUBJECTS.iter().find(|subject| subject.name == name)
}

fn row(first: &str, others: impl IntoIterator<Item = String>) -> Vec<String> {
    [first.into()].into_iter().chain(others).collect()
}

/// A table of numbers, but for the first column.
fn numbers(rows: &[Vec<String>]) -> String {
    let right: Vec<_> = (1..rows[0].len()).collect();
    table::text(rows, &right, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::testing::image;
    use crate::isa::Isa;

    #[test]
    fn the_tables_say_what_is_not_lock_free_and_what_is_not_there() {
        let text = "CopyMap<u32,u32>::get:
            dmb sy
            cpsid i
            CopyMap<u32,u32>::insert:
            push {r4, lr}
            bl <CopyMap<u32,u32>::get>
            critical_section<FnvIndexMap>::get:
            nop";
        let target = Target::find("thumbv6m-none-eabi").unwrap();
        let mut image = image(Isa::Thumb, text);
        image.data = vec![("CopyMap<u32,u32>".into(), 4352, ".data".into())];
        let text = all("rustc 1", &[], Optimization::Small, &[(target, image)]);
        let rows: Vec<Vec<&str>> = text
            .lines()
            .filter(|line| line.starts_with("| `thumbv6m"))
            .map(|line| line.split('|').map(str::trim).collect())
            .collect();
        assert_eq!(
            rows[0][2..6],
            [
                "**not lock-free**",
                "dmb 1, **cpsid 1**",
                "dmb 1, **cpsid 1**",
                NONE
            ]
        );
        // One byte a line, the names' lines included.
        let none = [NONE; 4];
        assert_eq!(rows[2][2..8], [&["6", "3"], &none[..]].concat());
        assert_eq!(rows[2][8..12], ["2", "2", NONE, NONE]);
        assert_eq!(rows[3][2], "9.0");
        assert_eq!(rows[3][10], "4352");
        assert_eq!(rows[4][2..7], ["8", NONE, NONE, "0", NONE]);
    }

    #[test]
    fn a_board_without_compare_and_swap_is_not_lock_free() {
        let board = |triple| Board {
            triple,
            about: ["name", "cpu", "1", "none"].map(String::from),
            shows: "words",
        };
        let text = boards(&[
            board("riscv32imc-unknown-none-elf"),
            board("riscv32imac-unknown-none-elf"),
        ]);
        let lines: Vec<_> = text.lines().skip(2).collect();
        assert!(lines[0].starts_with("| `name` | cpu "), "{text}");
        assert!(lines[0].contains("| **not lock-free** | words"), "{text}");
        assert!(lines[1].contains("| lock-free "), "{text}");
    }
}
