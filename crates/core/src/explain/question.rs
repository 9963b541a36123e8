//! What is to be explained: the loads of one measured run below saturation, and what is known of its deployment.

use crate::align::{Curve, Workloads};
use crate::cost::resolve::{Stated, arch_of, system_name, whole};
use crate::cost::{ARCHES, RuleSet};
use crate::model::{Metric, Point, Provenance, Role, RunKind, Stat, TpotDefinition, Workspace};
use crate::records::Records;
use crate::stats::LEVEL;

/// Observed outputs this near the asked length are taken for it, a share: counts differ by a token at the end.
const AS_ASKED: f64 = 0.01;
/// A load whose requests/s are at most so much above those of a lower load is saturated, a factor.
const FLAT: f64 = 1.1;
/// How far above the lower load it must lie for that, a factor.
const HIGHER: f64 = 1.5;

/// One load of the run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// Requests in flight.
    pub concurrency: u32,
    /// Mean time of a request, seconds: as measured, else TTFT + (OSL − 1) × TPOT, else C ÷ requests/s.
    pub request_s: f64,
    /// Mean TPOT, seconds, where it was measured by the usual definition.
    pub tpot_s: Option<f64>,
    /// Half-width of the 95 % interval of the mean request time, |ln|, where there are records.
    pub noise: Option<f64>,
}

/// What is to be explained.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Question {
    /// Models that come into question: the one that is named, else those of its family, else all.
    pub models: Vec<String>,
    /// Whether the sources name the model.
    pub model_is_known: bool,
    /// GPU system.
    pub system: String,
    /// GPUs that serve.
    pub gpus: Option<u32>,
    /// Workers, as the deployment files say.
    pub workers: Option<u32>,
    /// Most requests in one worker's batch, as the deployment files say.
    pub max_batch: Option<u32>,
    /// Most tokens of a step, as the deployment files say.
    pub max_num_tokens: Option<u32>,
    /// Input tokens.
    pub isl: u32,
    /// Output tokens.
    pub osl: u32,
    /// Loads below saturation, ascending.
    pub loads: Vec<Load>,
    /// Loads that are left out as more requests than the engines hold queue.
    pub saturated: Vec<u32>,
    /// What the deployment files say of the engine.
    pub deployed: Stated,
}

/// The question for a measured run, at the workload that most of its points have.
///
/// # Errors
/// One sentence that says what is missing.
pub fn question(ws: &Workspace, run: usize) -> Result<Question, String> {
    let r = ws
        .runs
        .get(run)
        .filter(|r| r.kind == RunKind::Measured)
        .ok_or("Only a measured run can be explained.")?;
    let active = || ws.runs.iter().filter(|r| r.role != Role::Ignore);
    let facts = r.deployment.engine.as_ref();
    let mut stated = Stated::of(&r.deployment, None, &ws.context);
    // A projection beside the run is of the same hardware and model where nothing else says so.
    for p in active().filter(|p| p.kind == RunKind::Projected) {
        let other = Stated::of(&p.deployment, None, &ws.context);
        stated.model = stated.model.or(other.model);
        stated.system = stated.system.or(other.system);
    }
    let deployed = facts.map_or_else(Stated::default, |f| Stated::default().deployed(f));
    let model = deployed.model.clone().or(stated.model);
    let system = stated.system.ok_or("No source names the GPU type.")?;
    let (models, model_is_known) = models(model.as_deref());
    let workloads = Workloads::of(active(), &ws.context);
    let key = workloads
        .keys
        .iter()
        .copied()
        .max_by_key(|k| {
            let of_key = |p: &&Point| workloads.resolve(p) == Some(*k);
            (
                r.points.iter().filter(of_key).count(),
                std::cmp::Reverse(*k),
            )
        })
        .ok_or("The run has no load.")?;
    let curve = Curve::of(r, key, &workloads);
    let mean = |metric: Metric| -> Option<f64> {
        let all: Vec<f64> = curve
            .concurrencies()
            .into_iter()
            .filter_map(|c| Some(curve.at(c, metric, Stat::Avg)?.value))
            .collect();
        crate::stats::mean(&all)
    };
    let asked = |v: Option<u64>| v.map(|v| v as f64);
    let isl = mean(Metric::Isl).or(asked(key.isl)).and_then(whole);
    let isl = isl.ok_or("The input length is not known.")?;
    let near = |a: &f64, seen: f64| (seen / a - 1.0).abs() <= AS_ASKED;
    let osl = match (asked(key.osl), mean(Metric::Osl)) {
        (Some(a), Some(seen)) if !near(&a, seen) => seen,
        (Some(a), _) => a,
        (None, Some(seen)) => seen,
        (None, None) => return Err("The output length is not known.".to_owned()),
    };
    let osl = whole(osl)
        .filter(|n| *n >= 2)
        .ok_or("Requests of one output token show no decoding.")?;
    let cap = facts.and_then(|f| f.in_flight_cap());
    let mut out = Question {
        models,
        model_is_known,
        system: system_name(&system),
        gpus: facts.and_then(|f| f.gpus).or(r.gpus()),
        workers: facts.and_then(|f| f.workers),
        max_batch: facts.and_then(|f| f.max_batch),
        max_num_tokens: facts.and_then(|f| f.max_num_tokens),
        isl,
        osl,
        deployed,
        ..Question::default()
    };
    for c in curve.concurrencies() {
        let Some(load) = load(&curve, c, osl) else {
            continue;
        };
        if saturates(&curve, c, cap) || !out.saturated.is_empty() {
            out.saturated.push(c);
        } else {
            out.loads.push(load);
        }
    }
    if out.loads.is_empty() {
        return Err("No load below saturation has a request time or requests/s.".to_owned());
    }
    Ok(out)
}

/// Whether more requests are in flight than the engines hold: by their cap, else by requests/s that stand still.
fn saturates(curve: &Curve<'_>, c: u32, cap: Option<u32>) -> bool {
    if let Some(cap) = cap {
        return c > cap;
    }
    let rate = |c: u32| Some(curve.at(c, Metric::RequestThroughput, Stat::Avg)?.value);
    let Some(own) = rate(c) else { return false };
    curve
        .concurrencies()
        .into_iter()
        .filter(|lower| f64::from(*lower) * HIGHER <= f64::from(c))
        .filter_map(rate)
        .any(|lower| own <= lower * FLAT)
}

fn load(curve: &Curve<'_>, concurrency: u32, osl: u32) -> Option<Load> {
    let at = |m| curve.at(concurrency, m, Stat::Avg);
    let measured = |m| {
        at(m)
            .filter(|f| f.provenance == Provenance::Measured)
            .map(|f| f.value)
    };
    let tpot_s = measured(Metric::Tpot)
        .filter(|_| curve.tpot_definition == Some(TpotDefinition::AfterFirst));
    let summed = || Some(measured(Metric::Ttft)? + tpot_s? * f64::from(osl - 1));
    let request_s = measured(Metric::RequestLatency)
        .or_else(summed)
        .or_else(|| at(Metric::RequestLatency).map(|f| f.value))?;
    (request_s.is_finite() && request_s > 0.0).then(|| Load {
        concurrency,
        request_s,
        tpot_s: tpot_s.filter(|t| t.is_finite() && *t > 0.0),
        noise: noise(curve, concurrency),
    })
}

fn noise(curve: &Curve<'_>, concurrency: u32) -> Option<f64> {
    let [point] = curve.loads.get(&concurrency)?.points.as_slice() else {
        return None;
    };
    let requests = curve.run.points.get(*point)?.records.as_ref()?;
    let records = Records::new(requests, Some(concurrency))?;
    let mean = records.all().mean(Metric::RequestLatency)?.ok()?;
    let interval = mean.positive_interval(LEVEL)?;
    Some(0.5 * (interval.high / interval.low).ln())
}

/// Models by name, and whether the name is a known one: else those whose names begin alike up to the size.
fn models(name: Option<&str>) -> (Vec<String>, bool) {
    if let Some(arch) = name.and_then(arch_of) {
        return (vec![arch.name.to_owned()], true);
    }
    let family = |name: &str| {
        let tail: String = name
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
            .chars()
            .take_while(|c| !matches!(c, '-' | '_' | ' '))
            .collect();
        tail.strip_prefix("meta").map(str::to_owned).unwrap_or(tail)
    };
    let wanted = name.map(family).filter(|f| !f.is_empty());
    let of = |a: &&crate::cost::Arch| wanted.as_ref().is_none_or(|w| family(a.name) == *w);
    let known: Vec<String> = ARCHES
        .iter()
        // Parallelism of experts is not searched.
        .filter(|a| a.is_dense())
        .filter(|a| a.rules.contains(&RuleSet::Aic02) || a.rules.contains(&RuleSet::Aic012))
        .filter(of)
        .map(|a| a.name.to_owned())
        .collect();
    (known, false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_model_stands_alone_and_an_unknown_size_means_its_family() {
        assert_eq!(
            models(Some("Qwen/Qwen3-32B")),
            (vec!["QWEN3_32B".to_owned()], true)
        );
        let (family, known) = models(Some("Qwen/Qwen3-Thinking"));
        assert!(!known && family.len() > 1 && family.iter().all(|m| m.starts_with("QWEN3_")));
        assert!(models(None).0.len() > family.len());
        assert!(models(Some("gpt-2")).0.is_empty());
    }
}
