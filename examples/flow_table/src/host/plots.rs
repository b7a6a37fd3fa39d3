//! The plots of a page: SVG, which stands within the page.

use std::io;
use std::string::{String, ToString};
use std::vec::Vec;

use plotters::coord::ranged1d::ValueFormatter;
use plotters::prelude::*;

const SIZE: (u32, u32) = (860, 300);
const FONT: &str = "sans-serif";
/// Colours that are told apart with any kind of sight (Okabe and Ito).
const COLOURS: [RGBColor; 7] = [
    RGBColor(0x00, 0x72, 0xb2),
    RGBColor(0xe6, 0x9f, 0x00),
    RGBColor(0x00, 0x9e, 0x73),
    RGBColor(0xcc, 0x79, 0xa7),
    RGBColor(0x56, 0xb4, 0xe9),
    RGBColor(0xd5, 0x5e, 0x00),
    RGBColor(0x44, 0x44, 0x44),
];

/// A line of a plot.
pub struct Line {
    /// What it shows.
    pub name: String,
    /// Its points.
    pub points: Vec<(f64, f64)>,
}

/// What a plot's axes are.
pub struct Axes<'a> {
    /// Below the horizontal one.
    pub x: &'a str,
    /// Beside the vertical one.
    pub y: &'a str,
    /// Whether both are logarithmic.
    pub log: bool,
}

/// Lines over a common axis.
pub fn lines(lines: &[Line], axes: &Axes<'_>) -> Result<String, String> {
    let most = |of: fn(&(f64, f64)) -> f64| {
        let points = lines.iter().flat_map(|line| &line.points);
        points.map(of).fold(0.0, f64::max)
    };
    let (width, height) = (most(|point| point.0), most(|point| point.1) * 1.05);
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let mut builder = ChartBuilder::on(&root);
        builder
            .margin(12)
            .x_label_area_size(44)
            .y_label_area_size(72);
        // Two kinds of axes are two types.
        let drawn = if axes.log {
            let x = (1.0..width.max(10.0)).log_scale();
            let y = (1.0..height.max(10.0)).log_scale();
            let chart = builder.build_cartesian_2d(x, y);
            chart.and_then(|chart| draw(chart, lines, axes))
        } else {
            let chart = builder.build_cartesian_2d(0.0..width.max(1e-6), 0.0..height.max(1.0));
            chart.and_then(|chart| draw(chart, lines, axes))
        };
        drawn.map_err(|error| error.to_string())?;
        root.present().map_err(|error| error.to_string())?;
    }
    Ok(svg)
}

/// Draws the axes, the lines, and on linear axes what they are called.
fn draw<'a, X, Y>(
    mut chart: ChartContext<'a, SVGBackend<'a>, Cartesian2d<X, Y>>,
    lines: &[Line],
    axes: &Axes<'_>,
) -> Result<(), DrawingAreaErrorKind<io::Error>>
where
    X: Ranged<ValueType = f64> + ValueFormatter<f64>,
    Y: Ranged<ValueType = f64> + ValueFormatter<f64>,
{
    let mut mesh = chart.configure_mesh();
    mesh.x_desc(axes.x).y_desc(axes.y);
    mesh.axis_desc_style((FONT, 14)).label_style((FONT, 13));
    mesh.light_line_style(TRANSPARENT);
    mesh.x_label_formatter(&scaled).y_label_formatter(&scaled);
    mesh.draw()?;
    let named = lines.len() > 1 && !axes.log;
    for (line, colour) in lines.iter().zip(COLOURS.iter().cycle()) {
        let points = line.points.iter().copied();
        let drawn = chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
        if named {
            let key = move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(3));
            drawn.label(&line.name).legend(key);
        }
    }
    if named {
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::LowerRight)
            .background_style(WHITE.mix(0.8))
            .label_font((FONT, 13))
            .draw()?;
    }
    Ok(())
}

/// Numbers on an axis: `1.5 M`.
fn scaled(value: &f64) -> String {
    for (unit, prefix) in [(1e9, " G"), (1e6, " M"), (1e3, " k")] {
        if *value >= unit {
            return format!("{}{prefix}", round(value / unit));
        }
    }
    round(*value)
}

/// With no more digits behind the point than it takes: one, or four below 1.
fn round(value: f64) -> String {
    let text = match value {
        ..1.0 => format!("{value:.4}"),
        _ => format!("{value:.1}"),
    };
    text.trim_end_matches('0').trim_end_matches('.').to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_on_an_axis() {
        for (value, text) in [
            (0.0, "0"),
            (0.0005, "0.0005"),
            (0.5, "0.5"),
            (10.0, "10"),
            (1500.0, "1.5 k"),
            (2e9, "2 G"),
        ] {
            assert_eq!(scaled(&value), text);
        }
    }

    #[test]
    fn any_number_of_lines_and_points_can_be_drawn() {
        for log in [false, true] {
            let axes = Axes {
                x: "x",
                y: "y",
                log,
            };
            for count in [0, 1, 9] {
                for points in [vec![], vec![(1.0, 0.0)], vec![(1.0, 1.0), (2.0, 3.0)]] {
                    let line = |number: usize| Line {
                        name: format!("line {number}"),
                        points: points.clone(),
                    };
                    let drawn: Vec<Line> = (0..count).map(line).collect();
                    let svg = lines(&drawn, &axes).unwrap();
                    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
                }
            }
        }
    }
}
