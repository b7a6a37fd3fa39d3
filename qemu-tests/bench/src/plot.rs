//! The plots: SVG files, one a cell, and one a workload over the numbers of threads.

use std::fs;
use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::coord::ranged1d::SegmentValue;
use plotters::prelude::*;

use crate::results::{Figure, Row};
use crate::workload::{Cell, Workload};

const WIDTH: u32 = 900;
/// Height of a bar with its gap.
const BAR: u32 = 20;
/// Height of title and axis.
const FRAME: u32 = 90;
/// Bars longer than the median bar, times this, are cut; their numbers stand beside them.
const CUT: f64 = 4.0;
/// How many peers are drawn over the numbers of threads, besides ours.
const BEST: usize = 12;
const FONT: &str = "sans-serif";

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
                bars(folder, &cell, index, figure, &same)?;
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

/// One figure of a cell: a bar a peer, the best on top.
fn bars(folder: &Path, cell: &Cell, index: usize, figure: &str, rows: &[&Row]) -> Result<()> {
    let value = |row: &Row| row.figures.get(index).map(|figure: &Figure| figure.median);
    let mut bars: Vec<(&Row, f64)> = rows
        .iter()
        .filter_map(|row| Some((*row, value(row)?)))
        .collect();
    if bars.is_empty() {
        return Ok(());
    }
    // The first bar is the lowest one: rates grow upwards, times downwards.
    bars.sort_by(|a, b| b.1.total_cmp(&a.1));
    let middle = bars[bars.len() / 2].1;
    let is_rate = cell.workload == Workload::Beside;
    let longest = bars[0].1;
    let end = if is_rate {
        longest
    } else {
        longest.min(middle * CUT)
    } * 1.12
        + f64::EPSILON;
    if is_rate {
        bars.reverse();
    }

    let path = folder.join(file_name(cell, figure));
    let height = FRAME + BAR * bars.len() as u32;
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        let draw = || -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
            root.fill(&WHITE)?;
            let mut chart = ChartBuilder::on(&root)
                .caption(format!("{cell}: {figure}"), (FONT, 17))
                .margin(10)
                .x_label_area_size(28)
                .y_label_area_size(240)
                .build_cartesian_2d(0.0..end, (0..bars.len() - 1).into_segmented())?;
            chart
                .configure_mesh()
                .disable_y_mesh()
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
            for (at, (row, value)) in bars.iter().enumerate() {
                let shown = value.min(end / 1.12);
                let above = match at + 1 {
                    above if above < bars.len() => SegmentValue::Exact(above),
                    _ => SegmentValue::Last,
                };
                let corners = [(0.0, SegmentValue::Exact(at)), (shown, above)];
                let mut bar = Rectangle::new(corners, colour(row).filled());
                bar.set_margin(3, 3, 0, 0);
                chart.draw_series([bar])?;
                let cut = if shown < *value { "→ " } else { "" };
                let mark = if row.is_disturbed() { "~" } else { "" };
                let digits = if *value < 100.0 { 1 } else { 0 };
                let text = format!("{cut}{mark}{value:.digits$}");
                chart.draw_series([EmptyElement::at((shown, SegmentValue::CenterOf(at)))
                    + Text::new(text, (5, -6), (FONT, 12))])?;
            }
            root.present()
        };
        draw().map_err(|error| anyhow!("cannot draw: {error}"))?;
    }
    fs::write(path, svg)?;
    Ok(())
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
        let root = SVGBackend::with_string(&mut svg, (WIDTH + 200, 560)).into_drawing_area();
        let draw = || -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
            root.fill(&WHITE)?;
            let caption = format!(
                "{}, capacity {}, {} % full: M operations/s of all threads",
                shape.workload.name(),
                shape.size,
                shape.load
            );
            let mut chart = ChartBuilder::on(&root)
                .caption(caption, (FONT, 17))
                .margin(10)
                .margin_right(260)
                .x_label_area_size(40)
                .y_label_area_size(60)
                .build_cartesian_2d(1.0..threads, 0.0..most * 1.05)?;
            chart
                .configure_mesh()
                .x_desc("threads")
                .x_labels(threads as usize)
                .x_label_formatter(&|at| format!("{at:.0}"))
                .y_label_formatter(&|rate| format!("{rate:.0}"))
                .label_style((FONT, 13))
                .draw()?;
            for (rank, (row, points)) in lines.iter().enumerate() {
                let style = match is_ours(row) {
                    true => colour(row).stroke_width(3),
                    // The golden ratio keeps neighbours apart.
                    false => HSLColor((rank as f64 * 0.618).fract(), 0.7, 0.42).stroke_width(1),
                };
                chart.draw_series(LineSeries::new(points.iter().copied(), style).point_size(3))?;
                // The legend stands right of the plot, in the order of the lines' ends.
                let at = (WIDTH as i32 - 40, 45 + 19 * rank as i32);
                root.draw(&PathElement::new([at, (at.0 + 22, at.1)], style))?;
                let label = row.peer.label;
                root.draw(&Text::new(label, (at.0 + 28, at.1 - 6), (FONT, 12)))?;
            }
            root.present()
        };
        draw().map_err(|error| anyhow!("cannot draw: {error}"))?;
    }
    fs::write(path, svg)?;
    Ok(())
}

fn is_ours(row: &Row) -> bool {
    row.peer.name.starts_with("copymap") || row.peer.name.starts_with("map")
}

/// Ours stand out; the rest is grey, the unsynchronised floor pale.
fn colour(row: &Row) -> RGBColor {
    match row.peer.name {
        name if name.starts_with("copymap") => RGBColor(0x1b, 0x6f, 0xb5),
        name if name.starts_with("map") => RGBColor(0x6b, 0xae, 0xd6),
        _ if row.peer.label.ends_with("unsynchronised") => RGBColor(0xd5, 0xd5, 0xd5),
        _ => RGBColor(0x96, 0x96, 0x96),
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
