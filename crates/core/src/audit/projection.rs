//! UNIT, POINT and RANGE: whether a projection and a measurement speak of the same thing.

use super::claim::claim;
use super::counterpart::counterparts;
use super::{Case, Check, Finding, Grade, PointRef, Question, Row};
use crate::fmt;
use crate::model::{Metric, Point, Provenance, Run, Stat, Tool};

/// AIC's own choice, within the limits, on as many GPUs, at a measured load, in the chosen mode, output per GPU.
type Score = (bool, bool, bool, bool, bool, f64);

/// The projection's point that is judged. A sweep has many: the one that AIC's file of results names as its choice is it, whatever was
/// measured; without such a file those within the limits come first,
/// then those on as many GPUs as the measured run, then those whose load was measured, then the
/// mode that AIC chose, then the highest output per GPU.
pub fn projected<'a>(case: &Case<'a>) -> Option<(PointRef, &'a Run, &'a Point)> {
    let limits = crate::sla::limits(&case.ws.sla);
    let measured = case.candidate.or(case.baseline);
    let gpus = measured
        .and_then(|i| case.run(i)?.deployment.gpus)
        .filter(|g| !g.guess)
        .map(|g| g.count);
    let loads = measured
        .and_then(|i| case.curve(i))
        .map(|c| c.concurrencies())
        .unwrap_or_default();
    let chosen = case.ws.context.chosen.as_deref();
    let mut best: Option<(Score, (PointRef, &Run, &Point))> = None;
    for run in case.projections {
        let Some(r) = case.run(*run) else { continue };
        let mut points = case.points(*run);
        if points.is_empty() {
            points = r
                .points
                .iter()
                .enumerate()
                .map(|(point, p)| (PointRef { run: *run, point }, r, p))
                .collect();
        }
        points.sort_by_key(|(at, _, _)| at.point);
        for (at, r, p) in points {
            let over = |m: Metric, l: f64| r.value(p, m).is_some_and(|(v, _)| v > l);
            let disagg = p.setup.as_ref().is_some_and(|s| s.disagg);
            let score = (
                r.tool == Tool::Aic && crate::ingest::is_chosen(p, &case.ws.context),
                !limits.iter().any(|(m, l)| over(*m, l.0)),
                gpus.is_none() || p.gpus.or(r.gpus()) == gpus,
                p.load.concurrency.is_some_and(|c| loads.contains(&c)),
                chosen.is_none_or(|c| c.starts_with("disagg") == disagg),
                r.value(p, Metric::OutputThroughputPerGpu)
                    .map_or(f64::NEG_INFINITY, |(v, _)| v),
            );
            if best.as_ref().is_none_or(|(s, _)| score > *s) {
                best = Some((score, (at, r, p)));
            }
        }
    }
    best.map(|(_, found)| found)
}

/// GPUs of the projected deployment, else of the candidate.
pub(super) fn gpus(case: &Case<'_>) -> Option<u32> {
    let projected = projected(case).and_then(|(_, r, p)| p.gpus.or(r.gpus()));
    projected.or_else(|| case.run(case.candidate?)?.gpus())
}

pub(super) const UNIT: Row = Row {
    title: "Unit",
    tests: "Figures set beside each other are all per GPU or all for the whole system.",
    needs: "a projection or a report with per-GPU figures, and the GPU count",
    bears_on: &[Question::Projection],
    weakest: "GPU count is a guess",
    by_point: false,
    run: unit,
};

/// UNIT: per-GPU figures beside whole-system ones.
fn unit(case: &Case<'_>) -> Vec<Finding> {
    let case = &case.for_projection();
    match (
        claim(case),
        case.candidate.or(case.baseline).and_then(|i| case.run(i)),
    ) {
        // Of runs with sources of their own a report's division says nothing.
        (Some(mut f), Some(m)) if m.tool != Tool::Table => {
            f.grade = Grade::Warn;
            f.bears_on.clear();
            let mut out = vec![f.harmless()];
            out.extend(in_one_unit(case));
            out
        }
        (Some(f), _) => vec![f],
        (None, _) => in_one_unit(case),
    }
}

/// Whether projection and run can be put into one unit.
fn in_one_unit(case: &Case<'_>) -> Vec<Finding> {
    let Some((at, r, p)) = projected(case) else {
        return vec![Finding::no_data(
            Check::Unit,
            "No per-GPU figure stands beside a figure of a whole system",
        )];
    };
    let Some(candidate) = case.candidate.or(case.baseline) else {
        return vec![Finding::no_data(
            Check::Unit,
            "No measured run stands beside the projection",
        )];
    };
    let per_gpu_only = p.metrics.contains_key(&Metric::OutputThroughputPerGpu)
        && !p.metrics.contains_key(&Metric::OutputThroughput);
    let measured = case.run(candidate);
    let converts = measured.and_then(Run::gpus);
    let label = case.label(candidate);
    match converts {
        None if per_gpu_only || p.metrics.contains_key(&Metric::OutputThroughputPerGpu) => vec![
            Finding::new(
                Check::Unit,
                Grade::Block,
                format!("The projection is per GPU, and {label} does not say how many GPUs it has"),
            )
            .so("The two cannot be put into one unit.")
            .line(format!(
                "{}: {} per GPU; {label}: tokens/s of the whole system ÷ an unknown number",
                r.label,
                r.value(p, Metric::OutputThroughputPerGpu).map_or_else(
                    || "tokens/s".to_owned(),
                    |(v, _)| fmt::value(Metric::OutputThroughput, v)
                )
            ))
            .at(vec![at])
            .advise("Set the GPU count of the run in the tray."),
        ],
        None => vec![Finding::no_data(
            Check::Unit,
            format!("The GPU count of {label} is not known"),
        )],
        Some(g) => {
            let guess = measured
                .and_then(|m| m.deployment.gpus)
                .is_some_and(|g| g.guess);
            vec![if guess {
                Finding::new(
                    Check::Unit,
                    Grade::Warn,
                    format!("The GPU count of {label}, {g}, is a guess"),
                )
                .so("Every per-GPU figure of this run rests on it.")
                .advise("Set the GPU count of the run in the tray.")
            } else {
                Finding::new(
                    Check::Unit,
                    Grade::Pass,
                    "Projection and measurement are put into one unit",
                )
                .line(format!("{label}: tokens/s of the whole system ÷ {g} GPUs"))
            }]
        }
    }
}

pub(super) const POINT: Row = Row {
    title: "Projected load",
    tests: "The load that the projection assumes was measured.",
    needs: "a projection with a stated concurrency and a measured run",
    bears_on: &[Question::Projection],
    weakest: "the projected load was not run",
    by_point: false,
    run: point,
};

/// POINT: whether the projection's load was measured, and what the line between its neighbours
/// says where it was not.
fn point(case: &Case<'_>) -> Vec<Finding> {
    let case = &case.for_projection();
    let (Some((at, r, p)), Some(run)) = (projected(case), case.candidate.or(case.baseline)) else {
        return vec![Finding::no_data(
            Check::Point,
            "There is no projection beside a measured run",
        )];
    };
    let (Some(c), Some(curve)) = (p.load.concurrency, case.curve(run)) else {
        return vec![Finding::no_data(
            Check::Point,
            "The projection states no concurrency",
        )];
    };
    let loads = curve.concurrencies();
    let (Some(low), Some(high)) = (loads.first(), loads.last()) else {
        return vec![Finding::no_data(
            Check::Point,
            "The measured run states no concurrency",
        )];
    };
    let label = case.label(run);
    let there = counterparts(case, at, r, p, run);
    if !loads.contains(&c) && !there.is_empty() {
        let mut f = Finding::new(
            Check::Point,
            Grade::Pass,
            format!("The projection’s deployment was run, though not at {c} in flight"),
        );
        if let Some(ceiling) = there.ceiling {
            f = f.line(format!(
                "the engines of {label} take {c} at once: from {ceiling} in flight on they are as full as projected"
            ));
        }
        if !there.rows.is_empty() {
            let rows: Vec<u32> = there.rows.iter().map(|(c, _)| *c).collect();
            f = f.line(format!(
                "its sweep has the same deployment at {}",
                fmt::loads(&rows)
            ));
        }
        return vec![f];
    }
    if loads.contains(&c) {
        return vec![
            Finding::new(
                Check::Point,
                Grade::Pass,
                format!("The projection’s concurrency, {c}, was run"),
            )
            .at(curve
                .loads
                .get(&c)
                .map(|x| {
                    x.points
                        .iter()
                        .map(|point| PointRef { run, point: *point })
                        .collect()
                })
                .unwrap_or_default()),
        ];
    }
    let mut f = Finding::new(
        Check::Point,
        Grade::Block,
        format!("The projection’s concurrency, {c}, was never run"),
    )
    .so("Not comparable: an interpolated value is shown hollow and enters no verdict.")
    .line(format!(
        "{c} is not among the loads of {label}: {}",
        fmt::loads(&loads)
    ))
    .advise(format!("Run {label} at concurrency {c}."));
    if (*low..=*high).contains(&c) {
        let figure = |m| {
            curve
                .interpolated(c, m, Stat::Avg)
                .filter(|x| x.provenance == Provenance::Interpolated)
        };
        if let Some(x) = figure(Metric::OutputThroughput) {
            f = f.line(between(
                &curve,
                c,
                Metric::OutputThroughput,
                x.value,
                run,
                case,
            ));
            f = f.at(x
                .points
                .iter()
                .map(|point| PointRef { run, point: *point })
                .collect());
            if let Some(whole) = whole_system(r, p) {
                f = f.line(format!(
                    "{} ÷ {} = {} of the projection",
                    fmt::number(x.value, 2),
                    fmt::number(whole, 2),
                    fmt::percent(x.value / whole, 1)
                ));
            }
        }
        if let Some(line) = request_coincidence(case, &curve, run, r, p, c) {
            f = f.lines(line);
        }
    } else {
        f = f.line(format!(
            "{c} lies outside the measured range, {}",
            fmt::range(&low.to_string(), &high.to_string())
        ));
    }
    vec![f]
}

fn between(
    curve: &crate::align::Curve<'_>,
    c: u32,
    metric: Metric,
    value: f64,
    run: usize,
    case: &Case<'_>,
) -> String {
    let d = case.digits(run, metric);
    let side = |c: Option<u32>| c.and_then(|c| Some((c, curve.at(c, metric, Stat::Avg)?.value)));
    let below = side(curve.loads.range(..c).next_back().map(|(c, _)| *c));
    let above = side(curve.loads.range(c..).next().map(|(c, _)| *c));
    match (below, above) {
        (Some((c0, v0)), Some((c1, v1))) => format!(
            "{v0} × ({c} ÷ {c0})^(ln({v1} ÷ {v0}) ÷ ln({c1} ÷ {c0})) = {} {}, interpolated",
            fmt::number(value, 2),
            metric.unit().label(),
            v0 = fmt::number(v0, d),
            v1 = fmt::number(v1, d),
        ),
        _ => format!(
            "{} {}, interpolated",
            fmt::number(value, 2),
            metric.unit().label()
        ),
    }
}

/// The projection's output tokens/s of the whole system.
fn whole_system(r: &Run, p: &Point) -> Option<f64> {
    match (
        p.reported(Metric::OutputThroughputPerGpu),
        p.gpus.or(r.gpus()),
    ) {
        (Some(v), Some(g)) => Some(v * f64::from(g)),
        _ => p.reported(Metric::OutputThroughput),
    }
}

/// Requests/s that agree by coincidence: the served requests did little of the decode that the
/// projection assumes.
fn request_coincidence(
    case: &Case<'_>,
    curve: &crate::align::Curve<'_>,
    run: usize,
    r: &Run,
    p: &Point,
    c: u32,
) -> Option<Vec<String>> {
    let osl = p.workload.osl.or(case.key?.osl.map(|v| v as f64))?;
    let disagg = p.setup.as_ref().is_some_and(|s| s.disagg);
    let projected = p
        .reported(Metric::RequestThroughput)
        .or_else(|| Some(whole_system(r, p)? / if disagg { osl } else { osl - 1.0 }))?;
    let x = curve.interpolated(c, Metric::RequestThroughput, Stat::Avg)?;
    let observed = curve.interpolated(c, Metric::Osl, Stat::Avg)?;
    let share = (observed.value - 1.0) / (osl - 1.0);
    if !(0.0..=0.5).contains(&share) {
        return None;
    }
    let mut lines = vec![format!(
        "requests/s: {} interpolated at {c} against {} projected ({}); the requests served did {} of the decode, so agreement here is coincidence",
        fmt::number(x.value, 2),
        fmt::number(projected, 3),
        fmt::percent(x.value / projected, 0),
        fmt::percent(share, 0)
    )];
    let ask = super::select::ask(case, None, osl, super::select::served_by(case, run)?)?;
    if let Some(model) = case.projector {
        for load in curve.concurrencies() {
            let (Some(m), Some(q)) = (
                curve.at(load, Metric::RequestThroughput, Stat::Avg),
                model.expected_at(&ask, load).and_then(|e| e.requests_s),
            ) else {
                continue;
            };
            if load.abs_diff(c) <= 2 {
                lines.push(format!(
                    "requests/s at {load}: {} measured against {} projected ({})",
                    fmt::number(m.value, case.digits(run, Metric::RequestThroughput)),
                    fmt::number(q, 3),
                    fmt::percent(m.value / q, 0)
                ));
            }
        }
    }
    Some(lines)
}

pub(super) const RANGE: Row = Row {
    title: "Outside the range",
    tests: "No figure is asked for outside the loads that were measured.",
    needs: "a projection with a stated concurrency and a measured run",
    bears_on: &[Question::Projection],
    weakest: "a load was not measured",
    by_point: false,
    run: range,
};

/// RANGE: whether the projection's load lies inside the measured range.
fn range(case: &Case<'_>) -> Vec<Finding> {
    let case = &case.for_projection();
    let (Some((_, _, p)), Some(run)) = (projected(case), case.candidate.or(case.baseline)) else {
        return vec![Finding::no_data(
            Check::Range,
            "No load outside the measured ones is asked for",
        )];
    };
    let loads = case
        .curve(run)
        .map(|c| c.concurrencies())
        .unwrap_or_default();
    let (Some(c), Some(low), Some(high)) = (p.load.concurrency, loads.first(), loads.last()) else {
        return vec![Finding::no_data(
            Check::Range,
            "The projection or the measured run states no concurrency",
        )];
    };
    let words = fmt::range(&low.to_string(), &high.to_string());
    if loads.contains(&c) {
        return vec![Finding::new(
            Check::Range,
            Grade::Pass,
            "No load outside the measured ones is asked for",
        )];
    }
    if (*low..=*high).contains(&c) {
        return vec![Finding::new(
            Check::Range,
            Grade::Pass,
            format!("The projection’s concurrency, {c}, lies inside the measured range, {words}"),
        )];
    }
    vec![
        Finding::new(
            Check::Range,
            Grade::Block,
            format!("The projection’s concurrency, {c}, lies outside the measured range, {words}"),
        )
        .so("Nothing is extrapolated.")
        .line(if c < *low {
            format!("{c} < {low}, the lowest load measured")
        } else {
            format!("{c} > {high}, the highest load measured")
        })
        .advise(format!("Run {} at concurrency {c}.", case.label(run))),
    ]
}
