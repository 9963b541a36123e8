//! Errors of the projection, the work projected again and calibration, in the report and as JSON.

use super::sections::lower;
use super::tables::{cell, head};
use super::{Block, Reference, Sentence, Table};
use crate::accuracy::{LoadErrors, Overall, Quantity, SignedError};
use crate::analysis::Analysis;
use crate::audit::{Check, Question, Reprojection};
use crate::calibrate::Fit;
use crate::explain;
use crate::findings::{
    Accuracy, Calibration, Condition, about, both_ways, error_interval, factor_name, shown, unit,
};
use crate::fmt::{self, plain};
use crate::model::{Metric, Workspace};
use serde_json::{Value, json};

/// What follows the answer and the conditions.
pub(super) fn blocks(ws: &Workspace, a: &Analysis) -> Vec<Block> {
    let Some(found) = &a.accuracy else {
        return Vec::new();
    };
    let mut out = Vec::new();
    if let Some(at) = &found.errors {
        out.push(Block::Paragraph(vec![
            Sentence::new(format!(
                "Projected against measured at concurrency {}; the interval is that of the measurement.",
                at.expected.concurrency
            ))
            .on([Reference::Table(Question::Projection)]),
        ]));
        out.push(Block::Table(errors(at)));
    }
    if found.by_load.len() > 1 {
        out.push(Block::Paragraph(by_load(found)));
    }
    if let (Ok(again), true) = (&found.reprojection, found.errors.is_none()) {
        out.push(Block::Paragraph(vec![
            Sentence::new(about(again)).on([Reference::Check(Check::Reproject)]),
        ]));
        out.push(Block::Table(reprojection(ws, again)));
    }
    if !found.deployed.is_empty() {
        out.push(Block::Paragraph(vec![
            Sentence::new(
                "What was deployed, as its files describe it, projected again: the mean time of a request at each load that the engines take at once.",
            )
            .on([Reference::Table(Question::Projection)]),
        ]));
        out.push(Block::Table(deployed(ws, found)));
    }
    let sentence = match &found.calibration {
        Err(why) => Sentence::new(format!("No calibration: {}", lower(why))),
        Ok(c) => {
            let mut text = format!("Calibration of {}. {}. {}", c.by, c.title, c.reason);
            if let Some(both) = both_ways(c, a.thresholds.equivalence) {
                text.push(' ');
                text.push_str(&both);
            }
            Sentence::new(text)
        }
    };
    out.push(Block::Paragraph(vec![
        sentence.on([Reference::Table(Question::Projection)]),
    ]));
    if let Ok(c) = &found.calibration {
        out.push(Block::Table(calibration(c)));
    }
    out
}

fn errors(at: &LoadErrors) -> Table {
    Table {
        head: vec![
            head("Figure", "", false),
            head("Projected", "", true),
            head("Measured", "", true),
            head("Error", "%", true),
            head("95 % CI of the error", "", true),
        ],
        rows: at
            .errors
            .iter()
            .map(|e| {
                vec![
                    cell(format!("{}, {}", e.quantity.label(), unit(e.quantity))),
                    cell(shown(e.quantity, e.projected)),
                    cell(shown(e.quantity, e.measured)),
                    cell(bare(e.error())),
                    cell(match e.interval {
                        Ok(_) => error_interval(e),
                        Err(_) => "none".to_owned(),
                    }),
                ]
            })
            .collect(),
    }
}

/// A change for a column whose head says percent.
fn bare(relative: f64) -> String {
    fmt::change_table(relative)
        .trim_end_matches(['%', fmt::NBSP])
        .to_owned()
}

fn by_load(found: &Accuracy) -> Vec<Sentence> {
    found
        .overall
        .iter()
        .map(|o| {
            let each: Vec<String> = found
                .by_load
                .iter()
                .filter_map(|l| {
                    Some(format!(
                        "{} at {}{}",
                        fmt::change(l.of(o.quantity)?.error()),
                        l.expected.concurrency,
                        match (l.recomputed, l.ceiling) {
                            (true, _) => " (recomputed)",
                            (false, Some(_)) => " (engines full)",
                            (false, None) => "",
                        }
                    ))
                })
                .collect();
            Sentence::new(format!(
                "{}: {}; mean absolute error {}, bias {}.",
                o.quantity.label(),
                fmt::list(&each),
                fmt::percent(o.mape, 1),
                fmt::change_table(o.bias)
            ))
            .on([Reference::Table(Question::Projection)])
        })
        .collect()
}

fn reprojection(ws: &Workspace, r: &Reprojection) -> Table {
    let digits = fmt::column_decimals(
        r.loads
            .iter()
            .map(|l| Metric::RequestThroughput.unit().shown(l.measured_s)),
    );
    let label = ws.runs.get(r.run).map_or("Measured", |run| &run.label);
    Table {
        head: vec![
            head("Concurrency", "", true),
            head("Re-projected", "req/s", true),
            head(label, "req/s", true),
            head("Measured ÷ re-projected", "%", true),
        ],
        rows: r
            .loads
            .iter()
            .map(|l| {
                vec![
                    cell(fmt::number(f64::from(l.expected.concurrency), 0)),
                    cell(fmt::number(l.requests_s, 2)),
                    cell(fmt::number(l.measured_s, digits)),
                    cell(fmt::number(l.share() * 100.0, 0)),
                ]
            })
            .collect(),
    }
}

/// What was deployed, load by load, beside the projection's own assumption where that is of the same run.
pub fn deployed(ws: &Workspace, found: &Accuracy) -> Table {
    let label = |run: usize| ws.runs.get(run).map_or("Measured", |r| r.label.as_str());
    let own = |run: usize, c: u32| {
        let at = found.by_load.iter().filter(|_| run == found.run);
        let at = at
            .filter(|l| l.ceiling.is_none())
            .find(|l| l.expected.concurrency == c);
        at.and_then(|l| l.of(Quantity::RequestTime))
            .map_or("none".to_owned(), |e| ratio(e.measured / e.projected))
    };
    let rows = found.deployed.iter().flat_map(|(run, c)| {
        c.loads.iter().map(move |l| {
            vec![
                cell(label(*run)),
                cell(explain::of(c)),
                cell(fmt::number(f64::from(l.concurrency), 0)),
                cell(fmt::number(l.request_s * 1e3, 0)),
                cell(fmt::number(l.request_s * l.ratio * 1e3, 0)),
                cell(ratio(l.ratio)),
                cell(own(*run, l.concurrency)),
            ]
        })
    });
    Table {
        head: vec![
            head("Run", "", false),
            head("Deployed", "", false),
            head("Concurrency", "", true),
            head("Projected request time", "ms", true),
            head("Measured", "ms", true),
            head("Measured ÷ projected", "", true),
            head("Measured ÷ the projection’s own", "", true),
        ],
        rows: rows.collect(),
    }
}

fn ratio(v: f64) -> String {
    fmt::number(v, 3)
}

fn calibration(c: &Calibration) -> Table {
    let percent = |v: f64| cell(fmt::number(v * 100.0, 1));
    Table {
        head: vec![
            head("Mean absolute error", "", false),
            head("Factor", "", true),
            head("Loads", "", true),
            head("As projected", "%", true),
            head("Fitted", "%", true),
            head("Left out", "%", true),
            head("Advice", "", false),
        ],
        rows: c
            .fits
            .iter()
            .map(|f| {
                vec![
                    cell(format!("{}, {} factor", f.quantity.label(), factor_name(f))),
                    cell(format!("× {}", fmt::sig(f.factor, 3))),
                    cell(f.loads.len().to_string()),
                    percent(f.before),
                    percent(f.after),
                    percent(f.left_out),
                    cell(f.advice.word()),
                ]
            })
            .collect(),
    }
}

/// Everything as JSON, SI units and shares.
pub(super) fn json(a: &Accuracy, conditions: &[Condition]) -> Value {
    json!({
        "comparable": a.errors.is_some(),
        "conditions": conditions.iter().map(|c| json!({
            "name": c.matter.name(),
            "projection": plain(&c.projection),
            "measurement": plain(&c.measurement),
            "difference": plain(&c.difference),
            "holds": c.holds,
        })).collect::<Vec<_>>(),
        "loads": a.by_load.iter().map(load).collect::<Vec<_>>(),
        "overall": a.overall.iter().map(overall).collect::<Vec<_>>(),
        "reprojection": match &a.reprojection {
            Err(why) => json!({"missing": plain(why)}),
            Ok(r) => json!({
                "by": r.by,
                "deployment": r.setup,
                "isl": r.isl,
                "osl": r.osl,
                "loads": r.loads.iter().map(|l| json!({
                    "concurrency": l.expected.concurrency,
                    "projected_requests_s": l.requests_s,
                    "measured_requests_s": l.measured_s,
                    "projected_ttft_s": l.expected.ttft_s,
                    "projected_tpot_s": l.expected.tpot_s,
                })).collect::<Vec<_>>(),
            }),
        },
        "deployed": a.deployed.iter().map(|(run, c)| json!({
            "run": run,
            "deployment": explain::of(c),
            "rules": c.rules.to_string(),
            "loads": c.loads.iter().map(|l| json!({
                "concurrency": l.concurrency,
                "batch": l.batch,
                "projected_request_s": l.request_s,
                "measured_over_projected": l.ratio,
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "calibration": match &a.calibration {
            Err(why) => json!({"missing": plain(why)}),
            Ok(c) => factors(c),
        },
    })
}

fn load(l: &LoadErrors) -> Value {
    json!({
        "concurrency": l.expected.concurrency,
        "recomputed": l.recomputed,
        "errors": l.errors.iter().map(one).collect::<Vec<_>>(),
    })
}

fn one(e: &SignedError) -> Value {
    json!({
        "figure": e.quantity.key(),
        "projected": e.projected,
        "measured": e.measured,
        "measured_interval": e.interval.as_ref().ok().map(|(low, high)| [*low, *high]),
        "no_interval": e.interval.as_ref().err().map(|why| plain(why)),
        "error": e.error(),
    })
}

fn overall(o: &Overall) -> Value {
    json!({"figure": o.quantity.key(), "loads": o.loads, "mape": o.mape, "bias": o.bias})
}

fn factors(c: &Calibration) -> Value {
    json!({
        "by": c.by,
        "factors": c.fits.iter().map(fit).collect::<Vec<_>>(),
    })
}

fn fit(f: &Fit) -> Value {
    json!({
        "figure": f.quantity.key(),
        "name": factor_name(f),
        "factor": f.factor,
        "mean_absolute_error": {"projected": f.before, "fitted": f.after, "left_out": f.left_out},
        "advice": f.advice.key(),
        "loads": f.loads.iter().map(|l| json!({
            "concurrency": l.pair.concurrency,
            "isl": l.pair.isl,
            "osl": l.pair.osl,
            "projected": l.pair.projected,
            "measured": l.pair.measured,
            "left_out_ratio": l.left_out,
        })).collect::<Vec<_>>(),
    })
}

/// The factors alone, as a file to keep.
pub fn factors_json(c: &Calibration) -> String {
    format!("{:#}\n", factors(c))
}

/// Every error, one object each: `concurrency` is the load that was measured, `full_at` how many requests the engines take where more
/// were in flight, `error_pct` projected ÷ measured − 1 in percent. Times in milliseconds, rates in tokens/s for each GPU.
pub(super) fn list(found: &Accuracy) -> Vec<Value> {
    let each = found.by_load.iter().flat_map(|l| {
        l.errors.iter().map(|e| {
            let shown = |si: f64| e.quantity.metric().unit().shown(si);
            json!({
                "concurrency": l.expected.concurrency,
                "full_at": l.ceiling,
                "metric": e.quantity.key(),
                "projected": shown(e.projected),
                "measured": shown(e.measured),
                "error_pct": e.error() * 100.0,
                "recomputed": l.recomputed,
            })
        })
    });
    each.collect()
}
