//! REPEAT, CAP, DEPLOYED and SLA-SOURCE: what payloads, deployment files and AIC's own files say of the set-up.

use super::projection::projected;
use super::{Case, Check, Finding, Grade, PointRef, Question, Row};
use crate::fmt;
use crate::model::{EngineFacts, Known, LimitSource, Metric, NumberFormat, Precision};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const REPEAT: Row = Row {
    title: "Repeated prompts",
    tests: "No prompt is sent twice, within a load or at several loads.",
    needs: "records that keep the prompts",
    bears_on: &[Question::WhoWins, Question::Projection],
    weakest: "prompts were repeated",
    by_point: true,
    run: repeat,
};

pub(super) const CAP: Row = Row {
    title: "Engine’s limit",
    tests: "The engines can hold as many requests as each load sends, and the rates can come from them.",
    needs: "deployment files that state workers and the largest batch",
    bears_on: &[Question::WhoWins, Question::Projection],
    weakest: "rates exceed the stated engine",
    by_point: true,
    run: cap,
};

pub(super) const DEPLOYED: Row = Row {
    title: "As deployed",
    tests: "What was deployed is what the projection assumes.",
    needs: "deployment files of the measured run, and a projection",
    bears_on: &[Question::Projection],
    weakest: "another set-up was deployed",
    by_point: false,
    run: deployed,
};

pub(super) const SLA_SOURCE: Row = Row {
    title: "Stated limits",
    tests: "All sources state the same limits.",
    needs: "limits in two of: AIC’s folder name, its configuration, a report",
    bears_on: &[Question::Sla, Question::Projection],
    weakest: "sources state different limits",
    by_point: false,
    run: sla_source,
};

fn engine<'a>(case: &Case<'a>, run: usize) -> Option<&'a EngineFacts> {
    case.run(run)?.deployment.engine.as_ref()
}

/// REPEAT: fewer distinct prompts than requests at one load, and prompts of earlier loads.
fn repeat(case: &Case<'_>) -> Vec<Finding> {
    let mut seen = 0_usize;
    let (mut within, mut across) = (Vec::new(), Vec::new());
    let (mut points, mut warm) = (Vec::new(), Vec::new());
    let mut reuse = false;
    for run in case.measured() {
        let mut earlier: BTreeMap<u64, u32> = BTreeMap::new();
        for (at, r, p) in case.points(run) {
            let Some((n, x)) = p
                .recorded
                .as_ref()
                .and_then(|x| Some((x.with_prompt.filter(|n| *n > 0)?, x)))
            else {
                continue;
            };
            seen += 1;
            let label = format!("{} at {}", r.label, case.load_words(p));
            let on = engine(case, run).and_then(|e| e.block_reuse) == Some(true);
            if (x.prompts.len() as u64) < n {
                reuse |= on;
                points.push(at);
                within.push(format!(
                    "{label}: {} distinct prompts in {} requests, {} of them repeats",
                    x.prompts.len(),
                    fmt::number(n as f64, 0),
                    fmt::percent(x.repeats().unwrap_or_default(), 0)
                ));
            }
            let again: BTreeSet<u32> = x
                .prompts
                .iter()
                .filter_map(|h| earlier.get(h).copied())
                .collect();
            let count = x.prompts.iter().filter(|h| earlier.contains_key(h)).count();
            if count > 0 {
                reuse |= on;
                warm.push(at);
                across.push(format!(
                    "{label}: {count} of {} prompts were sent at concurrency {} too",
                    x.prompts.len(),
                    fmt::loads(&again.into_iter().collect::<Vec<_>>())
                ));
            }
            if let Some(c) = p.load.concurrency {
                for h in &x.prompts {
                    earlier.entry(*h).or_insert(c);
                }
            }
        }
    }
    if seen == 0 {
        return vec![Finding::no_data(Check::Repeat, "No file keeps the prompts")];
    }
    if within.is_empty() && across.is_empty() {
        return vec![
            Finding::new(Check::Repeat, Grade::Pass, "No prompt is sent twice").line(format!(
                "{} looked through",
                fmt::counted(seen, "load", "loads")
            )),
        ];
    }
    let consequence = if reuse {
        "An engine file has block reuse on: a repeated prompt may find its cache filled, and is then cheaper."
    } else {
        "With prefix caching or block reuse a repeated prompt is cheaper; no engine file says that it is on."
    };
    let grade = if within.is_empty() && !reuse {
        Grade::Info
    } else {
        Grade::Warn
    };
    let title = if within.is_empty() {
        "The same prompts were sent at several loads"
    } else {
        "Prompts were sent more than once at one load"
    };
    points.extend(warm);
    vec![
        Finding::new(Check::Repeat, grade, title)
            .so(consequence)
            .lines(within)
            .lines(across)
            .at(points)
            .advise("Send at least as many distinct prompts as requests, or switch the prefix cache off."),
    ]
}

/// CAP: loads beyond what the engines hold at once, and rates that they can't give.
fn cap(case: &Case<'_>) -> Vec<Finding> {
    let mut known = 0_usize;
    let mut queue: Vec<(PointRef, String)> = Vec::new();
    let mut beyond: Vec<(PointRef, String)> = Vec::new();
    for run in case.measured() {
        let Some((e, cap)) = engine(case, run).and_then(|e| Some((e, e.in_flight_cap()?))) else {
            continue;
        };
        known += 1;
        let points = case.points(run);
        // No request is served faster in a batch than alone.
        let alone = points
            .iter()
            .filter(|(_, _, p)| p.load.concurrency == Some(1))
            .find_map(|(_, _, p)| p.reported(Metric::RequestLatency));
        let size = format!(
            "{} × batch {} = {cap}",
            fmt::counted(e.workers.unwrap_or(1) as usize, "worker", "workers"),
            e.max_batch.unwrap_or_default()
        );
        for (at, r, p) in points {
            let Some(c) = p.load.concurrency.filter(|c| *c > cap) else {
                continue;
            };
            queue.push((
                at,
                format!(
                    "{} at {c}: {size} in the engines, {} wait",
                    r.label,
                    c - cap
                ),
            ));
            if let (Some(alone), Some(x)) = (alone, p.reported(Metric::RequestThroughput)) {
                let most = f64::from(cap) / alone;
                if alone > 0.0 && x > most * (1.0 + case.thresholds.recount) {
                    beyond.push((
                        at,
                        format!(
                            "{} at {c}: {} req/s > {cap} ÷ {} s, the time of one request alone, = {} req/s",
                            r.label,
                            fmt::sig(x, 3),
                            fmt::sig(alone, 3),
                            fmt::sig(most, 3)
                        ),
                    ));
                }
            }
        }
    }
    if known == 0 {
        return vec![Finding::no_data(
            Check::Cap,
            "No deployment file states workers and the largest batch",
        )];
    }
    let mut out = Vec::new();
    if !beyond.is_empty() {
        let (points, lines): (Vec<_>, Vec<_>) = beyond.into_iter().unzip();
        out.push(
            Finding::new(
                Check::Cap,
                Grade::Warn,
                "Rates are higher than the stated engines can give",
            )
            .so("Either another configuration ran than the files say, or repeated prompts were served from a cache.")
            .lines(lines)
            .at(points)
            .advise("Check which engine configuration ran at these loads."),
        );
    }
    if queue.is_empty() {
        out.push(Finding::new(
            Check::Cap,
            Grade::Pass,
            "The engines hold every load at once",
        ));
    } else {
        let from = queue
            .iter()
            .filter_map(|(at, _)| case.run(at.run)?.points.get(at.point)?.load.concurrency)
            .min();
        let (points, lines): (Vec<_>, Vec<_>) = queue.into_iter().unzip();
        out.push(
            Finding::new(
                Check::Cap,
                Grade::Info,
                format!(
                    "From concurrency {} on requests queue before the engines",
                    from.unwrap_or_default()
                ),
            )
            .so("Beyond what the engines hold at once, more load means more waiting, not more work at a time.")
            .lines(lines)
            .at(points),
        );
    }
    out
}

/// A number format by AIC's name. “FP8” in prose may be either 8-bit format.
fn formats(name: &str) -> &'static [Precision] {
    match name.to_ascii_lowercase().as_str() {
        "float16" | "bfloat16" | "bf16" | "fp16" | "half" => &[Precision::Bits16],
        "fp8" if name == "FP8" => &[Precision::Fp8, Precision::Fp8Block],
        "fp8" | "fp8_static" => &[Precision::Fp8],
        "fp8_block" => &[Precision::Fp8Block],
        "int8" | "int8_wo" | "sq" => &[Precision::Int8],
        "int4" | "int4_wo" => &[Precision::Int4],
        "nvfp4" => &[Precision::Nvfp4],
        _ => &[],
    }
}

/// DEPLOYED: the deployment files against what the projection assumes.
fn deployed(case: &Case<'_>) -> Vec<Finding> {
    let run = case.candidate.or(case.baseline);
    let Some((run, e)) = run.and_then(|i| Some((i, engine(case, i)?))) else {
        return vec![Finding::no_data(
            Check::Deployed,
            "No deployment file belongs to the measured run",
        )];
    };
    let Some((_, r, p)) = projected(case) else {
        return vec![Finding::no_data(Check::Deployed, "There is no projection")];
    };
    let mut lines: Vec<String> = Vec::new();
    let mut differ: Vec<&str> = Vec::new();
    let mut same: Vec<&str> = Vec::new();
    let mut put = |name: &'static str, apart: bool, assumed: &str, is: &str| {
        if apart {
            differ.push(name);
            lines.push(format!(
                "{name}: projected with {assumed}, deployed with {is}"
            ));
        } else {
            same.push(name);
        }
    };
    let setup = p.setup.clone().unwrap_or_default();
    let tp = setup.tp.or(r.deployment.tp);
    let pp = setup.pp.or(r.deployment.pp);
    for (name, a, b) in [
        ("TP", tp, e.tp),
        ("PP", pp, e.pp),
        ("GPUs", p.gpus.or(r.gpus()), e.gpus),
    ] {
        if let (Some(a), Some(b)) = (a, b) {
            put(name, a != b, &a.to_string(), &b.to_string());
        }
    }
    let q = &r.deployment.quantization;
    let known = |f: NumberFormat| match f.known {
        Known::Stated => f.precision.word().to_owned(),
        Known::Follows => format!("{} (no file asks for another)", f.precision.word()),
    };
    for (name, assumed, is) in [
        ("weights", &q.gemm, e.weights),
        ("KV cache", &q.kvcache, e.kv_cache),
        ("attention", &q.fmha, e.attention),
    ] {
        if let (Some(a), Some(f)) = (assumed, is)
            && !formats(a).is_empty()
        {
            put(name, !formats(a).contains(&f.precision), a, &known(f));
        }
    }
    if let (Some(a), Some(b)) = (setup.batch, e.max_batch) {
        put(
            "batch",
            b < a,
            &format!("{a} in a batch"),
            &format!("at most {b}"),
        );
    }
    if e.chunked_prefill == Some(true) {
        lines.push("chunked prefill is on; AIC’s rules know of none".to_owned());
    }
    if e.block_reuse == Some(true) {
        lines.push("block reuse is on; AIC’s rules know of none".to_owned());
    }
    if differ.is_empty() {
        if same.is_empty() {
            return vec![Finding::no_data(
                Check::Deployed,
                "Projection and deployment files state no fact in common",
            )];
        }
        return vec![
            Finding::new(
                Check::Deployed,
                Grade::Pass,
                "What was deployed is what the projection assumes, as far as both say",
            )
            .line(format!("the same: {}", fmt::list(&same)))
            .lines(lines),
        ];
    }
    vec![
        Finding::new(
            Check::Deployed,
            Grade::Warn,
            format!(
                "{} was deployed with other {} than projected",
                case.label(run),
                fmt::list(&differ)
            ),
        )
        .so("The projection’s error is in part that of another deployment: compare with a projection of what was deployed, too.")
        .lines(lines)
        .at(case.points(run).iter().map(|(at, _, _)| *at).collect())
        .advise("Project the deployment as it stands in its files, or deploy what was projected."),
    ]
}

/// SLA-SOURCE: limits as each source states them.
fn sla_source(case: &Case<'_>) -> Vec<Finding> {
    let all = &case.ws.limits;
    let sources: BTreeSet<_> = all.iter().map(|l| l.source).collect();
    if sources.len() < 2 {
        return vec![Finding::no_data(
            Check::SlaSource,
            if all.is_empty() {
                "No file states limits"
            } else {
                "Only one source states limits"
            },
        )];
    }
    let apart = |get: fn(&crate::model::StatedLimits) -> Option<f64>| {
        let mut v: Vec<f64> = all.iter().filter_map(get).collect();
        v.sort_by(f64::total_cmp);
        v.first().zip(v.last()).is_some_and(|(a, b)| b - a > 1e-9)
    };
    let mut differ = Vec::new();
    if apart(|l| l.ttft.map(|v| v.0)) {
        differ.push("TTFT");
    }
    if apart(|l| l.tpot.map(|v| v.0)) {
        differ.push("TPOT");
    }
    let lines: Vec<String> = all
        .iter()
        .map(|l| {
            let what = match l.source {
                LimitSource::FolderName => "AIC’s folder",
                LimitSource::ConfigFile => "AIC’s configuration",
                LimitSource::Report => "the report",
            };
            let limits: Vec<String> = [("TTFT", l.ttft), ("TPOT", l.tpot)]
                .into_iter()
                .filter_map(|(n, v)| Some(format!("{n} ≤ {}", fmt::ms(v?))))
                .collect();
            format!("{what} ({}): {}", l.file, limits.join(", "))
        })
        .collect();
    if differ.is_empty() {
        return vec![
            Finding::new(
                Check::SlaSource,
                Grade::Pass,
                "All sources state the same limits",
            )
            .lines(lines),
        ];
    }
    vec![
        Finding::new(
            Check::SlaSource,
            Grade::Warn,
            format!("The sources state different limits for {}", fmt::list(&differ)),
        )
        .so("A sweep run with one pair of limits does not choose the best configuration for another.")
        .lines(lines)
        .harmless_for(Question::Projection)
        .advise("Set the limits that the service must keep, and run the sweep with them."),
    ]
}
