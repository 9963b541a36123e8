//! AIPerf: `profile_export_aiperf.csv`, rounded and without model or load.

use crate::ingest::error::ReadError;
use crate::ingest::family::csv_point;
use crate::ingest::parsed::{Fidelity, Input, Parsed, Series};
use crate::ingest::probe::{Confidence, Probe, Shape};
use crate::ingest::registry::Format;
use crate::model::{RunKind, Tool};

/// Summary in CSV.
pub const FORMAT: Format = Format {
    id: "aiperf-csv",
    label: "AIPerf CSV",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    let head = probe.first_line();
    Confidence::SURE.when(
        probe.shape == Shape::Text
            && head.starts_with("Metric,avg,")
            && (head.contains(",p1,p5,") || head.contains(",std") || head.contains(",sum")),
    )
}

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let mut series = Series::new(Tool::AiPerf, RunKind::Measured);
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
