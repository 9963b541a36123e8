//! Tables and reports in words: Markdown, console print-outs, tab- or comma-separated text.
//!
//! Knows how people write results down; refuses to know any tool's own files.

mod blocks;
mod heads;
mod phrases;
mod report;
mod rows;
mod shape;

use crate::ingest::error::ReadError;
use crate::ingest::parsed::{Fidelity, Input, Parsed, Series};
use crate::ingest::probe::{Confidence, Probe, Shape};
use crate::ingest::registry::Format;
use crate::model::{
    Context, Deployment, Evidence, Gpus, Load, Metric, Point, Provenance, Role, RunKind, Setup,
    Source, Stats, Tool, Workload,
};
use blocks::Block;
use report::{Projection, Report};
use rows::Drafts;

/// Tables in text.
pub const FORMAT: Format = Format {
    id: "table",
    label: "Table in text",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    Confidence::FALLBACK.when(probe.shape == Shape::Text)
}

/// No report is longer, bytes; a log may be.
const LONGEST: usize = 16 * 1024 * 1024;

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    if input.bytes.len() > LONGEST {
        return Err(ReadError::Other(format!(
            "This is a text of {} MiB; tables are looked for in texts of up to {} MiB. Copy the table out of it.",
            input.bytes.len() / 1024 / 1024,
            LONGEST / 1024 / 1024
        )));
    }
    let raw = String::from_utf8_lossy(input.bytes);
    let text = blocks::without_ansi(&raw);
    let blocks = blocks::blocks(&text);
    let report = report::report(&blocks, &text);
    let mut drafts = Drafts::new(input.path);
    let mut headings: Vec<(u8, String)> = Vec::new();
    for block in &blocks {
        match block {
            Block::Heading(level, words) => {
                headings.retain(|(l, _)| l < level);
                headings.push((*level, words.clone()));
            }
            Block::Table(table) => {
                let heading = headings.last().map_or("", |(_, t)| t.as_str());
                drafts.read(table, heading, &label_from(&headings));
            }
            Block::Statement(..) | Block::Line(_) => {}
        }
    }
    for stated in &report.stated {
        let wanted = letters(&stated.system);
        if let Some(draft) = drafts.all.iter_mut().find(|d| letters(&d.label) == wanted) {
            rows::state(
                draft,
                input.path,
                stated.line,
                stated.concurrency,
                stated.metric,
                stated.value,
            );
        }
    }
    let mut series: Vec<Series> = Vec::new();
    let tool = tool(&text);
    let notes = std::mem::take(&mut drafts.notes);
    for draft in drafts.all {
        if draft.points.is_empty() {
            continue;
        }
        series.push(measured(draft, &report, tool, &notes));
    }
    if let Some(rate) = report.projection.rate {
        series.push(projected(input.path, &report, rate));
    }
    if series.is_empty() {
        return Err(drafts.refused.unwrap_or(ReadError::Nothing {
            lines: text.lines().count(),
        }));
    }
    if let (Some(refused), Some(first)) = (drafts.refused, series.first_mut()) {
        first.notes.push(refused.to_string());
    }
    Ok(Parsed {
        series,
        records: None,
        beside: None,
        address: None,
        text: report.prose.then(|| raw.into_owned()),
        context: report.context,
    })
}

/// The tool whose console print-out this is.
fn tool(text: &str) -> Tool {
    if text.contains("NVIDIA AIPerf") {
        Tool::AiPerf
    } else if text.contains("NVIDIA GenAI-Perf") {
        Tool::GenAiPerf
    } else {
        Tool::Table
    }
}

fn measured(draft: rows::Draft, report: &Report, tool: Tool, notes: &[String]) -> Series {
    let context = &report.context;
    let mut series = Series::new(tool, RunKind::Measured);
    series.deployment = deployment(context);
    if draft.model.is_some() {
        series.deployment.model = draft.model;
    }
    series.deployment.gpus = draft.gpus.or(report.gpus.map(|count| Gpus {
        count,
        guess: false,
    }));
    let name = draft.label.to_ascii_lowercase();
    let plan = &report.projection;
    if plan.rate.is_some() {
        // The system that carries the configurator's name is what was configured by it.
        let configured =
            name.contains("aic") || name.contains("configurator") || name.contains("configured");
        if configured {
            series.deployment.tp = plan.tp;
            series.deployment.pp = plan.pp;
            series.deployment.quantization = plan.quantization.clone();
        }
        if series.deployment.gpus.is_none() {
            series.deployment.gpus = plan.gpus().map(|count| Gpus {
                count,
                guess: !configured,
            });
        }
    }
    series.points = draft.points;
    if tool == Tool::Table {
        let all = series
            .points
            .iter_mut()
            .flat_map(|p| p.metrics.values_mut());
        all.for_each(|m| m.evidence = Evidence::Report);
    }
    for point in &mut series.points {
        point.workload.isl = point.workload.isl.or(context.isl);
        point.workload.osl = point.workload.osl.or(context.osl);
        if point.load == Load::default() {
            point.load.concurrency = report.concurrency;
        }
    }
    if tool == Tool::Table {
        series.label = Some(if draft.label.is_empty() {
            String::new()
        } else {
            draft.label
        });
    } else {
        series.fidelity = Fidelity::Console;
    }
    series.notes = notes.to_vec();
    series
}

fn deployment(context: &Context) -> Deployment {
    Deployment {
        model: context.model.clone(),
        system: context.system.clone(),
        backend: context.backend.clone(),
        backend_version: context.backend_version.clone(),
        ..Deployment::default()
    }
}

fn projected(path: &str, report: &Report, (metric, rate): (Metric, f64)) -> Series {
    let plan: &Projection = &report.projection;
    let mut series = Series::new(Tool::Table, RunKind::Projected);
    series.label = Some(
        if plan.aic {
            "AIC projection"
        } else {
            "Projection"
        }
        .to_owned(),
    );
    series.role = Some(Role::Projection);
    series.deployment = Deployment {
        gpus: plan.gpus().map(|count| Gpus {
            count,
            guess: false,
        }),
        tp: plan.tp,
        pp: plan.pp,
        quantization: plan.quantization.clone(),
        ..deployment(&report.context)
    };
    let mut point = Point {
        load: Load {
            concurrency: plan.concurrency,
            request_rate: None,
        },
        workload: Workload {
            isl: report.context.isl,
            osl: report.context.osl,
        },
        setup: Some(Setup {
            disagg: plan.disagg == Some(true),
            tp: plan.tp,
            pp: plan.pp,
            ..Setup::default()
        }),
        source: Source {
            file: path.to_owned(),
            place: format!("line {}", plan.line),
        },
        ..Point::default()
    };
    point.put(metric, Stats::avg(rate), Provenance::Projected);
    if let Some(ttft) = plan.ttft {
        point.put(Metric::Ttft, Stats::stated(ttft), Provenance::Projected);
    }
    if let Some(tpot) = plan.tpot {
        point.put(Metric::Tpot, Stats::stated(tpot), Provenance::Projected);
    }
    series.points.push(point);
    series
}

/// The name of a system from the headings above its table, nearest first; empty when none
/// names one.
fn label_from(headings: &[(u8, String)]) -> String {
    const GENERAL: [&str; 26] = [
        "results",
        "result",
        "benchmark",
        "benchmarks",
        "performance",
        "metrics",
        "metric",
        "comparison",
        "by",
        "level",
        "concurrency",
        "analysis",
        "throughput",
        "latency",
        "summary",
        "table",
        "data",
        "raw",
        "the",
        "of",
        "and",
        "numbers",
        "figures",
        "measurements",
        "sweep",
        "run",
    ];
    for (level, text) in headings.iter().rev() {
        if *level == 1 {
            break;
        }
        let words: Vec<&str> = text
            .split_whitespace()
            .filter(|w| {
                let w = w.to_ascii_lowercase();
                let w = w.trim_matches(|c: char| !c.is_alphanumeric());
                !w.is_empty() && !GENERAL.contains(&w) && !w.chars().all(|c| c.is_ascii_digit())
            })
            .collect();
        if !words.is_empty() && heads::metric(text).is_none() {
            return words.join(" ").trim_matches([':', '-', ' ']).to_owned();
        }
    }
    String::new()
}

/// A name in comparable form.
fn letters(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .map(|c| c.to_ascii_lowercase())
        .collect()
}
