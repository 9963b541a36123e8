//! The comparison as CSV: one line for each load, metric and statistic, plain numbers.

use crate::align::{Figure, Workloads, is_rate};
use crate::analysis::Analysis;
use crate::compare::{COMPARED, compare};
use crate::model::{Metric, Role, Stat, Workspace};

const STATS: [Stat; 5] = [Stat::Avg, Stat::P50, Stat::P90, Stat::P95, Stat::P99];

/// Renders the comparison table. Figures are in the unit of their line (times in milliseconds);
/// what is not reported is an empty field.
pub(super) fn csv(ws: &Workspace, analysis: &Analysis) -> String {
    let mut out = String::from(
        "input_tokens,output_tokens,concurrency,metric,unit,statistic,candidate,baseline,candidate_provenance,baseline_provenance,absolute,percent,ratio,better\r\n",
    );
    let workloads = Workloads::of(
        ws.runs.iter().filter(|r| r.role != Role::Ignore),
        &ws.context,
    );
    let key = analysis.comparison.workload.unwrap_or_default();
    for stat in STATS {
        let c = compare(
            ws,
            analysis.candidate,
            analysis.baseline,
            &workloads,
            analysis.comparison.workload,
            stat,
            analysis.thresholds.equivalence,
        );
        for row in &c.rows {
            for metric in COMPARED {
                let Some(cell) = row.cells.get(&metric) else {
                    continue;
                };
                // Rates have one figure; an unnamed one stands once, beside the averages.
                let named = [&cell.candidate, &cell.baseline]
                    .into_iter()
                    .flatten()
                    .any(|f| f.stat == stat);
                if stat != Stat::Avg && (is_rate(metric) || !named) {
                    continue;
                }
                let whole = |v: Option<u64>| v.map_or_else(String::new, |v| v.to_string());
                let word =
                    |f: &Option<Figure>| f.as_ref().map_or("", |f| f.provenance.word()).to_owned();
                let value = |f: &Option<Figure>| {
                    f.as_ref()
                        .map_or_else(String::new, |f| shown(metric, f.value))
                };
                let statistic = [&cell.candidate, &cell.baseline]
                    .into_iter()
                    .flatten()
                    .next()
                    .map_or("", |f| f.stat.key());
                let number = |v: Option<f64>| v.map_or_else(String::new, |v| format!("{v}"));
                let fields = [
                    whole(key.isl),
                    whole(key.osl),
                    row.concurrency.to_string(),
                    metric.id().to_owned(),
                    field(metric.unit().label()),
                    statistic.to_owned(),
                    value(&cell.candidate),
                    value(&cell.baseline),
                    word(&cell.candidate),
                    word(&cell.baseline),
                    cell.change
                        .map_or_else(String::new, |c| shown(metric, c.absolute)),
                    number(cell.change.and_then(|c| c.relative).map(|r| r * 100.0)),
                    number(cell.change.and_then(|c| c.ratio)),
                    cell.change
                        .and_then(|c| c.outcome)
                        .map_or("", |o| match o {
                            crate::compare::Outcome::Candidate => "candidate",
                            crate::compare::Outcome::Baseline => "baseline",
                            crate::compare::Outcome::NoDifference => "no practical difference",
                        })
                        .to_owned(),
                ];
                out.push_str(&fields.join(","));
                out.push_str("\r\n");
            }
        }
    }
    out
}

fn shown(metric: Metric, si: f64) -> String {
    // Nine decimals drop the dust of the change of unit and keep every digit of a source.
    let v = (metric.unit().shown(si) * 1e9).round() / 1e9;
    format!("{v}")
}

/// A field quoted where it must be.
fn field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}
