//! `servelens report`: the whole analysis as a document.

use super::{Done, print};
use crate::request::Request;
use servelens_charts::{Theme, svg_drawing};
use servelens_core::report::{Drawing, Format, build, render};

/// Width of a chart, CSS pixels: two stand side by side.
const CHART: f64 = 420.0;

/// Reads the paths and prints the report.
///
/// # Errors
/// One sentence when the usage is wrong.
pub fn run(mut parser: lexopt::Parser) -> Result<Done, String> {
    let mut request = Request::default();
    let mut format = Format::Markdown;
    while let Some(argument) = parser.next().map_err(|e| e.to_string())? {
        if argument == lexopt::Arg::Long("format") {
            let value = parser.value().map_err(|e| e.to_string())?;
            format = value
                .to_str()
                .and_then(Format::from_ending)
                .ok_or_else(|| {
                    format!(
                        "--format must be md, html, json or csv; “{}” is none of them.",
                        value.to_string_lossy()
                    )
                })?;
            continue;
        }
        let argument = super::owned(argument)?;
        request.take(argument, &mut parser)?;
    }
    let Some((ws, analysis)) = request.analyse()? else {
        return Ok(Done::NothingRead);
    };
    let draw = |drawing: &Drawing, dark| {
        let theme = if dark { &Theme::DARK } else { &Theme::LIGHT };
        svg_drawing(drawing, CHART, theme)
    };
    print(render(&build(&ws, &analysis), format, Some(&draw)).trim_end());
    Ok(Done::Read)
}
