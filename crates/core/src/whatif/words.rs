//! Sentences of What-if, true for any outcome.

use super::{Inputs, short_rules};
use crate::align::WorkloadKey;
use crate::analysis::{Analysis, Lengths};
use crate::cost::{Chosen, CostError, Quant, RuleSet, Sweep};
use crate::fmt;
use crate::model::Sla;
use crate::units::Seconds;

/// Results nearer than this share are called equal.
const EQUAL: f64 = 0.05;

/// A configuration in short: `TP8, fp8_block, concurrency 12`.
pub fn setup(inputs: &Inputs) -> String {
    let c = &inputs.config;
    let mut out = format!("TP{}", c.tp);
    if c.pp != 1 {
        out.push_str(&format!(" PP{}", c.pp));
    }
    out.push_str(&format!(
        ", {}, concurrency {}",
        c.quant.gemm.label(inputs.rules),
        fmt::number(f64::from(inputs.concurrency()), 0)
    ));
    out
}

/// Number formats in short: `KV and FMHA fp8`.
pub fn formats(quant: &Quant, rules: RuleSet) -> String {
    let (kv, fmha) = (quant.kvcache.label(rules), quant.fmha.label(rules));
    if kv == fmha {
        format!("KV and FMHA {kv}")
    } else {
        format!("KV {kv}, FMHA {fmha}")
    }
}

/// The limits in a phrase: `TTFT 300 ms and TPOT 10 ms`; none without limits.
pub fn limits(sla: &Sla) -> Option<String> {
    let one = |name: &str, limit: Option<Seconds>| limit.map(|l| format!("{name} {}", fmt::ms(l)));
    let parts: Vec<String> = [one("TTFT", sla.ttft), one("TPOT", sla.tpot)]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| fmt::list(&parts))
}

fn times(ratio: f64) -> String {
    if ratio < 1.95 {
        fmt::number(ratio, 2)
    } else {
        fmt::sig(ratio, 2)
    }
}

/// What a sweep came to: how far disaggregated is ahead of aggregated serving, above 1 or below.
fn verdict(sweep: &Sweep) -> (Chosen, Option<f64>) {
    (sweep.chosen, sweep.ratio)
}

/// The finding of a sweep as a title, and the figures behind it with what the other rules say.
pub fn headline(
    inputs: &Inputs,
    sla: &Sla,
    sweep: &Sweep,
    other: Option<(RuleSet, &Result<Sweep, CostError>)>,
) -> (String, String) {
    let kept = if limits(sla).is_some() {
        "keep the limits"
    } else {
        "run"
    };
    let gpus = fmt::counted(inputs.gpus as usize, "GPU", "GPUs");
    let title = match verdict(sweep) {
        (Chosen::None, _) => format!("No configuration is projected to {kept} on {gpus}"),
        (_, Some(r)) if (r - 1.0).abs() < EQUAL => {
            "Disaggregated and aggregated serving are projected alike in output per GPU".to_owned()
        }
        (_, Some(r)) if r > 1.0 => format!(
            "Disaggregated serving is projected at {} times the aggregated output per GPU",
            times(r)
        ),
        (_, Some(r)) => format!(
            "Aggregated serving is projected at {} times the disaggregated output per GPU",
            times(1.0 / r)
        ),
        (Chosen::Agg, None) => format!("Only aggregated serving is projected to {kept} on {gpus}"),
        (Chosen::Disagg, None) => {
            format!("Only disaggregated serving is projected to {kept} on {gpus}")
        }
    };
    let scope = limits(sla).map_or_else(|| "without limits".to_owned(), |l| format!("within {l}"));
    let agg = sweep.agg.best.as_ref().map(|r| r.tokens_s_gpu_cluster);
    let disagg = sweep.disagg.best.as_ref().map(|r| r.tokens_s_gpu_cluster);
    let rate = |v: f64| fmt::number(v, 1);
    let rules = short_rules(inputs.rules);
    let figures = match (disagg, agg) {
        (Some(d), Some(a)) => format!(
            "Best {scope} on {gpus}, {rules} rules: {} disaggregated against {} aggregated tokens/s per GPU.",
            rate(d),
            rate(a)
        ),
        (Some(one), None) | (None, Some(one)) => format!(
            "Best {scope} on {gpus}, {rules} rules: {} tokens/s per GPU.",
            rate(one)
        ),
        (None, None) => format!(
            "{} rules, {scope}: {} were estimated, and none of them is kept.",
            rules,
            fmt::counted(sweep.estimated, "configuration", "configurations")
        ),
    };
    let reason = match other {
        Some((rules, Ok(other))) => format!("{figures} {}", under(rules, sweep, other, kept)),
        Some((rules, Err(e))) => format!(
            "{figures} {} rules give no answer to compare with. {e}",
            short_rules(rules)
        ),
        None => figures,
    };
    (title, reason)
}

/// How the answer changes under the other rules.
fn under(rules: RuleSet, here: &Sweep, there: &Sweep, kept: &str) -> String {
    let rules = short_rules(rules);
    let lead = |r: f64| if r >= 1.0 { r } else { 1.0 / r };
    let name = |r: f64| {
        if r >= 1.0 {
            "disaggregated"
        } else {
            "aggregated"
        }
    };
    match (verdict(here).1, verdict(there)) {
        (_, (Chosen::None, _)) => format!("Under {rules} rules no configuration would {kept}."),
        (Some(a), (_, Some(b))) => {
            if (b - 1.0).abs() < EQUAL {
                format!("Under {rules} rules the two come out alike.")
            } else if (a - 1.0).abs() < EQUAL || (a >= 1.0) != (b >= 1.0) {
                format!(
                    "Under {rules} rules {} serving leads, at {} times.",
                    name(b),
                    times(lead(b))
                )
            } else if (lead(b) / lead(a) - 1.0).abs() < EQUAL {
                format!(
                    "Under {rules} rules the lead is about the same, {} times.",
                    times(lead(b))
                )
            } else {
                format!(
                    "Under {rules} rules the lead {} to {} times.",
                    if lead(b) < lead(a) {
                        "shrinks"
                    } else {
                        "grows"
                    },
                    times(lead(b))
                )
            }
        }
        (None, (_, Some(b))) => format!(
            "Under {rules} rules both ways would {kept}, {} serving at {} times the other.",
            name(b),
            times(lead(b))
        ),
        (_, (Chosen::Agg, None)) => {
            format!("Under {rules} rules only aggregated serving would {kept}.")
        }
        (_, (Chosen::Disagg, None)) => {
            format!("Under {rules} rules only disaggregated serving would {kept}.")
        }
    }
}

/// How far observed lengths may be from the inputs' for measured points to mean the same as projected ones.
const SAME_LENGTH: f64 = 0.1;

/// The work on the table that the inputs project, where another than that is compared.
pub fn other_work(inputs: &Inputs, analysis: &Analysis) -> Option<WorkloadKey> {
    let near = |have: Option<u64>, want: u32| {
        have.is_some_and(|h| (h as f64 / f64::from(want) - 1.0).abs() <= SAME_LENGTH)
    };
    let c = &inputs.config;
    let same = |k: &WorkloadKey| near(k.isl, c.isl) && near(k.osl, c.osl);
    if analysis.comparison.workload.as_ref().is_some_and(same) {
        return None;
    }
    analysis.workloads.iter().copied().find(|k| same(k))
}

/// Whether measured runs did the work that the inputs project, and what to say about it beside the chart.
pub fn overlay(inputs: &Inputs, analysis: &Analysis) -> (bool, String) {
    let facts = &analysis.facts;
    let c = &inputs.config;
    let differs = |l: &Lengths, want: u32| {
        let (low, high) = l.observed?;
        let want = f64::from(want);
        let near = |v: f64| (v / want - 1.0).abs() <= SAME_LENGTH;
        (!(near(low) && near(high))).then(|| fmt::range(&fmt::sig(low, 3), &fmt::sig(high, 3)))
    };
    let tokens = |n: u32| fmt::number(f64::from(n), 0);
    if facts.osl.observed.is_none() {
        return (
            false,
            "Measured runs aren’t drawn here: they don’t say how many tokens they wrote."
                .to_owned(),
        );
    }
    if let Some(range) = differs(&facts.osl, c.osl) {
        return (
            false,
            format!(
                "Measured runs aren’t drawn here: they wrote {range} output tokens, the fronts assume {}.",
                tokens(c.osl)
            ),
        );
    }
    if let Some(range) = differs(&facts.isl, c.isl) {
        return (
            false,
            format!(
                "Measured runs aren’t drawn here: they read {range} input tokens, the fronts assume {}.",
                tokens(c.isl)
            ),
        );
    }
    let sides = [analysis.candidate, analysis.baseline];
    let other = |f: &crate::frontier::Front| sides.contains(&Some(f.run)) && !f.from_tpot;
    if analysis.frontier.iter().any(other) {
        return (
            false,
            "Measured runs aren’t drawn here: their speed for one user is tokens/s ÷ concurrency, which counts the wait for the first token; the fronts’ is 1 ÷ TPOT."
                .to_owned(),
        );
    }
    (
        true,
        "Measured runs are drawn per GPU, with 1 ÷ TPOT as the speed for one user.".to_owned(),
    )
}
