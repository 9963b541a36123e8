//! The charts of Accuracy: signed errors, the work projected again, and calibrated loads.

use super::{concurrency_axis, slot};
use crate::accuracy::Quantity;
use crate::audit::Reprojection;
use crate::calibrate::{Fit, Judged};
use crate::chart::forest::{Forest, ForestGroup, ForestRow};
use crate::chart::{
    AxisSpec, Beside, ChartSpec, Line, Mark, MarkKind, MarkSize, Note, Series, Slot, Stroke,
    Whisker,
};
use crate::findings::{Accuracy, Calibration, error_interval, load_name, shown};
use crate::fmt;
use crate::model::{Metric, Workspace};

/// Signed errors at the projection's own load; `None` where the two sides are not comparable.
pub fn errors(ws: &Workspace, a: &Accuracy, equivalence: f64, label: &str) -> Option<Forest> {
    let at = a.errors.as_ref()?;
    let c = at.expected.concurrency;
    let gpus = ws.runs.get(a.run).and_then(crate::model::Run::gpus);
    let how = |q: Quantity| match q {
        Quantity::PerGpu => match at.in_flight {
            Some(l) => format!("tok/s/GPU; {} of {c} in flight", fmt::sig(l, 3)),
            None => "tok/s/GPU".to_owned(),
        },
        Quantity::PerGpuFull => format!(
            "{c} ÷ request time × {} ÷ {}",
            if at.expected.disagg {
                "OSL"
            } else {
                "(OSL − 1)"
            },
            gpus.map_or_else(|| "GPUs".to_owned(), |g| g.to_string())
        ),
        _ => "ms, average".to_owned(),
    };
    let groups: Vec<ForestGroup> = at
        .errors
        .iter()
        .map(|e| {
            let change = fmt::change_table(e.error());
            ForestGroup {
                label: e.quantity.label().to_owned(),
                short: format!("{} {change}", short(e.quantity)),
                direction: how(e.quantity),
                rows: vec![ForestRow {
                    slot: Slot::PROJECTION,
                    kind: MarkKind::Projected,
                    ratio: Some(e.ratio()),
                    whisker: e.ratio_interval().map(Whisker::from),
                    figures: vec![
                        change,
                        shown(e.quantity, e.projected),
                        shown(e.quantity, e.measured),
                        match e.ratio_interval() {
                            Some(_) => error_interval(e),
                            None => "none".to_owned(),
                        },
                    ],
                    ..ForestRow::default()
                }],
            }
        })
        .collect();
    let said: Vec<String> = at
        .errors
        .iter()
        .map(|e| {
            format!(
                "{} {}",
                e.quantity.in_sentence(),
                fmt::change_table(e.error())
            )
        })
        .collect();
    let n = a
        .requests
        .map_or_else(String::new, |n| format!(", n {}", fmt::number(n as f64, 0)));
    let subtitle = if at.errors.iter().any(|e| e.interval.is_ok()) {
        format!(
            "Whiskers: 95 % interval of the measurement{n}. A projection has no interval of its own"
        )
    } else {
        format!("Without an interval{n}: it takes the records of each request, or three repeats")
    };
    Some(Forest {
        id: "signed-error".to_owned(),
        title: format!("Signed error, {label} against the run at concurrency {c}"),
        subtitle,
        summary: format!(
            "Projected over measured at concurrency {c}: {}.",
            fmt::list(&said)
        ),
        less: "← projected low".to_owned(),
        more: "high →".to_owned(),
        columns: ["Error", "Projected", "Measured", "95 % CI"]
            .map(str::to_owned)
            .to_vec(),
        percent: true,
        equivalence: Some(equivalence),
        equivalence_label: band(equivalence),
        groups,
        ..Forest::default()
    })
}

fn short(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::PerGpu => "Per GPU",
        Quantity::PerGpuFull => "Full load",
        Quantity::RequestTime => "Request",
        Quantity::Ttft => "TTFT",
        Quantity::Tpot => "TPOT",
    }
}

fn band(equivalence: f64) -> String {
    format!("±{}: no practical difference", fmt::percent(equivalence, 0))
}

/// Each load as projected and as calibrated by a fit to the others.
pub fn calibration(c: &Calibration, equivalence: f64) -> Forest {
    let groups = c
        .fits
        .iter()
        .map(|f| ForestGroup {
            label: f.quantity.label().to_owned(),
            short: short(f.quantity).to_owned(),
            rows: f.loads.iter().map(|l| row(f, l)).collect(),
            ..ForestGroup::default()
        })
        .collect();
    let said: Vec<String> = c
        .fits
        .iter()
        .map(|f| {
            format!(
                "{} from {} to {} at loads that were left out",
                f.quantity.in_sentence(),
                fmt::percent(f.before, 1),
                fmt::percent(f.left_out, 1)
            )
        })
        .collect();
    Forest {
        id: "calibration".to_owned(),
        title: "Each load, judged by a fit to the others".to_owned(),
        subtitle: "Hollow: as projected. Filled: calibrated without that load".to_owned(),
        summary: format!("Mean absolute error by calibration: {}.", fmt::list(&said)),
        less: "← low".to_owned(),
        more: "high →".to_owned(),
        heads: ["Figure".to_owned(), "Concurrency".to_owned()],
        head_short: "C".to_owned(),
        columns: vec!["Calibrated".to_owned(), "As projected".to_owned()],
        equivalence: Some(equivalence),
        equivalence_label: band(equivalence),
        groups,
        ..Forest::default()
    }
}

fn row(f: &Fit, l: &Judged) -> ForestRow {
    let (before, after) = (l.before.ln().abs(), l.left_out.ln().abs());
    ForestRow {
        label: load_name(f, l),
        slot: Slot::PROJECTION,
        kind: MarkKind::Pinned,
        ratio: Some(l.left_out),
        before: Some(l.before),
        remark: if after > before * 1.02 {
            "worse"
        } else if after > before * 0.98 {
            "no better"
        } else {
            ""
        }
        .to_owned(),
        figures: vec![
            fmt::change_table(l.left_out - 1.0),
            fmt::change_table(l.before - 1.0),
        ],
        ..ForestRow::default()
    }
}

/// Requests/s measured against re-projected, with the share at each load.
pub fn reprojection(ws: &Workspace, r: &Reprojection) -> ChartSpec {
    let label = ws.runs.get(r.run).map_or("", |run| run.label.as_str());
    let x = |l: &crate::audit::Reprojected| f64::from(l.expected.concurrency);
    let loads: Vec<u32> = r.loads.iter().map(|l| l.expected.concurrency).collect();
    let end = |name: &str, value: String| Some((name.to_owned(), value));
    let last = r.loads.last();
    let measured = Series {
        id: ws
            .runs
            .get(r.run)
            .map_or_else(String::new, |run| run.id.clone()),
        label: label.to_owned(),
        slot: slot(&ws.runs, r.run),
        marks: r
            .loads
            .iter()
            .map(|l| Mark::measured(x(l), l.measured_s))
            .collect(),
        end_label: last.and_then(|l| end("Measured", fmt::measured(l.measured_s))),
        ..Series::default()
    };
    let again = Series {
        id: "re-projected".to_owned(),
        label: "Re-projected".to_owned(),
        slot: Slot::PROJECTION,
        line: Line::Dashed,
        marks: r
            .loads
            .iter()
            .map(|l| Mark::of(MarkKind::Projected, x(l), l.requests_s))
            .collect(),
        end_label: last.and_then(|l| {
            end(
                "Re-projected",
                format!(
                    "{} at OSL {}",
                    fmt::number(l.requests_s, 2),
                    fmt::number(r.osl, 0)
                ),
            )
        }),
        ..Series::default()
    };
    let between = Series {
        id: again.id.clone(),
        behind: true,
        label: String::new(),
        slot: Slot::PROJECTION,
        line: Line::Dotted,
        stroke: Stroke::Thin,
        size: MarkSize::Hidden,
        marks: r
            .loads
            .iter()
            .flat_map(|l| {
                [
                    Mark::of(MarkKind::Projected, x(l), l.requests_s),
                    Mark::measured(x(l), l.measured_s).then_gap(),
                ]
            })
            .collect(),
        ..Series::default()
    };
    let said: Vec<String> = r
        .loads
        .iter()
        .map(|l| {
            format!(
                "{} at concurrency {}",
                fmt::percent(l.share(), 0),
                l.expected.concurrency
            )
        })
        .collect();
    ChartSpec {
        id: "re-projection".to_owned(),
        title: "Requests/s, measured against re-projected".to_owned(),
        subtitle: "Percentages: measured ÷ re-projected".to_owned(),
        summary: format!(
            "Measured requests/s over the re-projection: {}.",
            fmt::list(&said)
        ),
        x: concurrency_axis(&loads),
        y: AxisSpec {
            title: super::lines::axis_title(Metric::RequestThroughput),
            ..AxisSpec::default()
        },
        notes: r
            .loads
            .iter()
            .map(|l| Note {
                x: x(l),
                y: (l.requests_s + l.measured_s) / 2.0,
                text: fmt::percent(l.share(), 0),
                beside: Beside::Right,
                strong: true,
                ..Note::default()
            })
            .collect(),
        series: vec![measured, again, between],
        ..ChartSpec::default()
    }
}
