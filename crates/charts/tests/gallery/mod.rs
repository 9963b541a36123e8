//! Charts to draw in tests: figures of a published comparison of Qwen3-32B on H200, and of a simulated server.

pub mod requests;
mod rows;

pub use rows::*;
use servelens_core::chart::*;

const LOADS: [f64; 5] = [1.0, 10.0, 50.0, 100.0, 250.0];

fn marks(xs: &[f64], ys: &[f64]) -> Vec<Mark> {
    xs.iter()
        .zip(ys)
        .map(|(x, y)| Mark::measured(*x, *y))
        .collect()
}

fn run(slot: Slot, label: &str, value: &str, marks: Vec<Mark>) -> Series {
    Series {
        id: label.to_lowercase(),
        label: label.into(),
        slot,
        marks,
        end_label: Some((label.into(), value.into())),
        ..Series::default()
    }
}

fn loads(values: &[f64]) -> AxisSpec {
    AxisSpec {
        title: "Concurrency, log₂ scale".into(),
        scale: Scale::Log2,
        labelled: values.into(),
        ..AxisSpec::default()
    }
}

fn axis(title: &str, scale: Scale) -> AxisSpec {
    AxisSpec {
        title: title.into(),
        scale,
        ..AxisSpec::default()
    }
}

pub fn throughput() -> ChartSpec {
    let mut candidate = run(
        Slot::CANDIDATE,
        "AIC-configured",
        "104.8",
        marks(&LOADS, &[8.78, 46.55, 19.33, 91.04, 104.80]),
    );
    candidate.between = Between::PowerLaw;
    candidate.marks.insert(
        2,
        Mark::of(
            MarkKind::Interpolated,
            12.0,
            46.55 * 1.2f64.powf((19.33f64 / 46.55).ln() / 5f64.ln()),
        ),
    );
    ChartSpec {
        id: "throughput".into(),
        title: "Throughput by concurrency".into(),
        subtitle: "Measured, as the report states it".into(),
        summary: "Output tokens per second of both systems at concurrency 1 to 250; the baseline ends higher.".into(),
        x: loads(&LOADS),
        y: axis("Output tokens/s, whole system", Scale::Linear { zero: true }),
        series: vec![
            candidate,
            Series {
                between: Between::PowerLaw,
                ..run(
                    Slot::BASELINE,
                    "Baseline",
                    "138.4",
                    marks(&LOADS, &[9.0, 19.55, 56.77, 74.34, 138.41]),
                )
            },
        ],
        off_scale: vec![OffScale {
            x: 12.0,
            slot: Slot::PROJECTION,
            text: "AIC projects 1\u{202F}574 at 12,".into(),
            short: "AIC: 1\u{202F}574".into(),
            detail: "off this scale".into(),
        }],
        notes: vec![Note {
            x: 50.0,
            y: 19.33,
            text: "6.4 tokens a request".into(),
            beside: Beside::Below,
            ..Note::default()
        }],
        ..ChartSpec::default()
    }
}

pub fn requests() -> ChartSpec {
    ChartSpec {
        id: "requests".into(),
        title: "Requests/s".into(),
        summary: "Requests per second of both systems at concurrency 1 to 250.".into(),
        x: loads(&LOADS),
        y: axis("Requests/s, whole system", Scale::Linear { zero: true }),
        series: vec![
            run(
                Slot::CANDIDATE,
                "AIC-configured",
                "9.64",
                marks(&LOADS, &[0.40, 2.93, 3.02, 5.52, 9.64]),
            ),
            run(
                Slot::BASELINE,
                "Baseline",
                "10.90",
                marks(&LOADS, &[1.00, 0.96, 4.01, 6.74, 10.90]),
            ),
        ],
        ..ChartSpec::default()
    }
}

pub fn ttft() -> ChartSpec {
    let blocked = |y: f64, text: &str| {
        Mark::of(MarkKind::Blocked, 1.0, y)
            .labelled(text)
            .then_gap()
    };
    ChartSpec {
        id: "ttft".into(),
        title: "Time to first token".into(),
        subtitle: "Reported for concurrency 1 and 250".into(),
        summary: "Every reported TTFT is far above the limit of 300 ms.".into(),
        x: loads(&LOADS),
        y: axis("TTFT, ms, log scale", Scale::Log10),
        series: vec![
            run(
                Slot::CANDIDATE,
                "AIC-configured",
                "24\u{202F}373",
                vec![
                    blocked(2761.0, "2\u{202F}761"),
                    Mark::measured(250.0, 24373.0),
                ],
            ),
            run(
                Slot::BASELINE,
                "Baseline",
                "21\u{202F}472",
                vec![
                    blocked(9997.0, "9\u{202F}997"),
                    Mark::measured(250.0, 21472.0),
                ],
            ),
            Series {
                id: "projection".into(),
                label: "AIC projection".into(),
                slot: Slot::PROJECTION,
                line: Line::Dashed,
                marks: vec![
                    Mark::of(MarkKind::Projected, 12.0, 135.0).labelled("AIC projects 135 ms"),
                ],
                ..Series::default()
            },
        ],
        limits: vec![Limit {
            id: "ttft".into(),
            across: Across::Y,
            value: 300.0,
            below_is_within: true,
            label: "TTFT ≤ 300 ms".into(),
            hint: "drag to change".into(),
            grip: true,
        }],
        notes: vec![
            Note {
                x: 50.0,
                y: 2200.0,
                text: "10, 50, 100: not reported".into(),
                beside: Beside::Centre,
                ..Note::default()
            },
            Note {
                x: 1.0,
                y: 5000.0,
                text: "contradict Little’s law".into(),
                beside: Beside::Right,
                ..Note::default()
            },
        ],
        absent: vec![10.0, 50.0, 100.0],
        ..ChartSpec::default()
    }
}

pub fn pareto() -> ChartSpec {
    let gpus = 8.0;
    let line = |slot: Slot, name: &str, rates: [f64; 5], gap: bool| {
        let mut list: Vec<Mark> = LOADS
            .iter()
            .zip(rates)
            .map(|(load, rate)| {
                Mark::measured(rate / load, rate / gpus).labelled(format!("{load}"))
            })
            .collect();
        if gap {
            list[1].gap_after = true;
            list[2].gap_after = true;
        }
        Series {
            stroke: Stroke::Thin,
            ..run(slot, name, "", list)
        }
    };
    ChartSpec {
        id: "pareto".into(),
        title: "Speed for one user against output per GPU".into(),
        summary: "Measured points of both systems, each labelled with its concurrency.".into(),
        x: axis(
            "Output tokens/s per user (tokens/s ÷ concurrency), log₂",
            Scale::Log2,
        ),
        y: axis("Output tokens/s per GPU", Scale::Linear { zero: true }),
        series: vec![
            line(
                Slot::CANDIDATE,
                "AIC-configured",
                [8.78, 46.55, 19.33, 91.04, 104.80],
                true,
            ),
            line(
                Slot::BASELINE,
                "Baseline",
                [9.0, 19.55, 56.77, 74.34, 138.41],
                false,
            ),
        ],
        ..ChartSpec::default()
    }
}

/// Whiskers, from a simulated server.
pub fn whiskers() -> ChartSpec {
    let loads_run = [1.0, 10.0, 50.0];
    let list = |rows: [(f64, f64, f64); 3]| {
        loads_run
            .iter()
            .zip(rows)
            .map(|(x, (y, low, high))| Mark::measured(*x, y).between(low, high))
            .collect()
    };
    ChartSpec {
        id: "whiskers".into(),
        title: "Throughput by concurrency".into(),
        summary: "The candidate leads at every load.".into(),
        x: loads(&loads_run),
        y: axis(
            "Output tokens/s, whole system",
            Scale::Linear { zero: true },
        ),
        series: vec![
            run(
                Slot::CANDIDATE,
                "AIC-configured",
                "3\u{202F}112",
                list([
                    (133.0, 131.3, 135.1),
                    (1013.5, 861.4, 1168.7),
                    (3112.1, 2176.4, 4132.4),
                ]),
            ),
            run(
                Slot::BASELINE,
                "Baseline",
                "1\u{202F}358",
                list([
                    (104.8, 104.0, 105.7),
                    (762.3, 636.9, 865.2),
                    (1358.0, 1077.1, 1715.4),
                ]),
            ),
        ],
        ..ChartSpec::default()
    }
}

/// A small multiple with p10–p90 bands and one-line end labels.
pub fn bands() -> ChartSpec {
    let loads_run = [1.0, 10.0, 50.0];
    let series = |slot, name: &str, value: &str, rows: [(f64, f64, f64); 3], dotted| Series {
        id: name.to_lowercase(),
        label: name.into(),
        slot,
        marks: loads_run
            .iter()
            .zip(rows)
            .map(|(x, r)| Mark::measured(*x, r.0))
            .collect(),
        band: Some(Band {
            points: loads_run
                .iter()
                .zip(rows)
                .map(|(x, r)| (*x, r.1, r.2))
                .collect(),
            dotted,
        }),
        end_label: Some((value.into(), String::new())),
        ..Series::default()
    };
    ChartSpec {
        id: "bands".into(),
        title: "Time to first token".into(),
        summary: "The baseline’s p50 TTFT rises to 1 314 ms at 50, the candidate’s to 295 ms."
            .into(),
        x: loads(&loads_run),
        y: axis("TTFT, ms", Scale::Linear { zero: true }),
        series: vec![
            series(
                Slot::CANDIDATE,
                "AIC-configured",
                "295",
                [
                    (98.0, 80.0, 130.0),
                    (130.0, 90.0, 240.0),
                    (295.0, 160.0, 980.0),
                ],
                false,
            ),
            series(
                Slot::BASELINE,
                "Baseline",
                "1\u{202F}314",
                [
                    (146.0, 110.0, 180.0),
                    (190.0, 140.0, 420.0),
                    (1314.0, 520.0, 2360.0),
                ],
                true,
            ),
        ],
        ..ChartSpec::default()
    }
}

/// Every slot and every kind of mark.
pub fn marks_of_all_kinds() -> ChartSpec {
    let kinds = [
        MarkKind::Measured,
        MarkKind::Interpolated,
        MarkKind::Implied,
        MarkKind::Projected,
        MarkKind::Pinned,
        MarkKind::Blocked,
        MarkKind::Excluded,
    ];
    ChartSpec {
        id: "marks".into(),
        title: "Marks".into(),
        summary: "Six slots, seven kinds of mark.".into(),
        x: AxisSpec {
            labelled: (1..=7).map(f64::from).collect(),
            view: Some((0.5, 7.5)),
            ..axis("Kind", Scale::Linear { zero: false })
        },
        y: AxisSpec {
            view: Some((0.4, 6.6)),
            ..axis("Slot", Scale::Linear { zero: true })
        },
        series: (1..=6u8)
            .map(|n| Series {
                id: format!("slot-{n}"),
                label: format!("Slot {n}"),
                slot: Slot::run(n),
                line: if n == 3 { Line::Dashed } else { Line::Solid },
                stroke: if n > 3 { Stroke::Thin } else { Stroke::Regular },
                dimmed: n == 5,
                marks: kinds
                    .iter()
                    .enumerate()
                    .map(|(i, kind)| Mark {
                        ringed: *kind == MarkKind::Pinned && n == 3,
                        ..Mark::of(*kind, i as f64 + 1.0, f64::from(n))
                    })
                    .collect(),
                end_label: Some((format!("Slot {n}"), String::new())),
                ..Series::default()
            })
            .collect(),
        focus: Some(MarkRef { series: 0, mark: 0 }),
        pinned: Some(MarkRef { series: 3, mark: 2 }),
        ..ChartSpec::default()
    }
}

/// Projected fronts with a vertical limit and points of interest.
pub fn fronts() -> ChartSpec {
    let front = |slot, name: &str, thin, points: &[(f64, f64)], best: (usize, &str, &str)| Series {
        id: name.to_lowercase(),
        label: name.into(),
        slot,
        line: Line::Dashed,
        stroke: if thin { Stroke::Thin } else { Stroke::Regular },
        size: MarkSize::Small,
        marks: points
            .iter()
            .enumerate()
            .map(|(i, (x, y))| {
                let mut mark = Mark::of(MarkKind::Projected, *x, *y);
                if i == best.0 {
                    mark.kind = MarkKind::Pinned;
                    mark.ringed = true;
                    mark.label = Some(best.1.into());
                    mark.detail = Some(best.2.into());
                }
                mark
            })
            .collect(),
        end_label: Some((name.into(), String::new())),
        ..Series::default()
    };
    ChartSpec {
        id: "fronts".into(),
        title: "Projected fronts".into(),
        summary: "The disaggregated front lies above the aggregated one within the limit.".into(),
        x: axis(
            "Output tokens/s per user (1 ÷ TPOT)",
            Scale::Linear { zero: true },
        ),
        y: axis("Output tokens/s per GPU", Scale::Linear { zero: true }),
        series: vec![
            front(
                Slot::PROJECTION,
                "Aggregated, AIC 0.2.0",
                false,
                &[
                    (170.0, 60.0),
                    (146.0, 197.0),
                    (120.0, 330.0),
                    (106.2, 379.0),
                    (85.0, 540.0),
                    (55.0, 760.0),
                    (36.0, 1000.0),
                    (20.0, 1190.0),
                    (10.0, 1310.0),
                ],
                (3, "B Aggregated best 379.0", "TP4, concurrency 16"),
            ),
            front(
                Slot::run(5),
                "AIC 0.12.0",
                true,
                &[
                    (222.0, 80.0),
                    (195.0, 200.0),
                    (150.0, 260.0),
                    (112.0, 414.0),
                    (110.0, 478.0),
                ],
                (
                    4,
                    "Disaggregated best 478.4",
                    "AIC 0.12.0, TP4 + TP4, concurrency 48",
                ),
            ),
            front(
                Slot::PROJECTION,
                "Disaggregated, AIC 0.2.0",
                false,
                &[
                    (128.0, 680.0),
                    (113.6, 812.5),
                    (90.0, 870.0),
                    (65.0, 1000.0),
                    (36.0, 1160.0),
                ],
                (
                    1,
                    "C Disaggregated best 812.5",
                    "4 × TP1 prefill + TP4 decode, concurrency 64",
                ),
            ),
        ],
        limits: vec![Limit {
            id: "tpot".into(),
            across: Across::X,
            value: 100.0,
            below_is_within: false,
            label: "TPOT ≤ 10 ms: within the SLA".into(),
            hint: String::new(),
            grip: true,
        }],
        ..ChartSpec::default()
    }
}
