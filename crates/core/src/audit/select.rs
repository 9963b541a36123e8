//! SELECT: what a cost model, or the projection's own sweep, says of the choice; and how a cost
//! model is asked.

use super::projection::{gpus, projected};
use super::{Ask, Case, Check, Choice, Finding, Grade, Question, Row};
use crate::fmt;
use crate::model::{Metric, Setup};
use crate::units::Seconds;

/// The question to the cost model for the projected deployment on a number of GPUs; without an
/// input length at the projection's own.
pub(super) fn ask(case: &Case<'_>, isl: Option<f64>, osl: f64, total_gpus: u32) -> Option<Ask> {
    let (_, r, p) = projected(case)?;
    let context = &case.ws.context;
    let mut deployment = r.deployment.clone();
    let candidate = case.candidate.and_then(|i| case.run(i));
    let other = candidate.map(|c| c.deployment.clone()).unwrap_or_default();
    let or = |a: &mut Option<String>, b: Option<String>, c: &Option<String>| {
        if a.is_none() {
            *a = b.or_else(|| c.clone());
        }
    };
    or(&mut deployment.model, other.model, &context.model);
    or(&mut deployment.system, other.system, &context.system);
    or(&mut deployment.backend, other.backend, &context.backend);
    or(
        &mut deployment.backend_version,
        other.backend_version,
        &context.backend_version,
    );
    // A sweep is one run of many deployments: the point knows its own.
    if let Some(setup) = &p.setup {
        deployment.tp = setup.tp.or(deployment.tp);
        deployment.pp = setup.pp.or(deployment.pp);
    }
    let own = p
        .workload
        .isl
        .or_else(|| case.key.and_then(|k| k.isl).map(|v| v as f64));
    let isl = isl.or(own)?;
    Some(Ask {
        deployment,
        isl,
        osl,
        sla: case.ws.sla,
        total_gpus,
        ctx_tokens: p.setup.as_ref().and_then(|s| s.ctx_tokens),
        anchor: p
            .load
            .concurrency
            .zip(p.reported(Metric::OutputThroughputPerGpu)),
        anchor_lengths: (
            own.unwrap_or(isl),
            p.workload
                .osl
                .or_else(|| case.key.and_then(|k| k.osl).map(|v| v as f64))
                .unwrap_or(osl),
        ),
    })
}

/// GPUs that served a measured run, else those of the projection.
pub(super) fn served_by(case: &Case<'_>, run: usize) -> Option<u32> {
    case.run(run)?.gpus().or_else(|| gpus(case))
}

/// How a configuration is called.
fn name(setup: &Setup) -> String {
    if setup.disagg {
        return "disaggregated".to_owned();
    }
    match (setup.tp, setup.pp) {
        (Some(tp), Some(pp)) if pp > 1 => format!("TP{tp} PP{pp}"),
        (Some(tp), _) => format!("TP{tp}"),
        _ => "aggregated".to_owned(),
    }
}

pub(super) const SELECT: Row = Row {
    title: "Better choice",
    tests: "The projected configuration is the best of its sweep within the SLA.",
    needs: "a projection and the cost tables, or the projection’s own sweep",
    bears_on: &[Question::Projection],
    weakest: "another configuration is better",
    by_point: false,
    run: select,
};

/// SELECT: whether the projected configuration is the best of its sweep within the limits.
fn select(case: &Case<'_>) -> Vec<Finding> {
    let case = &case.for_projection();
    let Some((at, r, p)) = projected(case) else {
        return vec![Finding::no_data(Check::Select, "There is no projection")];
    };
    let own = p
        .reported(Metric::OutputThroughputPerGpu)
        .or_else(|| Some(p.reported(Metric::OutputThroughput)? / f64::from(p.gpus.or(r.gpus())?)));
    let Some(own) = own else {
        return vec![Finding::no_data(
            Check::Select,
            "The projection gives no tokens/s per GPU",
        )];
    };
    let (choices, source) = match sweep(case) {
        Some(c) => (c, "the projection’s own sweep".to_owned()),
        None => {
            let osl = p
                .workload
                .osl
                .or_else(|| case.key.and_then(|k| k.osl).map(|v| v as f64));
            let total = case.ws.context.total_gpus.or_else(|| gpus(case));
            let (Some(model), Some(ask)) = (
                case.projector,
                osl.zip(total)
                    .and_then(|(osl, total)| ask(case, None, osl, total)),
            ) else {
                return vec![Finding::no_data(
                    Check::Select,
                    "Whether the projected configuration is the best of its sweep is not known",
                )];
            };
            match model.choices(&ask) {
                Some(c) => (c, model.name()),
                None => {
                    return vec![Finding::no_data(
                        Check::Select,
                        "The cost tables do not cover this model, system or precision",
                    )];
                }
            }
        }
    };
    let within = if crate::sla::limits(&case.ws.sla).is_empty() {
        ""
    } else {
        " within the SLA"
    };
    let mut better: Vec<&Choice> = choices
        .iter()
        .filter(|c| c.per_gpu > own * (1.0 + case.thresholds.select_lead))
        .collect();
    better.sort_by(|a, b| a.per_gpu.total_cmp(&b.per_gpu));
    if better.is_empty() {
        return vec![
            Finding::new(
                Check::Select,
                Grade::Pass,
                format!("The projected configuration is the best of its sweep{within}"),
            )
            .line(format!("{} tok/s/GPU, by {source}", fmt::measured(own))),
        ];
    }
    // The projection's own TP, the best aggregated one and the disaggregated one tell the story.
    let own_tp = p.setup.as_ref().and_then(|s| s.tp).or(r.deployment.tp);
    let best_agg = better.iter().rev().find(|c| !c.setup.disagg).copied();
    let mut told: Vec<&Choice> = Vec::new();
    for c in &better {
        let same_tp = !c.setup.disagg && c.setup.tp == own_tp;
        if same_tp || c.setup.disagg || Some(*c) == best_agg {
            told.push(c);
        }
    }
    let mut f = Finding::new(
        Check::Select,
        Grade::Warn,
        format!(
            "{} of the same sweep {} the projected one{within}",
            fmt::capital(&fmt::counted(told.len(), "configuration", "configurations")),
            if told.len() == 1 { "beats" } else { "beat" }
        ),
    )
    .so(format!(
        "The best of them projects {} more output per GPU than the projected {} tok/s/GPU.",
        fmt::percent(told.last().map_or(0.0, |c| c.per_gpu / own - 1.0), 0),
        fmt::sig(own, 4)
    ))
    .at(vec![at])
    .harmless();
    for c in &told {
        f = f.line(format!(
            "{} at concurrency {}: {} tok/s/GPU, TTFT {}, TPOT {}, against {}",
            name(&c.setup),
            c.concurrency,
            fmt::number(c.per_gpu, 1),
            fmt::ms(c.ttft),
            fmt::ms(c.tpot),
            fmt::number(own, 1)
        ));
    }
    f = f.line(format!("by {source}"));
    if let Some(best) = told.last() {
        f = f.advise(format!(
            "Test {} at concurrency {}.",
            match name(&best.setup).as_str() {
                "disaggregated" => "the disaggregated split".to_owned(),
                n => n.to_owned(),
            },
            best.concurrency
        ));
    }
    vec![f]
}

/// The best point within the limits for each TP, and the best disaggregated one, where the
/// projection brings its own sweep.
fn sweep(case: &Case<'_>) -> Option<Vec<Choice>> {
    let points: Vec<_> = case
        .projections
        .iter()
        .flat_map(|run| case.points(*run))
        .collect();
    if points.len() < 2 {
        return None;
    }
    let limits = crate::sla::limits(&case.ws.sla);
    let mut best: std::collections::BTreeMap<(bool, Option<u32>), Choice> =
        std::collections::BTreeMap::new();
    for (_, r, p) in points {
        let (Some((per_gpu, _)), Some((ttft, _)), Some((tpot, _))) = (
            r.value(p, Metric::OutputThroughputPerGpu),
            r.value(p, Metric::Ttft),
            r.value(p, Metric::Tpot),
        ) else {
            continue;
        };
        let over = |m: Metric, l: Seconds| r.value(p, m).is_some_and(|(v, _)| v > l.0);
        if limits.iter().any(|(m, l)| over(*m, *l)) {
            continue;
        }
        let setup = p.setup.clone().unwrap_or_default();
        let choice = Choice {
            concurrency: p.load.concurrency.unwrap_or(0),
            per_gpu,
            ttft: Seconds(ttft),
            tpot: Seconds(tpot),
            setup: setup.clone(),
        };
        let slot = (setup.disagg, setup.tp);
        if best.get(&slot).is_none_or(|b| per_gpu > b.per_gpu) {
            best.insert(slot, choice);
        }
    }
    (!best.is_empty()).then(|| best.into_values().collect())
}
