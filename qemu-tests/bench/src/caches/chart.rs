//! One plot: a group of bars for each trace and size, a bar for each subject.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow};
use plotters::prelude::*;

use super::Row;
use super::subjects::SUBJECTS;

const SIZE: (u32, u32) = (900, 420);
const FONT: &str = "sans-serif";
/// Of the axis, what the longest bar leaves for its number.
const ROOM: f64 = 1.1;
/// The colours of the subjects: ours stand out.
const COLOURS: [RGBColor; 7] = [
    RGBColor(0x0b, 0x3d, 0x6b),
    RGBColor(0x1b, 0x6f, 0xb5),
    RGBColor(0x7f, 0xb2, 0xdc),
    RGBColor(0xe0, 0x7b, 0x00),
    RGBColor(0x4a, 0x9a, 0x5b),
    RGBColor(0x96, 0x96, 0x96),
    RGBColor(0xd5, 0xd5, 0xd5),
];

/// Draws what `value` says of each row that it says something of.
pub fn draw(
    path: &Path,
    title: &str,
    rows: &[Row],
    value: impl Fn(&Row) -> Option<f64>,
) -> Result<()> {
    let groups: Vec<&[Row]> = rows.chunks(SUBJECTS.len()).collect();
    let most = rows.iter().filter_map(&value).fold(0.0, f64::max) * ROOM;
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let draw = || -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
            root.fill(&WHITE)?;
            let mut chart = ChartBuilder::on(&root)
                .caption(title, (FONT, 17))
                .margin(10)
                .x_label_area_size(40)
                .y_label_area_size(50)
                .build_cartesian_2d(0.0..groups.len() as f64, 0.0..most)?;
            chart
                .configure_mesh()
                .disable_x_mesh()
                .disable_x_axis()
                .max_light_lines(1)
                .label_style((FONT, 13))
                .draw()?;
            for (number, group) in groups.iter().enumerate() {
                let bars = group.iter().enumerate();
                let bars = bars.filter_map(|(at, row)| Some((at, value(row)?)));
                let bars: Vec<_> = bars.collect();
                // A bar's width, and a gap of one between groups.
                let width = 1.0 / (bars.len() + 1) as f64;
                for (place, &(at, value)) in bars.iter().enumerate() {
                    let left = number as f64 + width * (place as f64 + 0.5);
                    let corners = [(left, 0.0), (left + width, value)];
                    chart.draw_series([Rectangle::new(corners, COLOURS[at].filled())])?;
                    let digits = usize::from(value < 100.0) + usize::from(value < 10.0);
                    let text = Text::new(format!("{value:.digits$}"), (1, -11), (FONT, 9));
                    chart.draw_series([EmptyElement::at((left, value)) + text])?;
                }
                let row = &group[0];
                let (x, y) = chart.backend_coord(&(number as f64 + 0.25, 0.0));
                let name = format!("{} {}", row.trace, row.entries);
                root.draw(&Text::new(name, (x, y + 6), (FONT, 13)))?;
            }
            let mut x = 60;
            for (at, subject) in SUBJECTS.iter().enumerate() {
                if !groups.iter().any(|group| value(&group[at]).is_some()) {
                    continue;
                }
                let y = SIZE.1 as i32 - 16;
                root.draw(&Rectangle::new(
                    [(x, y - 5), (x + 11, y + 6)],
                    COLOURS[at].filled(),
                ))?;
                root.draw(&Text::new(subject.name, (x + 16, y - 6), (FONT, 12)))?;
                x += 36 + 7 * subject.name.len() as i32;
            }
            root.present()
        };
        draw().map_err(|error| anyhow!("cannot draw: {error}"))?;
    }
    fs::write(path, svg).with_context(|| format!("cannot write {}", path.display()))
}
