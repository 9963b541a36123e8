//! The print-outs of the serving clients of vLLM, SGLang and TensorRT-LLM, which all begin with “Serving Benchmark
//! Result”: pasted, or inside a log, one or several.
//!
//! Rounded figures, and without the model unless the client's own command line stands before them. SGLang's older
//! versions print no TPOT, only the gaps between chunks.

use crate::ingest::error::ReadError;
use crate::ingest::json::Flat;
use crate::ingest::parsed::{Fidelity, Input, Parsed, Series};
use crate::ingest::paths::{part, place};
use crate::ingest::printed::{Line, number};
use crate::ingest::probe::{Confidence, Probe, Shape};
use crate::ingest::registry::Format;
use crate::ingest::serving::{Document, point};
use crate::model::{RunKind, Tool};

/// Print-outs in text.
pub const FORMAT: Format = Format {
    id: "serving-print-out",
    label: "serving benchmark’s print-out",
    detect,
    parse,
};

/// What each print-out begins with.
const HEADING: &str = "Serving Benchmark Result ====";

fn detect(probe: &Probe<'_>) -> Confidence {
    Confidence::SURE.when(probe.shape == Shape::Text && probe.has_line(HEADING))
}

/// What the lines say, as the keys of the same client's JSON.
const LINES: [(&str, &str); 18] = [
    ("Successful requests", "completed"),
    ("Failed requests", "failed"),
    ("Maximum request concurrency", "max_concurrency"),
    ("Max request concurrency", "max_concurrency"),
    // SGLang's own spelling, up to 0.4.
    ("Max reqeuest concurrency", "max_concurrency"),
    ("Request rate configured (RPS)", "request_rate"),
    ("Traffic request rate", "request_rate"),
    ("Benchmark duration (s)", "duration"),
    ("Total input tokens", "total_input_tokens"),
    ("Total generated tokens", "total_output_tokens"),
    ("Request throughput (req/s)", "request_throughput"),
    ("Request goodput (req/s)", "request_goodput"),
    ("Output token throughput (tok/s)", "output_throughput"),
    ("Total token throughput (tok/s)", "total_token_throughput"),
    ("Total Token throughput (tok/s)", "total_token_throughput"),
    ("User throughput (tok/s)", "user_throughput"),
    ("Backend", "backend"),
    ("Concurrency", "concurrency"),
];

/// One print-out.
#[derive(Default)]
struct Printed {
    line: usize,
    flat: Flat,
    model: Option<String>,
    label: Option<String>,
}

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let text = String::from_utf8_lossy(input.bytes);
    let found = printed(&text);
    let several = found.len() > 1;
    let mut out = Parsed::default();
    let mut idle = None;
    for one in found {
        let place = if several || one.line > 1 {
            format!("line {}", one.line)
        } else {
            String::new()
        };
        match series(one, place, input.path) {
            Ok(series) => out.series.push(series),
            Err(error) => idle = Some(error),
        }
    }
    match (out.series.is_empty(), idle) {
        (true, Some(error)) => Err(error),
        (true, None) => Err(ReadError::Missing {
            what: "figure after “Serving Benchmark Result”".to_owned(),
            place: "The print-out".to_owned(),
        }),
        _ => Ok(out),
    }
}

fn series(one: Printed, at: String, path: &str) -> Result<Series, ReadError> {
    let tool = if one.flat.number("user_throughput").is_some() {
        Tool::TrtLlmServe
    } else if one.flat.text("backend").is_some() {
        Tool::Sglang
    } else {
        Tool::Vllm
    };
    let document = Document::of(one.flat, at);
    let (point, notes) = point(&document, path)?;
    let mut series = Series::new(tool, RunKind::Measured);
    series.deployment.model = one.model;
    series.part = one.label.or_else(|| part(&place(path).stem));
    series.notes = notes;
    series.fidelity = Fidelity::Csv;
    series.points.push(point);
    Ok(series)
}

fn printed(text: &str) -> Vec<Printed> {
    let mut out: Vec<Printed> = Vec::new();
    let mut open = false;
    let mut before = Printed::default();
    for (i, raw) in text.lines().enumerate() {
        if raw.contains(HEADING) {
            before.line = i + 1;
            out.push(std::mem::take(&mut before));
            open = true;
            continue;
        }
        let to = match out.last_mut() {
            Some(last) if open => last,
            _ => &mut before,
        };
        if open && raw.contains("==========") {
            open = false;
            continue;
        }
        if !open {
            from_command(raw, to);
        }
        let Some(line) = Line::of(raw) else {
            continue;
        };
        if let Some((_, key)) = LINES.iter().find(|(label, _)| line.label == *label) {
            match number(line.value) {
                Some(n) => to.flat.put_number(key, n),
                None if line.value != "inf" => to.flat.put_text(key, line.value),
                None => {}
            }
        } else if open
            && let Some(key) = time_key(line.label)
            && let Some(n) = number(line.value)
        {
            to.flat.put_number(&key, n);
        }
    }
    // Only a print-out that was reached has figures.
    out.retain(|p| p.flat.number("completed").is_some());
    out
}

/// `Median E2E Latency (ms)` as `median_e2e_latency_ms`.
fn time_key(label: &str) -> Option<String> {
    let rest = label.strip_suffix(" (ms)")?;
    let (stat, metric) = rest.split_once(' ')?;
    let metric = match metric {
        "TTFT" => "ttft",
        "TPOT" => "tpot",
        "ITL" => "itl",
        "E2EL" | "E2E Latency" => "e2el",
        _ => return None,
    };
    Some(format!("{}_{metric}_ms", stat.to_ascii_lowercase()))
}

/// What the command, or the options as Python prints them, say of the model, and a heading that names what follows.
fn from_command(line: &str, to: &mut Printed) {
    if let Some(heading) = line.trim_start().strip_prefix('#')
        && line.trim_start().trim_start_matches('#').starts_with(' ')
    {
        to.label = part(heading.trim_matches(['#', ' ', ':', '*', '`']));
    }
    let namespace = line
        .split_once("Namespace(")
        .and_then(|(_, options)| options.split_once(" model='"))
        .and_then(|(_, rest)| rest.split_once('\''))
        .map(|(model, _)| model.to_owned());
    let mut words = line.split_whitespace();
    let option = words
        .find(|w| *w == "--model" || w.starts_with("--model="))
        .and_then(|w| match w.split_once('=') {
            Some((_, model)) => Some(model),
            None => words.next(),
        })
        .map(|m| m.trim_matches(['\'', '"', '\\']))
        .filter(|m| !m.is_empty() && !m.starts_with('$'))
        .map(str::to_owned);
    if let Some(model) = namespace.or(option) {
        to.model = Some(model);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Metric;

    const ONE: &str = "Maximum request concurrency: 16
============ Serving Benchmark Result ============
Successful requests:                     128
Failed requests:                         2
Benchmark duration (s):                  152.04
Total input tokens:                      1,053,440
Total generated tokens:                  131072
Request throughput (req/s):              0.84
Output token throughput (tok/s):         862.09
Peak output token throughput (tok/s):    1039.00
---------------Time to First Token----------------
Mean TTFT (ms):                          1417.27
P99 TTFT (ms):                           4043.75
==================================================
";

    fn read(text: &str) -> Vec<Series> {
        parse(&Input {
            path: "log.txt",
            bytes: text.as_bytes(),
            watch: crate::ingest::Watch::NOBODY,
        })
        .unwrap()
        .series
    }

    #[test]
    fn a_print_out_is_read_to_its_end() {
        let all = read(&format!(
            "vllm bench serve --model a/b \\\n{ONE}Mean TTFT (ms): 9\n"
        ));
        let [s] = all.as_slice() else {
            panic!("{all:?}")
        };
        assert_eq!(s.deployment.model.as_deref(), Some("a/b"));
        let p = &s.points[0];
        assert_eq!(
            (p.requests, p.errors, p.load.concurrency),
            (Some(128), Some(2), Some(16))
        );
        assert_eq!(p.reported(Metric::OutputThroughput), Some(862.09));
        assert_eq!(p.reported(Metric::Ttft), Some(1.41727));
        assert_eq!(p.reported(Metric::Isl), Some(8230.0));
    }

    #[test]
    fn headings_tell_print_outs_apart() {
        let all = read(&format!(
            "## Before\n```\n{ONE}```\n## After\n```\n{ONE}```\n"
        ));
        let parts: Vec<_> = all.iter().map(|s| s.part.as_deref()).collect();
        assert_eq!(parts, [Some("Before"), Some("After")]);
    }

    #[test]
    fn placeholders_are_no_figures() {
        let text = ONE.replace("128", "[result]");
        let input = Input {
            path: "x",
            bytes: text.as_bytes(),
            watch: crate::ingest::Watch::NOBODY,
        };
        assert!(parse(&input).is_err());
    }
}
