//! The plots: SVG files, one a cell, and one a workload over the numbers of threads.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use plotters::coord::Shift;
use plotters::coord::ranged1d::SegmentValue;
use plotters::prelude::*;

use crate::peers::Takes;
use crate::results::{Figure, Row};
use crate::workload::{Cell, Workload};

const WIDTH: u32 = 900;
/// Height of a bar with its gap.
const BAR: u32 = 20;
/// Height of title, axis and legend.
const FRAME: u32 = 118;
/// Height of the line that explains colours and marks.
const LEGEND: u32 = 36;
/// Bars longer than the median bar, times this, are cut; their numbers stand beside them.
const CUT: f64 = 4.0;
/// Height of a plot over the numbers of threads, and the width for names in it.
const SCALING: u32 = 460;
const NAMES: u32 = 240;
/// Of an axis, what the longest bar leaves for its number.
const ROOM: f64 = 1.12;
/// How many peers are drawn over the numbers of threads, besides ours.
const BEST: usize = 12;
const FONT: &str = "sans-serif";
/// The workloads of which a page shows plots.
const CHOSEN: [Workload; 4] = [
    Workload::Read,
    Workload::Mix98,
    Workload::Churn,
    Workload::Hot,
];
const COPY_MAP: RGBColor = RGBColor(0x1b, 0x6f, 0xb5);
const MAP: RGBColor = RGBColor(0xe0, 0x7b, 0x00);
const OTHER: RGBColor = RGBColor(0x96, 0x96, 0x96);
const FLOOR: RGBColor = RGBColor(0xd5, 0xd5, 0xd5);
/// What the colours of the bars mean.
const KINDS: [(&str, RGBColor); 4] = [
    ("our CopyMap", COPY_MAP),
    ("our Map", MAP),
    ("others", OTHER),
    ("not synchronised", FLOOR),
];
/// What the marks at numbers mean.
const MARKS: [(&str, &str); 3] = [
    ("→", "longer than drawn"),
    ("~", "disturbed"),
    ("!", "wrong results"),
];

/// Draws everything into this folder.
pub fn all(folder: &Path, rows: &[Row]) -> Result<()> {
    let mut drawn: Vec<Cell> = Vec::new();
    let mut lines: Vec<Cell> = Vec::new();
    for row in rows {
        let cell = row.cell;
        if !drawn.contains(&cell) {
            drawn.push(cell);
            let same: Vec<_> = rows.iter().filter(|other| other.cell == cell).collect();
            for (index, figure) in cell.workload.figures().iter().enumerate() {
                let path = folder.join(file_name(&cell, figure));
                bars(&path, &cell, index, figure, &same)?;
            }
        }
        let shape = Cell { threads: 0, ..cell };
        if !cell.workload.has_roles() && !lines.contains(&shape) {
            lines.push(shape);
            scaling(folder, &shape, rows)?;
        }
    }
    Ok(())
}

/// The few plots that a page shows: these workloads, at the smallest size and load that were
/// measured, by one thread and by the most. Their names do not depend on what was measured.
pub fn chosen(folder: &Path, rows: &[Row]) -> Result<()> {
    let first = rows
        .iter()
        .map(|row| row.cell)
        .min_by_key(|cell| (cell.size, cell.load));
    for workload in CHOSEN {
        let cells = || {
            let same = |cell: &Cell| {
                cell.workload == workload
                    && first.is_some_and(|first| (first.size, first.load) == (cell.size, cell.load))
            };
            rows.iter().map(|row| row.cell).filter(same)
        };
        let one = cells().find(|cell| cell.threads == 1);
        let most = cells().max_by_key(|cell| cell.threads);
        let most = most.filter(|cell| cell.threads > 1);
        for (name, cell) in [("one-thread", one), ("threads", most)] {
            let Some(cell) = cell else {
                continue;
            };
            let same: Vec<_> = rows.iter().filter(|row| row.cell == cell).collect();
            let path = folder.join(format!("{}-{name}.svg", workload.name()));
            bars(&path, &cell, 0, cell.workload.figures()[0], &same)?;
        }
    }
    Ok(())
}

/// One figure of a cell: a bar a peer, the best on top. Peers without one stand below, with what
/// became of them.
fn bars(path: &Path, cell: &Cell, index: usize, figure: &str, rows: &[&Row]) -> Result<()> {
    let value = |row: &Row| row.figures.get(index).map(|figure: &Figure| figure.median);
    let mut bars: Vec<(&Row, Option<f64>)> = rows.iter().map(|row| (*row, value(row))).collect();
    // The first bar is the lowest one: rates grow upwards, times downwards.
    let is_rate = cell.workload == Workload::Beside;
    let order = |value: Option<f64>| match (value, is_rate) {
        (None, _) => f64::NEG_INFINITY,
        (Some(value), true) => value,
        (Some(value), false) => -value,
    };
    bars.sort_by(|a, b| order(a.1).total_cmp(&order(b.1)));
    let mut values: Vec<f64> = bars.iter().filter_map(|bar| bar.1).collect();
    values.sort_by(f64::total_cmp);
    // Without a bar there is no axis.
    let Some(longest) = values.last().filter(|longest| **longest > 0.0) else {
        return Ok(());
    };
    let end = match is_rate {
        true => *longest,
        false => longest.min(values[values.len() / 2] * CUT),
    } * ROOM;

    let height = FRAME + BAR * bars.len() as u32;
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        let draw = || -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
            root.fill(&WHITE)?;
            let mut chart = ChartBuilder::on(&root)
                .caption(format!("{cell}: {figure}"), (FONT, 17))
                .margin(10)
                .margin_bottom(LEGEND)
                .x_label_area_size(46)
                .y_label_area_size(240)
                .build_cartesian_2d(0.0..end, (0..bars.len() - 1).into_segmented())?;
            let better = if is_rate { "more" } else { "less" };
            chart
                .configure_mesh()
                .disable_y_mesh()
                .max_light_lines(1)
                .x_desc(format!("{} ({better} is better)", spelled(figure)))
                .x_labels(8)
                .x_label_formatter(&|value| format!("{value:.0$}", usize::from(end < 10.0)))
                .y_labels(bars.len())
                .y_label_formatter(&|at| match at {
                    SegmentValue::CenterOf(bar) => bars
                        .get(*bar)
                        .map_or_else(String::new, |(row, _)| row.peer.label.into()),
                    _ => String::new(),
                })
                .label_style((FONT, 13))
                .draw()?;
            let mut marks = BTreeSet::new();
            for (at, (row, value)) in bars.iter().enumerate() {
                let shown = value.unwrap_or(0.0).min(end / ROOM);
                let above = match at + 1 {
                    above if above < bars.len() => SegmentValue::Exact(above),
                    _ => SegmentValue::Last,
                };
                let corners = [(0.0, SegmentValue::Exact(at)), (shown, above)];
                let mut bar = Rectangle::new(corners, colour(row).filled());
                bar.set_margin(3, 3, 0, 0);
                chart.draw_series([bar])?;
                let text = match value {
                    Some(value) => {
                        let cut = if shown < *value { "→" } else { "" };
                        let text = format!("{cut}{}{}", row.mark(), number(*value));
                        marks.extend(MARKS.iter().filter(|mark| text.contains(mark.0)));
                        text
                    }
                    None => row.word().to_uppercase(),
                };
                chart.draw_series([EmptyElement::at((shown, SegmentValue::CenterOf(at)))
                    + Text::new(text, (5, -6), (FONT, 12))])?;
            }
            legend(&root, height as i32 - 18, &marks)?;
            root.present()
        };
        draw().map_err(|error| anyhow!("cannot draw: {error}"))?;
    }
    fs::write(path, svg).with_context(|| format!("cannot write {}", path.display()))
}

/// What the colours and the marks mean, in one line.
fn legend(
    root: &DrawingArea<SVGBackend<'_>, Shift>,
    y: i32,
    marks: &BTreeSet<&(&str, &str)>,
) -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
    // The width of a letter is about this much.
    const LETTER: i32 = 7;
    let mut x = 16;
    for (name, colour) in KINDS {
        root.draw(&Rectangle::new(
            [(x, y - 5), (x + 11, y + 6)],
            colour.filled(),
        ))?;
        root.draw(&Text::new(name, (x + 16, y - 6), (FONT, 12)))?;
        x += 32 + LETTER * name.len() as i32;
    }
    for (mark, meaning) in marks {
        let text = format!("{mark} {meaning}");
        x += LETTER * text.chars().count() as i32 + 10;
        root.draw(&Text::new(
            text.clone(),
            (x - LETTER * text.chars().count() as i32, y - 6),
            (FONT, 12),
        ))?;
    }
    Ok(())
}

/// As it stands in the tables.
fn number(value: f64) -> String {
    let digits = if value < 100.0 { 1 } else { 0 };
    format!("{value:.digits$}")
}

/// A figure's name with its unit in words.
fn spelled(figure: &str) -> &str {
    match figure {
        "ns/op" => "ns per operation of all threads",
        "M reads/s" => "million reads per second",
        "M writes/s" => "million writes per second",
        other => other,
    }
}

/// Operations a second of all threads over their number, for the peers that are measured at more
/// than one number.
fn scaling(folder: &Path, shape: &Cell, rows: &[Row]) -> Result<()> {
    let mut lines: Vec<(&Row, Vec<(f64, f64)>)> = Vec::new();
    for row in rows {
        let Some(figure) = row.figures.first() else {
            continue;
        };
        if (Cell {
            threads: 0,
            ..row.cell
        }) != *shape
        {
            continue;
        }
        let point = (row.cell.threads as f64, 1e3 / figure.median);
        match lines
            .iter_mut()
            .find(|line| line.0.peer.name == row.peer.name)
        {
            Some(line) => line.1.push(point),
            None => lines.push((row, vec![point])),
        }
    }
    lines.retain(|line| line.1.len() > 1);
    if lines.is_empty() {
        return Ok(());
    }
    let last = |line: &(&Row, Vec<(f64, f64)>)| line.1.last().map_or(0.0, |point| point.1);
    lines.sort_by(|a, b| last(b).total_cmp(&last(a)));
    let mut rank = 0;
    lines.retain(|line| {
        rank += 1;
        rank <= BEST || is_ours(line.0)
    });
    let points = || lines.iter().flat_map(|line| &line.1);
    let most = points().map(|point| point.1).fold(0.0, f64::max);
    let threads = points().map(|point| point.0).fold(1.0, f64::max);

    let figure = "scaling";
    let title = Cell {
        threads: threads as usize,
        ..*shape
    };
    let path = folder.join(file_name(&title, figure));
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH, SCALING)).into_drawing_area();
        let draw = || -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
            root.fill(&WHITE)?;
            let caption = format!(
                "{}, capacity {}, {} % full, by threads",
                shape.workload.name(),
                shape.size,
                shape.load
            );
            let mut chart = ChartBuilder::on(&root)
                .caption(caption, (FONT, 17))
                .margin(10)
                .margin_right(NAMES)
                .x_label_area_size(44)
                .y_label_area_size(64)
                .build_cartesian_2d(1.0..threads, 0.0..most * 1.05)?;
            chart
                .configure_mesh()
                .max_light_lines(1)
                .x_desc("threads")
                .y_desc("million operations per second of all threads (more is better)")
                .x_labels(threads as usize)
                .x_label_formatter(&|at| format!("{at:.0}"))
                .y_label_formatter(&|rate| format!("{rate:.0}"))
                .label_style((FONT, 13))
                .draw()?;
            // Ours are drawn last, over the others.
            let mut order: Vec<_> = lines.iter().enumerate().collect();
            order.sort_by_key(|(_, (row, _))| is_ours(row));
            let ends = lines.iter().map(|line| (threads, last(line)));
            let ends: Vec<_> = ends.map(|end| chart.backend_coord(&end)).collect();
            let heights = apart(&ends.iter().map(|end| end.1).collect::<Vec<_>>());
            for (rank, (row, points)) in order {
                // The golden ratio keeps the hues of neighbours apart.
                let thin = HSLColor((rank as f64 * 0.618).fract(), 0.45, 0.55).stroke_width(1);
                let style = match is_ours(row) {
                    true => colour(row).stroke_width(3),
                    false => thin,
                };
                let points = points.iter().copied();
                if row.peer.label.contains("EXTRA") {
                    let dashes = DashedLineSeries::new(points, 8, 5, style);
                    chart.draw_series(dashes)?;
                } else {
                    chart.draw_series(LineSeries::new(points, style).point_size(3))?;
                }
                // A line leads from each end to its name.
                let (x, y) = (ends[rank].0 + 30, heights[rank]);
                let lead = [(ends[rank].0 + 5, ends[rank].1), (x - 4, y)];
                root.draw(&PathElement::new(lead, style.color.stroke_width(1)))?;
                let font = (FONT, 12).into_font();
                let font = match is_ours(row) {
                    true => font.style(FontStyle::Bold).color(&colour(row)),
                    false => font.color(&BLACK),
                };
                root.draw(&Text::new(row.peer.label, (x, y - 6), font))?;
            }
            root.present()
        };
        draw().map_err(|error| anyhow!("cannot draw: {error}"))?;
    }
    fs::write(&path, svg).with_context(|| format!("cannot write {}", path.display()))
}

/// Heights of names beside the ends of lines, which are given from the top down: as near as can be
/// without overlap, within the picture.
fn apart(ends: &[i32]) -> Vec<i32> {
    const NAME: i32 = 16;
    let mut lowest = SCALING as i32 - 12;
    let mut heights = ends.to_vec();
    for at in 1..heights.len() {
        heights[at] = heights[at].max(heights[at - 1] + NAME);
    }
    for height in heights.iter_mut().rev() {
        *height = lowest.min(*height);
        lowest = *height - NAME;
    }
    heights
}

fn is_ours(row: &Row) -> bool {
    row.peer.name.starts_with("copymap") || row.peer.name.starts_with("map")
}

/// Ours stand out; the rest is grey, the unsynchronised floor pale.
fn colour(row: &Row) -> RGBColor {
    match row.peer.name {
        name if name.starts_with("copymap") => COPY_MAP,
        name if name.starts_with("map") => MAP,
        _ if row.peer.takes == Takes::OneThread => FLOOR,
        _ => OTHER,
    }
}

fn file_name(cell: &Cell, figure: &str) -> String {
    let figure = figure.replace("/op", "-per-op").replace("/s", "-per-s");
    let figure = figure.replace(' ', "-");
    let writers = match cell.writers {
        0 => String::new(),
        writers => format!("-writers-{writers}"),
    };
    format!(
        "{}-{}-load-{}-threads-{}{writers}-{figure}.svg",
        cell.workload.name(),
        cell.size,
        cell.load,
        cell.threads
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beside_lines_do_not_overlap() {
        assert_eq!(apart(&[100, 200]), [100, 200]);
        assert_eq!(apart(&[100, 101, 102, 300]), [100, 116, 132, 300]);
        let low = SCALING as i32 - 12;
        assert_eq!(apart(&[low - 1, low, low]), [low - 32, low - 16, low]);
        assert!(apart(&[]).is_empty());
    }
}
