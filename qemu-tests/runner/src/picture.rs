//! The picture of the README: how a map finds an entry. `cargo qemu docs --bless` draws it.

use std::fs;

use anyhow::{Context, Result};
use svg::Document;
use svg::node::element::{Definitions, Group, Line, Marker, Path, Rectangle, Style, Text, Title};

use crate::workspace::Workspace;

/// Where it lies in the workspace: in the published package.
const FILE: &str = "src/how_it_works.svg";

const WIDTH: u32 = 940;
const HEIGHT: u32 = 500;

/// Colours. The picture brings its own ground, so that it can be read on any page.
const STYLE: &str = "
text { font: 14px system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328 }
.middle { text-anchor: middle }
.small { font-size: 12px }
.soft { fill: #59636e }
.bold { font-weight: 600 }
.page { fill: #ffffff; stroke: #d0d7de }
.free { fill: #f6f8fa; stroke: #d0d7de }
.ours { fill: #ddf4ff; stroke: #0969da }
.lent { fill: #fff1e5; stroke: #bc4c00 }
.other { fill: #eaeef2; stroke: #8c959f }
.arrow { fill: none; stroke: #59636e; stroke-width: 1.5 }
.link { stroke: #0969da; stroke-width: 1.5 }
.chain { fill: none; stroke: #bc4c00; stroke-width: 1.5 }
.tip { fill: #bc4c00 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 }
.soft { fill: #b1bac4 }
.page { fill: #0d1117; stroke: #3d444d }
.free { fill: #151b23; stroke: #3d444d }
.ours { fill: #0c2d6b; stroke: #4493f8 }
.lent { fill: #5a1e02; stroke: #f0883e }
.other { fill: #2a313c; stroke: #656c76 }
.arrow { stroke: #9198a1 }
.link { stroke: #4493f8 }
.chain { stroke: #f0883e }
.tip { fill: #f0883e }
}
";

/// What a cell holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cell {
    Free,
    /// An entry of the bucket that is shown, in one of its home cells.
    Ours(&'static str),
    /// An entry of that bucket, too, in a cell of another group.
    Lent(&'static str),
    /// An entry of another bucket.
    Other,
}

impl Cell {
    fn class(self) -> &'static str {
        match self {
            Cell::Free => "free",
            Cell::Ours(_) => "ours",
            Cell::Lent(_) => "lent",
            Cell::Other => "other",
        }
    }

    fn key(self) -> &'static str {
        match self {
            Cell::Free => "",
            Cell::Ours(key) | Cell::Lent(key) => key,
            Cell::Other => "…",
        }
    }
}

/// The cells, in groups of four. The second group is the bucket that is shown.
const CELLS: [Cell; 12] = [
    Cell::Other,
    Cell::Free,
    Cell::Other,
    Cell::Lent("k5"),
    Cell::Ours("k1"),
    Cell::Ours("k2"),
    Cell::Ours("k3"),
    Cell::Ours("k4"),
    Cell::Free,
    Cell::Other,
    Cell::Free,
    Cell::Free,
];
const SHOWN: std::ops::Range<usize> = 4..8;
const CHAINED: usize = 3;

const CELL_WIDTH: u32 = 62;
const CELL_TOP: u32 = 244;
const ROW: u32 = 26;

/// Where a cell begins.
const fn cell_left(index: usize) -> u32 {
    let index = index as u32;
    58 + index * (CELL_WIDTH + 5) + index / 4 * 22
}

/// The bucket word, and its fields: from where to where.
const WORD_TOP: u32 = 100;
const WORD_HEIGHT: u32 = 48;
const VERSION: (u32, u32) = (160, 280);
const CHAIN: (u32, u32) = (280, 400);
/// The first of four.
const BIT: (u32, u32) = (400, 440);
const BIT_WIDTH: u32 = BIT.1 - BIT.0;
const WORD_END: u32 = BIT.0 + 4 * BIT_WIDTH;

/// What the operations do to it.
const OPERATIONS: [(&str, &str); 4] = [
    (
        "get",
        "read the word, compare the four keys, copy the value; the word is the same still: done, \
         nothing written",
    ),
    (
        "insert",
        "fill a free cell; then one compare-and-swap on the word sets its bit and takes the next version",
    ),
    (
        "remove",
        "one compare-and-swap on the word clears the bit; the cell is free again",
    ),
    (
        "a fifth key",
        "goes into any free cell, which the same compare-and-swap on the word links into the chain",
    ),
];

/// Draws it.
pub fn write(workspace: &Workspace) -> Result<()> {
    let path = workspace.root.join(FILE);
    fs::write(&path, draw()).with_context(|| format!("cannot write {}", path.display()))
}

fn draw() -> String {
    let page = rectangle("page", 1, 1, WIDTH - 2, HEIGHT - 2).set("rx", 8);
    let document = Document::new()
        .set("viewBox", (0, 0, WIDTH, HEIGHT))
        .set("width", WIDTH)
        .set("height", HEIGHT)
        .set("role", "img")
        .add(Title::new("How a map finds an entry"))
        .add(Style::new(STYLE))
        .add(tip())
        .add(page)
        .add(words())
        .add(word())
        .add(arena());
    format!("{}\n", document.add(operations()))
}

/// The tip of the chain.
fn tip() -> Definitions {
    let tip = Path::new().set("class", "tip").set("d", "M0,0 L8,4 L0,8 z");
    let marker = Marker::new()
        .set("id", "tip")
        .set("viewBox", (0, 0, 8, 8))
        .set("refX", 7)
        .set("refY", 4)
        .set("markerWidth", 7)
        .set("markerHeight", 7)
        .set("orient", "auto");
    Definitions::new().add(marker.add(tip))
}

/// The key, its hash, and the words of all buckets.
fn words() -> Group {
    const TOP: u32 = 28;
    const LEFT: u32 = 285;
    const STEP: u32 = 52;
    const SIZE: (u32, u32) = (46, 26);

    let mut group = Group::new()
        .add(rectangle("free", 58, 26, 76, 30).set("rx", 15))
        .add(text("middle", 96, 46, "key"))
        .add(arrow("M134,41 L280,41 M273,37 L281,41 L273,45"))
        .add(text("middle small soft", 207, 34, "hash"))
        .add(text(
            "small soft",
            452,
            45,
            "bucket words: one for each four cells",
        ));
    for (at, class) in (0..).zip(["other", "ours", "other"]) {
        group = group.add(rectangle(class, LEFT + STEP * at, TOP, SIZE.0, SIZE.1));
    }
    // The one that is shown in full.
    let dashed = |from: u32, to: u32| {
        let from = format!("M{from},{}", TOP + SIZE.1);
        arrow(format!("{from} L{to},{WORD_TOP}")).set("stroke-dasharray", "3 3")
    };
    let shown = LEFT + STEP;
    group
        .add(dashed(shown, VERSION.0))
        .add(dashed(shown + SIZE.0, WORD_END))
}

/// The bucket word, field by field, and where its bits lead.
fn word() -> Group {
    let field = |(left, right): (u32, u32), name: &str, value: &str| {
        let middle = (left + right) / 2;
        Group::new()
            .add(rectangle("ours", left, WORD_TOP, right - left, WORD_HEIGHT))
            .add(text("middle small soft", middle, WORD_TOP + 17, name))
            .add(text("middle", middle, WORD_TOP + 37, value))
    };
    let mut group = Group::new()
        .add(text("small soft", 58, WORD_TOP + 22, "one native"))
        .add(text("small soft", 58, WORD_TOP + 38, "word"))
        .add(field(VERSION, "version", "41"))
        .add(field(CHAIN, "chain", "→ 3"))
        .add(text(
            "small soft",
            WORD_END + 12,
            WORD_TOP + 29,
            "a bit for each home cell",
        ));
    for (at, cell) in (0..).zip(SHOWN) {
        let left = BIT.0 + BIT_WIDTH * at;
        let link = Line::new()
            .set("class", "link")
            .set("x1", left + BIT_WIDTH / 2)
            .set("y1", WORD_TOP + WORD_HEIGHT)
            .set("x2", cell_left(cell) + CELL_WIDTH / 2)
            .set("y2", CELL_TOP);
        let bit = field((left, left + BIT_WIDTH), "live", "1");
        group = group.add(bit).add(link);
    }
    group
}

/// The cells, and the chain.
fn arena() -> Group {
    let mut group = Group::new().add(text(
        "small soft",
        58,
        CELL_TOP - 12,
        "arena: own word, key, value",
    ));
    for (index, cell) in CELLS.into_iter().enumerate() {
        let left = cell_left(index);
        for (row, content) in [index.to_string(), cell.key().into(), value(cell)]
            .into_iter()
            .enumerate()
        {
            let top = CELL_TOP + ROW * row as u32;
            let class = if row == 0 {
                "middle small soft"
            } else {
                "middle"
            };
            group = group
                .add(rectangle(cell.class(), left, top, CELL_WIDTH, ROW))
                .add(text(class, left + CELL_WIDTH / 2, top + 18, content));
        }
    }
    let below = CELL_TOP + 3 * ROW + 20;
    for (first, name) in [
        (0, "another bucket's home cells, one lent"),
        (4, "home cells of this bucket"),
        (8, "another bucket's home cells"),
    ] {
        let middle = (cell_left(first) + cell_left(first + 3) + CELL_WIDTH) / 2;
        group = group.add(text("middle small soft", middle, below, name));
    }
    let from = (CHAIN.0 + CHAIN.1) / 2;
    let to = cell_left(CHAINED) + CELL_WIDTH / 2;
    let (top, bottom) = (WORD_TOP + WORD_HEIGHT, CELL_TOP - 2);
    let chain = format!(
        "M{from},{top} C{from},{} {to},{} {to},{bottom}",
        top + 50,
        bottom - 50
    );
    group.add(
        Path::new()
            .set("class", "chain")
            .set("d", chain)
            .set("marker-end", "url(#tip)"),
    )
}

fn value(cell: Cell) -> String {
    match cell {
        Cell::Free => String::new(),
        Cell::Other => "…".into(),
        Cell::Ours(key) | Cell::Lent(key) => key.replace('k', "v"),
    }
}

fn operations() -> Group {
    let mut group = Group::new();
    for (at, (name, what)) in OPERATIONS.into_iter().enumerate() {
        let top = 392 + 28 * at as u32;
        group = group
            .add(text("bold", 58, top, name))
            .add(text("", 150, top, what));
    }
    group
}

fn rectangle(class: &str, left: u32, top: u32, width: u32, height: u32) -> Rectangle {
    Rectangle::new()
        .set("class", class)
        .set("x", left)
        .set("y", top)
        .set("width", width)
        .set("height", height)
}

fn text(class: &str, left: u32, top: u32, content: impl Into<String>) -> Text {
    let text = Text::new(content).set("x", left).set("y", top);
    match class {
        "" => text,
        class => text.set("class", class),
    }
}

fn arrow(path: impl Into<String>) -> Path {
    Path::new().set("class", "arrow").set("d", path.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_picture_is_the_one_that_is_drawn() {
        let workspace = Workspace::find().unwrap();
        let committed = fs::read_to_string(workspace.root.join(FILE)).unwrap();
        assert!(committed == draw(), "run `cargo qemu docs --bless`");
    }
}
