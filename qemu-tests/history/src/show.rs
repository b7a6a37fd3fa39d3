//! A violation for people: a timeline in text, and the same drawn.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use svg::Document;
use svg::node::element::{Group, Line, Rectangle, Text};

use crate::{Answer, Op, Violation};

fn label(op: &Op) -> String {
    let answer = match &op.answer {
        None => "never ended".into(),
        Some(Answer::Absent) => "absent".into(),
        Some(Answer::There(value)) => format!("{value}"),
        Some(Answer::Full) => "full".into(),
        Some(Answer::Is(is)) => format!("{is}"),
        Some(Answer::Number(n)) => format!("{n}"),
        Some(Answer::Entries(entries)) => format!("{entries:?}"),
        Some(Answer::Done) => "done".into(),
    };
    let what = format!("{:?}", op.kind);
    match op.kind {
        kind if !kind.has_key() => format!("{what} = {answer}"),
        kind if !kind.has_argument() => format!("{what}({}) = {answer}", op.key),
        _ => format!("{what}({}, {}) = {answer}", op.key, op.argument),
    }
}

/// The window in text: a row a context, in which each operation has a letter, and what the letters are. A
/// row has as many lines as are needed for operations that would hide each other.
pub fn timeline(violation: &Violation) -> String {
    const WIDTH: usize = 72;
    let (first, span) = span(violation);
    let column = |time: u64| {
        let part = u128::from(time - first) * (WIDTH as u128 - 1) / u128::from(span);
        (part as usize).min(WIDTH - 1)
    };
    let mut rows: BTreeMap<usize, Vec<Vec<u8>>> = BTreeMap::new();
    let mut legend = String::new();
    for (i, op) in violation.window.iter().enumerate() {
        let name = name(i);
        let from = column(op.start).min(WIDTH - name.len());
        let to = op.end.map_or(WIDTH - 1, column).max(from + name.len() - 1);
        let lines = rows.entry(op.context).or_default();
        let free = |line: &Vec<u8>| line[from..=to].iter().all(|byte| *byte == b' ');
        let line = lines.iter().position(free).unwrap_or_else(|| {
            lines.push(vec![b' '; WIDTH]);
            lines.len() - 1
        });
        let line = &mut lines[line];
        line[from..=to].fill(b'=');
        line[from..from + name.len()].copy_from_slice(name.as_bytes());
        if op.end.is_none() {
            line[WIDTH - 1] = b'>';
        }
        // A string takes any line.
        let _ = writeln!(legend, "  {name:2} context {}: {}", op.context, label(op));
    }
    let mut text = format!("{}\n", violation.what);
    for (context, lines) in rows {
        for line in lines {
            let line = String::from_utf8_lossy(&line);
            let _ = writeln!(text, "context {context:2} |{line}|");
        }
    }
    text + &legend
}

/// `A` to `Z`, `A1` to `Z1`, and so on.
fn name(i: usize) -> String {
    let letter = char::from(b'A' + (i % 26) as u8);
    match i / 26 {
        0 => letter.into(),
        more => format!("{letter}{more}"),
    }
}

fn span(violation: &Violation) -> (u64, u64) {
    let first = violation
        .window
        .iter()
        .map(|op| op.start)
        .min()
        .unwrap_or(0);
    let last = violation.window.iter().filter_map(|op| op.end).max();
    (first, last.unwrap_or(first).saturating_sub(first).max(1))
}

const WIDTH: f64 = 1100.0;
const LEFT: f64 = 90.0;
const BAR: f64 = 14.0;
const LINE: f64 = 13.0;

/// The same as a drawing, a row a context: bars, and below each its label, in the first line in which it
/// hides no other.
///
/// # Errors
/// When the file cannot be written.
pub fn draw(violation: &Violation, path: &Path) -> std::io::Result<()> {
    let (first, span) = span(violation);
    let x = |time: u64| LEFT + (time - first) as f64 / span as f64 * (WIDTH - LEFT - 60.0);
    let mut rows: BTreeMap<usize, Vec<&Op>> = BTreeMap::new();
    for op in &violation.window {
        rows.entry(op.context).or_default().push(op);
    }
    let mut parts = Group::new();
    let mut y = 40.0;
    for (context, ops) in rows {
        let rule = Line::new()
            .set("x1", LEFT)
            .set("x2", WIDTH - 10.0)
            .set("y1", y + BAR / 2.0)
            .set("y2", y + BAR / 2.0)
            .set("stroke", "#ccc");
        parts = parts
            .add(text(10.0, y + BAR - 3.0, 12, format!("context {context}")))
            .add(rule);
        // Where each line of labels ends.
        let mut lines: Vec<f64> = Vec::new();
        for op in ops {
            let (from, to) = (x(op.start), op.end.map_or(WIDTH - 10.0, x));
            let label = label(op);
            let width = 6.0 * label.len() as f64;
            let at = from.min(WIDTH - 10.0 - width).max(LEFT);
            let free = lines.iter().position(|end| *end < at);
            let line = free.unwrap_or(lines.len());
            lines.resize(lines.len().max(line + 1), 0.0);
            lines[line] = at + width;
            let below = y + BAR + LINE * (line as f64 + 1.0);
            let lead = Line::new()
                .set("x1", from + 1.0)
                .set("x2", at.max(from.min(at + width)) + 1.0)
                .set("y1", y + BAR)
                .set("y2", below - 8.0)
                .set("stroke", "#bbb");
            let colour = if op.kind.writes() {
                "#f2b27a"
            } else {
                "#9cc3e6"
            };
            let bar = Rectangle::new()
                .set("x", from)
                .set("y", y)
                .set("width", (to - from).max(2.0))
                .set("height", BAR)
                .set("fill", colour)
                .set("stroke", "#555")
                .set("stroke-width", 0.5);
            parts = parts.add(lead).add(bar).add(text(at, below, 10, label));
        }
        y += BAR + LINE * lines.len() as f64 + 22.0;
    }
    let background = Rectangle::new()
        .set("width", WIDTH)
        .set("height", y)
        .set("fill", "white");
    let document = Document::new()
        .set("viewBox", (0.0, 0.0, WIDTH, y))
        .set("font-family", "sans-serif")
        .add(background)
        .add(text(10.0, 20.0, 14, violation.what.clone()))
        .add(parts);
    svg::save(path, &document)
}

fn text(x: f64, y: f64, size: u32, text: String) -> Text {
    Text::new(text)
        .set("x", x)
        .set("y", y)
        .set("font-size", size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeline_has_a_row_for_each_context() {
        let (_, history, _) = crate::faulty::by_hand().remove(0);
        let mut violation = crate::check(&history).unwrap_err();
        let text = timeline(&violation);
        let rows = text.lines().filter(|line| line.starts_with("context"));
        assert_eq!(rows.count(), 2, "{text}");
        assert!(text.contains("Get(1) = 7"), "{text}");
        // Two at once in one context, as of an interrupt handler, and one that never ended.
        let mut second = violation.window[0].clone();
        (second.end, second.answer) = (None, None);
        violation.window.push(second);
        let text = timeline(&violation);
        let rows = text.lines().filter(|line| line.starts_with("context"));
        assert_eq!(rows.count(), 3, "{text}");
        assert!(
            text.contains("=>|") && text.contains("never ended"),
            "{text}"
        );
    }

    #[test]
    fn names_differ() {
        assert_eq!([name(0), name(25), name(26)], ["A", "Z", "A1"]);
    }

    #[test]
    fn a_drawing_has_a_label_for_each_operation() {
        let (_, history, _) = crate::faulty::by_hand().remove(0);
        let violation = crate::check(&history).unwrap_err();
        let name = format!("history-drawing-{}.svg", std::process::id());
        let path = std::env::temp_dir().join(name);
        draw(&violation, &path).unwrap();
        let drawn = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        for op in &violation.window {
            assert!(drawn.contains(&label(op)), "{drawn}");
        }
    }
}
