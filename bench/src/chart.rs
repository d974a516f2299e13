//! A chart of what a request costs, compared with the native twin.

use anyhow::{Result, anyhow};
use plotters::prelude::*;

use crate::report::Report;

/// Width and height, in pixels.
const SIZE: (u32, u32) = (760, 300);

/// The quantities that are shown, by their names in the report and in the chart.
const SHOWN: [(&str, &str); 2] = [("POST CPU ms", "POST /orders"), ("GET CPU ms", "GET /orders/{id}")];

/// The contenders, with their names in the chart and their colours.
const BARS: [(&str, &str, RGBColor); 3] = [
    ("native", "native axum", RGBColor(0x8a, 0x8f, 0x98)),
    ("reused", "component, instance reused", RGBColor(0x2f, 0x6f, 0xde)),
    ("fresh", "component, fresh instance for each request", RGBColor(0x8f, 0xb6, 0xf5)),
];

/// Words and lines have the colour of the text around the chart, in the light and in the dark; `design/tokens.css` declares both.
const INK: &str = "<style>svg{color:#1c1f24}@media(prefers-color-scheme:dark){svg{color:#e8ebf0}}</style>";

/// The chart of a report on orders, as SVG; `None` for any other report.
pub fn of_orders(report: &Report) -> Option<Result<String>> {
    let mut bars = Vec::new();
    for (group, (quantity, _)) in SHOWN.iter().enumerate() {
        for (index, (contender, ..)) in BARS.iter().enumerate() {
            bars.push((group, index, report.ratio(contender, quantity)?));
        }
    }
    Some(
        draw(&bars)
            .map(|svg| on_any_ground(&svg))
            .map_err(|error| anyhow!("the chart cannot be drawn: {error}")),
    )
}

/// A chart without a ground of its own, whose black is the text's colour.
fn on_any_ground(svg: &str) -> String {
    svg.replace("\"#000000\"", "\"currentColor\"").replacen('>', &format!(">\n{INK}"), 1)
}

fn draw(bars: &[(usize, usize, f64)]) -> Result<String, Box<dyn std::error::Error>> {
    let most = bars.iter().map(|(.., ratio)| *ratio).fold(1.0, f64::max);
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        let mut chart = ChartBuilder::on(&area)
            .caption("CPU for each request, native axum = 1", ("sans-serif", 18))
            .margin(12)
            .x_label_area_size(28)
            .y_label_area_size(36)
            .build_cartesian_2d(0.0..SHOWN.len() as f64, 0.0..most * 1.25)?;
        chart
            .configure_mesh()
            .disable_mesh()
            .x_labels(0)
            .y_labels(6)
            .light_line_style(TRANSPARENT)
            .y_label_formatter(&|ratio| format!("{ratio:.1}"))
            .draw()?;
        for (index, (_, name, colour)) in BARS.iter().enumerate() {
            let width = 0.8 / BARS.len() as f64;
            let own = bars.iter().filter(|(_, bar, _)| *bar == index);
            let placed = own.map(|(group, _, ratio)| (*group as f64 + 0.1 + index as f64 * width, *ratio));
            let placed: Vec<_> = placed.collect();
            chart
                .draw_series(placed.iter().map(|(x, ratio)| {
                    Rectangle::new([(*x + 0.01, 0.0), (x + width - 0.01, *ratio)], colour.filled())
                }))?
                .label(*name)
                .legend(|(x, y)| Rectangle::new([(x, y - 5), (x + 10, y + 5)], colour.filled()));
            chart.draw_series(placed.iter().map(|(x, ratio)| {
                Text::new(
                    format!("{ratio:.2}"),
                    (x + width / 2.0 - 0.03, ratio + most * 0.06),
                    ("sans-serif", 14),
                )
            }))?;
        }
        for (group, (_, name)) in SHOWN.iter().enumerate() {
            let below = (group as f64 + 0.4, -most * 0.03);
            chart.plotting_area().draw(&Text::new(*name, below, ("sans-serif", 14)))?;
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .label_font(("sans-serif", 13))
            .background_style(TRANSPARENT)
            .draw()?;
        area.present()?;
    }
    Ok(svg)
}
