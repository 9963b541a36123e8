//! `servelens report`: the whole analysis as a document.

use super::{Done, print};
use crate::request::Request;
use servelens_core::report::{Format, build, render};

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
    print(render(&build(&ws, &analysis), format).trim_end());
    Ok(Done::Read)
}
