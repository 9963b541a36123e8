//! GenAI-Perf: `profile_export_genai_perf.csv`, rounded and without model or load.

use crate::ingest::error::ReadError;
use crate::ingest::family::csv_point;
use crate::ingest::parsed::{Fidelity, Input, Parsed, Series};
use crate::ingest::probe::{Confidence, Probe, Shape};
use crate::ingest::registry::Format;
use crate::model::{RunKind, Tool};

/// Summary in CSV.
pub const FORMAT: Format = Format {
    id: "genai-perf-csv",
    label: "GenAI-Perf CSV",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    let head = probe.first_line();
    // GenAI-Perf lists p99 first; AIPerf begins with p1 and ends with std.
    Confidence::SURE.when(
        probe.shape == Shape::Text
            && head.starts_with("Metric,avg,min,max,p99")
            && !head.contains("std"),
    )
}

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let mut series = Series::new(Tool::GenAiPerf, RunKind::Measured);
    series.fidelity = Fidelity::Csv;
    series.points.push(csv_point(
        &String::from_utf8_lossy(input.bytes),
        input.path,
    )?);
    Ok(Parsed {
        series: vec![series],
        ..Parsed::default()
    })
}
