//! Rows and bars: ratio steps, forest rows, stacked bars.

use servelens_core::chart::forest::{Forest, ForestGroup, ForestRow};
use servelens_core::chart::ratio_steps::{RatioRow, RatioSteps};
use servelens_core::chart::stacked::{Capacity, Segment, StackedBar, StackedBars};
use servelens_core::chart::{Whisker, figure};

pub fn ratio_steps() -> RatioSteps {
    let rates = [
        (1.0, 8.78, 9.00, 0.40, 1.00),
        (10.0, 46.55, 19.55, 2.93, 0.96),
        (50.0, 19.33, 56.77, 3.02, 4.01),
        (100.0, 91.04, 74.34, 5.52, 6.74),
        (250.0, 104.80, 138.41, 9.64, 10.90),
    ];
    RatioSteps {
        id: "steps".into(),
        title: "Candidate over baseline, log₂".into(),
        subtitle: "A win that comes from the second step only is an output-length artefact".into(),
        summary: "Each token ratio is a request ratio times an output-length ratio.".into(),
        load_title: "Concurrency".into(),
        load_title_short: "C".into(),
        less: "← baseline more".into(),
        more: "AIC-configured more →".into(),
        heads: [
            "Token ratio".into(),
            "Requests".into(),
            "Output length".into(),
        ],
        rows: rates
            .iter()
            .map(|(load, tokens, base, requests, base_requests)| RatioRow {
                label: format!("{load}"),
                token: tokens / base,
                requests: requests / base_requests,
                length: (tokens / base) / (requests / base_requests),
            })
            .collect(),
        focus: None,
    }
}

type Ratio<'a> = (f64, f64, f64, &'a str, &'a str);

fn group(label: &str, short: &str, direction: &str, rows: [Ratio; 3]) -> ForestGroup {
    ForestGroup {
        label: label.into(),
        short: short.into(),
        direction: direction.into(),
        rows: ["1", "10", "50"]
            .iter()
            .zip(rows)
            .map(|(load, (ratio, low, high, pair, size))| ForestRow {
                label: (*load).into(),
                ratio: Some(ratio),
                whisker: Some(Whisker::from((low, high))),
                figures: vec![
                    figure(ratio, 3),
                    format!("{low:.2}–{high:.2}"),
                    pair.into(),
                    size.into(),
                ],
                ..ForestRow::default()
            })
            .collect(),
    }
}

pub fn forest() -> Forest {
    let lower = "lower is better";
    Forest {
        id: "forest".into(),
        title: "Candidate over baseline".into(),
        subtitle: "Ratio of averages, log₂".into(),
        summary: "Only TTFT at concurrency 10 has an interval that reaches equal.".into(),
        less: "← AIC-configured lower".into(),
        more: "higher →".into(),
        heads: ["Metric".into(), "Concurrency".into()],
        head_short: "Metric, concurrency".into(),
        columns: ["Ratio", "95 % CI", "Median pair", "Size (Cliff’s δ)"]
            .map(String::from)
            .into(),
        percent: false,
        equivalence: Some(0.05),
        equivalence_label: "±5 %: no practical difference".into(),
        groups: vec![
            group(
                "Output tokens/s",
                "Tokens/s",
                "higher is better",
                [
                    (1.270, 1.25, 1.29, "", ""),
                    (1.329, 1.05, 1.67, "", "a rate: no pairs"),
                    (2.292, 1.54, 3.52, "", ""),
                ],
            ),
            group(
                "TTFT",
                "",
                lower,
                [
                    (0.711, 0.65, 0.77, "−41 ms", "large (−1.00)"),
                    (0.708, 0.47, 1.08, "−36 ms", "medium (−0.41)"),
                    (0.294, 0.16, 0.50, "−1\u{202F}032 ms", "large (−0.91)"),
                ],
            ),
            group(
                "TPOT",
                "",
                lower,
                [
                    (0.791, 0.78, 0.80, "−1.69 ms", "large (−1.00)"),
                    (0.684, 0.66, 0.71, "−3.23 ms", "large (−1.00)"),
                    (0.517, 0.48, 0.57, "−9.74 ms", "large (−1.00)"),
                ],
            ),
            group(
                "Request time",
                "Request",
                lower,
                [
                    (0.780, 0.77, 0.79, "−210 ms", "large (−1.00)"),
                    (0.689, 0.63, 0.75, "−358 ms", "large (−1.00)"),
                    (0.420, 0.34, 0.53, "−1\u{202F}987 ms", "large (−1.00)"),
                ],
            ),
        ],
        focus: None,
    }
}

fn segments(list: &[(&str, f64, &str)]) -> Vec<Segment> {
    list.iter()
        .map(|(label, value, figure)| Segment {
            label: (*label).into(),
            value: *value,
            figure: (*figure).into(),
        })
        .collect()
}

pub fn time_by_operation() -> StackedBars {
    StackedBars {
        id: "operations".into(),
        title: "Where the time goes".into(),
        summary: "GEMMs take most of both steps.".into(),
        bars: vec![
            StackedBar {
                label: "Mix step, one prefill and 14 decodes".into(),
                note: "195.3 ms × 8 = 30 % of the time".into(),
                segments: segments(&[
                    ("FFN GEMMs", 46.2, "46 %"),
                    ("Attention GEMMs", 14.4, "14 %"),
                    ("All-reduce", 25.4, "25 %"),
                    ("Attention", 5.4, "5 %"),
                    ("Norms", 8.5, "9 %"),
                    ("Logits", 0.05, "0 %"),
                ]),
                capacity: None,
            },
            StackedBar {
                label: "Decode step, 16 requests".into(),
                note: "7.53 ms × 492 = 70 % of the time".into(),
                segments: segments(&[
                    ("FFN GEMMs", 41.8, "42 %"),
                    ("Attention GEMMs", 23.0, "23 %"),
                    ("All-reduce", 8.7, "9 %"),
                    ("Attention", 17.2, "17 %"),
                    ("Norms", 8.1, "8 %"),
                    ("Logits", 1.3, "1 %"),
                ]),
                capacity: None,
            },
        ],
        ..StackedBars::default()
    }
}

pub fn memory() -> StackedBars {
    StackedBars {
        id: "memory".into(),
        title: "Memory per GPU".into(),
        summary: "15.8 of 141 GiB are used, 9.08 by weights.".into(),
        bars: vec![StackedBar {
            label: "15.8 GiB used".into(),
            note: String::new(),
            segments: segments(&[
                ("weights", 9.08, "9.08"),
                ("other", 3.50, "3.50"),
                ("KV cache", 2.20, "2.20"),
                ("activations", 0.61, "0.61"),
                ("NCCL", 0.38, "0.38"),
            ]),
            capacity: Some(Capacity {
                value: 141.0,
                label: "141 GiB".into(),
                free: "125 GiB free".into(),
            }),
        }],
        ..StackedBars::default()
    }
}
