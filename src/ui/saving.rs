//! The session and the report as files.

use super::atoms::Table;
use crate::platform::{canvas, page};
use crate::state::App;
use leptos::prelude::*;
use servelens_charts::{Theme, svg_drawing};
use servelens_core::chart::ChartSpec;
use servelens_core::report::{self, Drawing, Format};
use servelens_core::session;

/// Saves the workspace as a session file.
pub fn session(app: App) {
    match session::save_whole(&app.workspace.get_untracked()) {
        Ok(text) => page::save(
            "servelens-session.json",
            "application/json",
            text.as_bytes(),
        ),
        Err(e) => app.said.set(e.to_string()),
    }
}

/// Saves the report in a format.
pub fn report(app: App, format: Format) {
    let (ws, a) = (app.limited.get_untracked(), app.analysis.get_untracked());
    let text = report::render(&report::build(&ws, &a), format, Some(&drawn));
    let (name, mime) = match format {
        Format::Markdown => ("report.md", "text/markdown"),
        Format::Html => ("report.html", "text/html"),
        Format::Json => ("report.json", "application/json"),
        Format::Csv => ("comparison.csv", "text/csv"),
    };
    page::save(name, mime, text.as_bytes());
}

/// A chart of the report as an SVG element.
pub fn drawn(drawing: &Drawing, dark: bool) -> String {
    /// Width in CSS pixels: two stand side by side.
    const WIDTH: f64 = 420.0;
    let theme = if dark { &Theme::DARK } else { &Theme::LIGHT };
    svg_drawing(drawing, WIDTH, theme)
}

/// Saves a chart as a file: svg, png, or its table as csv.
pub fn chart(kind: &'static str, spec: &ChartSpec, table: &Table, width: f64, height: f64) {
    match kind {
        "svg" => canvas::save_svg(spec, width, height),
        "png" => canvas::save_png(spec, width, height),
        _ => page::save(
            &format!("{}.csv", spec.id),
            "text/csv",
            table.csv().as_bytes(),
        ),
    }
}
