//! How sure the differences are: forest rows, metric by metric, a row a load.

use super::slot;
use crate::analysis::Analysis;
use crate::certainty::{Basis, Certainty, Difference, Reading};
use crate::chart::forest::{Forest, ForestGroup, ForestRow};
use crate::chart::{MarkKind, Whisker};
use crate::fmt;
use crate::model::{Direction, Metric, Workspace};
use crate::units::{Seconds, Unit};

/// Builds the chart; `None` where no load was measured on both sides.
pub fn forest(ws: &Workspace, analysis: &Analysis, sure: &Certainty) -> Option<Forest> {
    let candidate = analysis.candidate?;
    let label = &ws.runs.get(candidate)?.label;
    let mut groups: Vec<(Metric, ForestGroup)> = Vec::new();
    for d in &sure.rows {
        let withheld = analysis.withheld(ws, d.metric).contains(&d.concurrency);
        let row = ForestRow {
            label: d.concurrency.to_string(),
            slot: slot(&ws.runs, candidate),
            kind: if withheld {
                MarkKind::Blocked
            } else {
                MarkKind::Measured
            },
            ratio: Some(d.ratio),
            whisker: whisker(d),
            figures: vec![
                fmt::ratio(d.ratio),
                interval(d),
                shift(d),
                if withheld {
                    "not comparable".to_owned()
                } else {
                    size(d)
                },
            ],
            ..ForestRow::default()
        };
        match groups.last_mut() {
            Some((m, g)) if *m == d.metric => g.rows.push(row),
            _ => groups.push((d.metric, group(d.metric, row))),
        }
    }
    if groups.is_empty() {
        return None;
    }
    let only_rounding = sure.rows.iter().all(|d| d.basis >= Basis::Rounding);
    Some(Forest {
        id: "candidate-over-baseline".into(),
        title: "Candidate over baseline".into(),
        subtitle: subtitle(sure),
        summary: summary(sure, analysis),
        less: format!("← {label} lower"),
        more: "higher →".into(),
        heads: ["Metric".into(), "Concurrency".into()],
        head_short: "Metric, concurrency".into(),
        columns: [
            "Ratio",
            if only_rounding {
                "Rounding"
            } else {
                "95 % interval"
            },
            "Median pair",
            "Size (Cliff’s δ)",
        ]
        .map(String::from)
        .into(),
        percent: false,
        equivalence: Some(analysis.thresholds.equivalence).filter(|e| *e > 0.0),
        equivalence_label: format!(
            "±{}: no practical difference",
            fmt::limit(analysis.thresholds.equivalence)
        ),
        groups: groups.into_iter().map(|(_, g)| g).collect(),
        focus: None,
    })
}

fn group(metric: Metric, first: ForestRow) -> ForestGroup {
    let info = metric.info();
    let label = match metric {
        Metric::Ttft | Metric::Tpot => info.short,
        Metric::RequestLatency => "Request time",
        _ => info.label,
    };
    ForestGroup {
        label: label.into(),
        short: match metric {
            Metric::OutputThroughput => "Tokens/s",
            Metric::RequestThroughput => "Req/s",
            Metric::RequestLatency => "R",
            _ => "",
        }
        .into(),
        direction: match info.direction {
            Direction::Higher => "higher is better",
            Direction::Lower => "lower is better",
            Direction::Neither => "",
        }
        .into(),
        rows: vec![first],
    }
}

fn whisker(d: &Difference) -> Option<Whisker> {
    let i = d.interval?;
    i.low.or(i.high)?;
    Some(Whisker {
        low: i.low.unwrap_or(d.ratio),
        high: i.high.unwrap_or(d.ratio),
        open_low: i.low.is_none(),
        open_high: i.high.is_none(),
    })
}

/// The interval of the ratio in words.
pub fn interval(d: &Difference) -> String {
    d.interval.map_or_else(
        || "none".to_owned(),
        |i| fmt::bounds(i.low, i.high, fmt::ratio),
    )
}

/// The Hodges–Lehmann shift with its unit; empty without pairs.
pub fn shift(d: &Difference) -> String {
    d.pairs.map_or_else(String::new, |p| {
        let text = shown(d.metric, p.shift);
        if p.shift > 0.0 {
            format!("+{text}")
        } else {
            text
        }
    })
}

/// The word for Cliff's delta with the figure; else why there is none.
pub fn size(d: &Difference) -> String {
    match (&d.pairs, &d.no_test) {
        (Some(p), _) => format!("{} ({})", p.size, fmt::number(p.delta, 2)),
        (None, Some(why)) => {
            // A sentence of its own stands under the table; the row has room for its cause.
            if why.ends_with('.') {
                "none".to_owned()
            } else {
                why.clone()
            }
        }
        (None, None) => String::new(),
    }
}

/// A difference in the metric's unit.
fn shown(metric: Metric, si: f64) -> String {
    match metric.unit() {
        Unit::Seconds => fmt::ms(Seconds(si)),
        unit => format!("{}{}{}", fmt::sig(si, 3), fmt::NBSP, unit.label()),
    }
}

fn subtitle(sure: &Certainty) -> String {
    let stats: std::collections::BTreeSet<_> = sure
        .rows
        .iter()
        .filter(|d| !crate::align::is_rate(d.metric))
        .map(|d| d.stat)
        .collect();
    let names: Vec<&str> = stats.into_iter().map(fmt::stat).collect();
    let latencies = if names.is_empty() {
        String::new()
    } else {
        format!("; latencies: {}", fmt::list(&names))
    };
    let has = |b| sure.rows.iter().any(|d| d.basis == b);
    let whisker = match (has(Basis::WithinRun), has(Basis::Repeats)) {
        (true, false) => "a whisker clear of the band is a practical difference within these runs",
        (_, true) => "a whisker clear of the band is a practical difference",
        (false, false) => "whiskers show rounding only",
    };
    format!("Ratio, log₂{latencies}; {whisker}")
}

/// One sentence: the accessible form of the chart.
fn summary(sure: &Certainty, analysis: &Analysis) -> String {
    let band = analysis.thresholds.equivalence;
    let which = |wanted| -> Vec<String> {
        sure.rows
            .iter()
            .filter(|d| d.reading(band) == Some(wanted))
            .map(|d| format!("{} at {}", d.metric.info().short, d.concurrency))
            .collect()
    };
    let (clear, noise) = (which(Reading::Clear), which(Reading::Noise));
    match (clear.len(), noise.len()) {
        (0, 0) => "No interval of these ratios covers chance.".to_owned(),
        (_, 0) => {
            "The interval of every ratio that has one lies on one side of equal or within the band."
                .to_owned()
        }
        (0, _) => {
            "The interval of every ratio that has one holds equal and reaches beyond the band."
                .to_owned()
        }
        _ => format!(
            "The intervals of {} hold equal and reach beyond the band; the others lie on one side or within it.",
            fmt::list(&noise)
        ),
    }
}
