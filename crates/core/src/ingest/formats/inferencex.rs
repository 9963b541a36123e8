//! InferenceX (InferenceMAX before): its aggregated points, one object or a list, the CSV that its site gives out, and the
//! raw results of its client whose names carry no unit.
//!
//! Times are in seconds. Throughput per GPU is input **and** output tokens; the output rate has a figure of its own,
//! which in a disaggregated deployment is divided by the decode GPUs only. `isl` and `osl` are the nominal lengths;
//! those drawn are shorter. Its TPOT is (R − TTFT) ÷ (OSL − 1) of each request, its ITL single gaps between chunks, and
//! its interactivity 1 ÷ TPOT. The site's CSV says milliseconds in its heads over values that are seconds; which of the
//! two a file holds is told by its interactivity.

use crate::ingest::csv;
use crate::ingest::error::ReadError;
use crate::ingest::json::Flat;
use crate::ingest::parsed::{Fidelity, Input, Parsed, Series};
use crate::ingest::paths::{part, place};
use crate::ingest::probe::{Confidence, Probe, Shape};
use crate::ingest::quantity::count;
use crate::ingest::registry::Format;
use crate::ingest::serving;
use crate::model::{Gpus, Metric, Point, RunKind, Source, Stat, Stats, Tool};

/// Aggregated points, the site's CSV, or raw results in seconds.
pub const FORMAT: Format = Format {
    id: "inferencex",
    label: "InferenceX result",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    let points = probe.is_json()
        && probe.has_leaf("tput_per_gpu")
        && probe.has_leaf("conc")
        && (probe.has_leaf("hw") || probe.has_leaf("device"));
    let raw = probe.is_json()
        && probe.has_leaf("model_id")
        && probe.has_leaf("request_throughput")
        && (probe.has_leaf("median_ttft") || probe.has_leaf("mean_ttft"));
    let head = || {
        probe
            .head
            .lines()
            .find(|l| !l.starts_with('#') && !l.trim().is_empty())
    };
    let table = probe.shape == Shape::Text
        && head().is_some_and(|l| {
            l.contains("Throughput/GPU (tok/s)")
                && l.contains("Concurrency")
                && l.contains("Hardware")
        });
    Confidence::SURE.when(points || raw || table)
}

const NOMINAL: &str = "InferenceX writes the nominal lengths; with its usual random range those drawn are a tenth shorter on average.";

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let mut found = if !matches!(input.bytes.trim_ascii_start().first(), Some(b'{' | b'[')) {
        table(input)?
    } else {
        let all = Flat::each(input.bytes)?;
        if all.iter().any(|f| f.number("tput_per_gpu").is_some()) {
            all.iter()
                .zip(1_usize..)
                .filter_map(|(flat, i)| {
                    let at = if all.len() > 1 {
                        format!("point {i}")
                    } else {
                        String::new()
                    };
                    aggregated(flat, input.path, at)
                })
                .collect()
        } else {
            raw(input)?
        }
    };
    if found.is_empty() {
        return Err(ReadError::Missing {
            what: "point with its concurrency and its throughput".to_owned(),
            place: "The file".to_owned(),
        });
    }
    // The points of one deployment are one series.
    let mut series: Vec<Series> = Vec::new();
    for mut one in found.drain(..) {
        let same = series
            .iter_mut()
            .find(|s| s.part == one.part && s.deployment.model == one.deployment.model);
        match same {
            Some(known) => known.points.append(&mut one.points),
            None => series.push(one),
        }
    }
    Ok(Parsed {
        series,
        ..Parsed::default()
    })
}

/// What its client writes, in the shape of vLLM's.
fn raw(input: &Input<'_>) -> Result<Vec<Series>, ReadError> {
    let mut out = Vec::new();
    for document in &serving::documents(input.bytes)? {
        let (point, notes) = serving::point(document, input.path)?;
        let mut series = Series::new(Tool::InferenceX, RunKind::Measured);
        series.deployment.model = document.flat.text("model_id").map(str::to_owned);
        series.identity = serving::identity(&document.flat);
        series.part = part(&place(input.path).stem);
        series.notes = notes;
        series.points.push(point);
        out.push(series);
    }
    Ok(out)
}

/// `true`, or the text that some versions write for it.
fn yes(flat: &Flat, key: &str) -> bool {
    flat.is_true(key)
        || flat
            .text(key)
            .is_some_and(|t| t.eq_ignore_ascii_case("true"))
}

/// What tells deployments of one folder apart.
fn name(parts: &[Option<String>]) -> Option<String> {
    let words: Vec<&str> = parts
        .iter()
        .flatten()
        .map(String::as_str)
        .filter(|w| !w.is_empty() && !matches!(*w, "none" | "null" | "false"))
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn aggregated(flat: &Flat, path: &str, at: String) -> Option<Series> {
    let number = |key: &str| flat.number(key).filter(|v| *v > 0.0);
    let whole = |key: &str| number(key).and_then(count);
    let text = |key: &str| flat.text(key).map(str::to_owned);
    let disagg = yes(flat, "disagg");
    let mut series = Series::new(Tool::InferenceX, RunKind::Measured);
    let tp = whole("tp").filter(|_| !disagg);
    series.part = name(&[
        text("hw").or_else(|| text("device")),
        text("framework"),
        text("precision"),
        tp.map(|n| format!("tp{n}")),
        disagg.then(|| "disaggregated".to_owned()),
        text("spec_decoding"),
    ]);
    let (prefill, decode) = (whole("num_prefill_gpu"), whole("num_decode_gpu"));
    let gpus = whole("num_gpus").or_else(|| match (disagg, prefill, decode) {
        (true, Some(p), Some(d)) => p.checked_add(d),
        (true, ..) => None,
        (false, ..) => tp?
            .checked_mul(whole("pp").unwrap_or(1))?
            .checked_mul(whole("pcp_size").unwrap_or(1)),
    });
    let deployed = &mut series.deployment;
    deployed.model = text("model");
    deployed.system = text("hw").or_else(|| text("device"));
    deployed.backend = text("framework");
    deployed.backend_version = flat
        .text("image")
        .and_then(|i| i.rsplit_once(':'))
        .map(|(_, tag)| tag.to_owned());
    deployed.quantization.gemm = text("precision");
    deployed.tp = tp;
    deployed.pp = whole("pp").filter(|_| !disagg);
    deployed.gpus = gpus.map(|count| Gpus {
        count,
        guess: false,
    });
    let mut point = Point {
        source: Source {
            file: path.to_owned(),
            place: at,
        },
        ..Point::default()
    };
    point.load.concurrency = Some(whole("conc")?);
    point.workload.isl = number("isl");
    point.workload.osl = number("osl");
    if point.workload.osl.is_some() {
        series.notes.push(NOMINAL.to_owned());
    }
    rates(
        &mut point,
        number("tput_per_gpu"),
        number("output_tput_per_gpu"),
        gpus,
        if disagg { decode } else { gpus },
    );
    for (metric, key) in [
        (Metric::Ttft, "ttft"),
        (Metric::Tpot, "tpot"),
        (Metric::ChunkGap, "itl"),
        (Metric::RequestLatency, "e2el"),
    ] {
        let mut stats = Stats::new();
        for stat in Stat::ALL {
            let word = match stat {
                Stat::Avg => "mean",
                Stat::P50 => "median",
                stat => stat.key(),
            };
            if let Some(v) = number(&format!("{word}_{key}")) {
                stats.set(stat, v);
            }
        }
        point.measured(metric, stats);
    }
    series.points.push(point);
    Some(series)
}

/// The rates of the whole system: `total` for each of `gpus`, `output` for each of those that give it out.
fn rates(
    point: &mut Point,
    total: Option<f64>,
    output: Option<f64>,
    gpus: Option<u32>,
    giving: Option<u32>,
) {
    if let Some((rate, n)) = total.zip(gpus) {
        point.measured(Metric::TotalThroughput, Stats::avg(rate * f64::from(n)));
    }
    if let Some(rate) = output {
        if let Some(n) = giving {
            point.measured(Metric::OutputThroughput, Stats::avg(rate * f64::from(n)));
        }
        if giving == gpus {
            point.measured(Metric::OutputThroughputPerGpu, Stats::avg(rate));
        }
    }
}

/// The site's CSV. Its own columns, by name.
fn table(input: &Input<'_>) -> Result<Vec<Series>, ReadError> {
    let text = String::from_utf8_lossy(input.bytes);
    let rows = csv::rows(&text);
    let mut rows = rows
        .iter()
        .filter(|(_, r)| r.len() > 1 && !r.first().is_some_and(|c| c.starts_with('#')));
    let Some((_, head)) = rows.next() else {
        return Ok(Vec::new());
    };
    let cell = |row: &'_ [String], name: &str| -> Option<String> {
        let at = head.iter().position(|h| h == name)?;
        row.get(at).filter(|c| !c.is_empty()).cloned()
    };
    let number = |row: &[String], name: &str| -> Option<f64> {
        cell(row, name)?
            .parse::<f64>()
            .ok()
            .filter(|v| v.is_finite() && *v > 0.0)
    };
    let rows: Vec<&(usize, Vec<String>)> = rows.collect();
    let factor = rows.iter().find_map(|(_, row)| {
        let product =
            number(row, "Median TPOT (ms)")? * number(row, "Median Interactivity (tok/s/user)")?;
        unit_of(product)
    });
    let mut out = Vec::new();
    for (line, row) in rows {
        let whole = |name: &str| number(row, name).and_then(count);
        let Some(concurrency) = whole("Concurrency") else {
            continue;
        };
        let disagg = cell(row, "Disaggregated").is_some_and(|c| c.eq_ignore_ascii_case("true"));
        let (prefill, decode) = (whole("Num Prefill GPUs"), whole("Num Decode GPUs"));
        let tp = whole("TP").filter(|_| !disagg);
        let gpus = match (disagg, prefill, decode) {
            (true, Some(p), Some(d)) => p.checked_add(d),
            (true, ..) => None,
            (false, ..) => tp,
        };
        let mut series = Series::new(Tool::InferenceX, RunKind::Measured);
        series.fidelity = Fidelity::Csv;
        series.part = name(&[
            cell(row, "Hardware Key").or_else(|| cell(row, "Hardware")),
            cell(row, "Framework"),
            cell(row, "Precision"),
            tp.map(|n| format!("tp{n}")),
            disagg.then(|| "disaggregated".to_owned()),
            cell(row, "Spec Decoding"),
        ]);
        let deployed = &mut series.deployment;
        deployed.model = cell(row, "Model");
        deployed.system = cell(row, "Hardware");
        deployed.backend = cell(row, "Framework");
        deployed.quantization.gemm = cell(row, "Precision");
        deployed.tp = tp;
        deployed.gpus = gpus.map(|count| Gpus {
            count,
            guess: false,
        });
        let mut point = Point {
            source: Source {
                file: input.path.to_owned(),
                place: format!("line {line}"),
            },
            ..Point::default()
        };
        point.load.concurrency = Some(concurrency);
        point.workload.isl = number(row, "ISL");
        point.workload.osl = number(row, "OSL");
        rates(
            &mut point,
            number(row, "Throughput/GPU (tok/s)"),
            number(row, "Output Throughput/GPU (tok/s)"),
            gpus,
            if disagg { decode } else { gpus },
        );
        if let Some(factor) = factor {
            for (metric, word) in [
                (Metric::Ttft, "TTFT"),
                (Metric::Tpot, "TPOT"),
                (Metric::ChunkGap, "ITL"),
                (Metric::RequestLatency, "E2E Latency"),
            ] {
                let mut stats = Stats::new();
                for (stat, name) in [
                    (Stat::Avg, "Mean"),
                    (Stat::P50, "Median"),
                    (Stat::P90, "P90"),
                    (Stat::P99, "P99"),
                    (Stat::Std, "Std"),
                ] {
                    if let Some(v) = number(row, &format!("{name} {word} (ms)")) {
                        stats.set(stat, v * factor);
                    }
                }
                point.measured(metric, stats);
            }
        }
        series.notes.push(NOMINAL.to_owned());
        series.notes.push(
            match factor {
                Some(1.0) => "The heads of this table say milliseconds, and its interactivity shows that its times are seconds; they are read as seconds.",
                Some(_) => "The times of this table are milliseconds, as its interactivity shows.",
                None => "Whether the times of this table are seconds or milliseconds can’t be told without its TPOT and interactivity; they are not read.",
            }
            .to_owned(),
        );
        series.points.push(point);
        out.push(series);
    }
    Ok(out)
}

/// The factor from a time to seconds, from TPOT × interactivity, which is 1 in seconds and 1000 in milliseconds.
fn unit_of(product: f64) -> Option<f64> {
    let near = |a: f64| (product - a).abs() <= 0.05 * a;
    if near(1.0) {
        Some(1.0)
    } else if near(1000.0) {
        Some(1e-3)
    } else {
        None
    }
}
