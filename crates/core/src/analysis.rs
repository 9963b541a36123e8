//! One call from a workspace to everything that is said about it.
//!
//! Knows the order of the steps and which run plays which part. Refuses to compute anything
//! itself.

use crate::align::{Curve, WorkloadKey, Workloads};
use crate::audit::{self, Case, Check, Finding, Grade, PointRef, Projector, Question, Thresholds};
use crate::certainty::{self, Difference};
use crate::compare::{Comparison, compare};
use crate::corrections::{self, Correction, Said};
use crate::findings::{self, Accuracy, Condition, NextRun, Verdict};
use crate::frontier::{Front, fronts};
use crate::model::{Basis, Metric, Role, RunKind, Sla, Stat, Tool, Workspace};
use crate::sla::{SlaTable, judge};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the person can turn.
#[derive(Debug, Clone)]
pub struct Options {
    /// Thresholds of the audit.
    pub thresholds: Thresholds,
    /// The workload to compare; without one the most common one.
    pub workload: Option<WorkloadKey>,
    /// Statistic of the latencies in the comparison.
    pub stat: Stat,
    /// The cost model, for the checks that need one.
    pub projector: Option<Arc<dyn Projector>>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            thresholds: Thresholds::default(),
            workload: None,
            stat: Stat::Avg,
            projector: None,
        }
    }
}

/// Observed values of one length.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Lengths {
    /// Tokens asked for.
    pub asked: Option<f64>,
    /// Smallest and largest observed or implied mean at one load.
    pub observed: Option<(f64, f64)>,
}

/// The facts of the strip under the charts.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Facts {
    /// Model.
    pub model: Option<String>,
    /// GPU type.
    pub system: Option<String>,
    /// GPUs of candidate and baseline, each with whether it is a guess.
    pub gpus: Vec<(usize, u32, bool)>,
    /// Serving backend with its version.
    pub backend: Option<String>,
    /// Load generators and cost models, with versions.
    pub tools: Vec<String>,
    /// Input tokens.
    pub isl: Lengths,
    /// Output tokens.
    pub osl: Lengths,
    /// The limits.
    pub sla: Sla,
}

/// Everything that is said about a workspace.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Analysis {
    /// Index of the candidate in the workspace's runs.
    pub candidate: Option<usize>,
    /// Index of the baseline.
    pub baseline: Option<usize>,
    /// Indices of the projections.
    pub projections: Vec<usize>,
    /// The workloads on the table, ascending.
    pub workloads: Vec<WorkloadKey>,
    /// Candidate against baseline.
    pub comparison: Comparison,
    /// Every measured system against the limits.
    pub sla: SlaTable,
    /// Front of each run that is not ignored.
    pub frontier: Vec<Front>,
    /// Findings of the audit, the weightiest first.
    pub findings: Vec<Finding>,
    /// The three answers.
    pub verdict: Verdict,
    /// What stands above them where the records change one.
    pub correction: Option<Correction>,
    /// What must hold before an error figure of the projection may be given.
    pub conditions: Vec<Condition>,
    /// Errors of the projection, or what remains without them; `None` without a projection or a
    /// measured run.
    #[serde(skip)]
    pub accuracy: Option<Accuracy>,
    /// The projected point that the verdict and the checks judge, and that the charts draw.
    pub projected: Option<PointRef>,
    /// The cheapest runs that would lift what blocks most.
    pub next: Vec<NextRun>,
    /// The facts of the set-up.
    pub facts: Facts,
    /// The rates at each load that both sides measured, with their intervals.
    #[serde(skip)]
    pub rates: Vec<Difference>,
    /// The thresholds that were used.
    pub thresholds: Thresholds,
}

impl Analysis {
    /// Loads at which the change in a metric is withheld from every verdict, and therefore shown
    /// struck: blocked points, all token rates where the length asked for was missed, and TTFT
    /// and TPOT where the TTFT contradicts its load.
    pub fn withheld(&self, ws: &Workspace, metric: Metric) -> BTreeSet<u32> {
        let latency = matches!(metric, Metric::Ttft | Metric::Tpot);
        let tokens = matches!(
            metric,
            Metric::OutputThroughput
                | Metric::OutputThroughputPerGpu
                | Metric::OutputThroughputPerUser
        );
        self.findings
            .iter()
            .filter(|f| f.grade == Grade::Block)
            .filter(|f| match f.check {
                Check::OslTarget => tokens && f.bears_on.contains(&Question::WhoWins),
                Check::Little => latency,
                _ => f.bears_on.contains(&Question::WhoWins),
            })
            .flat_map(|f| &f.points)
            .filter(|p| Some(p.run) == self.candidate || Some(p.run) == self.baseline)
            .filter_map(|p| ws.runs.get(p.run)?.points.get(p.point)?.load.concurrency)
            .collect()
    }
}

/// What no limit changes, and what takes long where there are many requests: who is compared, on which work, and how sure
/// the differences are.
#[derive(Debug, Clone)]
pub struct Matched {
    candidate: Option<usize>,
    baseline: Option<usize>,
    workloads: Workloads,
    key: Option<WorkloadKey>,
    comparison: Comparison,
    rates: Vec<Difference>,
    /// The same table by its summaries, where the records say otherwise.
    summarised: Option<Box<(Workspace, Matched)>>,
}

/// Analyses a workspace. Total: any mix of runs, or none, gives an answer that says what is
/// missing.
pub fn analyse(ws: &Workspace, options: &Options) -> Analysis {
    judged(ws, options, &matched(ws, options))
}

/// The first half of [`analyse`]: reads neither the limits nor the cost model.
pub fn matched(ws: &Workspace, options: &Options) -> Matched {
    let first = |role| ws.runs.iter().position(|r| r.role == role);
    let candidate = first(Role::Candidate);
    let baseline = first(Role::Baseline);
    let active = || ws.runs.iter().filter(|r| r.role != Role::Ignore);
    let workloads = Workloads::of(active(), &ws.context);
    let key = options
        .workload
        .filter(|k| workloads.keys.contains(k))
        .or_else(|| usual_workload(ws, candidate, baseline, &workloads));
    let comparison = compare(
        ws,
        candidate,
        baseline,
        &workloads,
        key,
        options.stat,
        options.thresholds.equivalence,
    );
    let curve = |i: Option<usize>| Some(Curve::of(ws.runs.get(i?)?, key?, &workloads));
    let rates = match (curve(candidate), curve(baseline)) {
        (Some(a), Some(b)) => certainty::rates(&a, &b, &comparison),
        _ => Vec::new(),
    };
    let corrected = ws.basis == Basis::Recorded && corrections::sources(ws).corrects();
    let summarised = corrected.then(|| {
        let mut other = ws.clone();
        other.show_by(Basis::Summarised);
        let matched = matched(&other, options);
        Box::new((other, matched))
    });
    Matched {
        candidate,
        baseline,
        workloads,
        key,
        comparison,
        rates,
        summarised,
    }
}

/// The second half of [`analyse`], for the same runs and options, whatever the limits.
pub fn judged(ws: &Workspace, options: &Options, matched: &Matched) -> Analysis {
    let Matched {
        candidate,
        baseline,
        ref workloads,
        key,
        ref comparison,
        ref rates,
        ref summarised,
    } = *matched;
    let projections: Vec<usize> = (0..ws.runs.len())
        .filter(|i| {
            ws.runs
                .get(*i)
                .is_some_and(|r| r.kind == RunKind::Projected && r.role == Role::Projection)
        })
        .collect();
    let mut case = Case {
        ws,
        candidate,
        baseline,
        projections: &projections,
        workloads,
        key,
        comparison,
        sla: &SlaTable::default(),
        thresholds: &options.thresholds,
        rates,
        projector: options.projector.as_deref(),
    };
    let measured = case.measured();
    let sla = judge(
        ws,
        &measured,
        workloads,
        key,
        options.thresholds.little_rounding,
    );
    case.sla = &sla;
    let findings = audit::audit(&case);
    let projected = audit::projected(&case.for_projection()).map(|(at, _, _)| at);
    let conditions = findings::conditions(&case.for_projection(), &findings);
    let accuracy = findings::accuracy(&case, &findings, &conditions);
    let verdict = findings::verdict(&case, &findings, &conditions, accuracy.as_ref());
    let correction = summarised.as_deref().and_then(|(other, matched)| {
        let other = Workspace {
            sla: ws.sla,
            ..other.clone()
        };
        let then = judged(&other, options, matched);
        let load =
            projected.and_then(|at| ws.runs.get(at.run)?.points.get(at.point)?.load.concurrency);
        corrections::correction(
            Said {
                ws,
                candidate,
                baseline,
                comparison,
                verdict: &verdict,
            },
            Said {
                ws: &other,
                candidate: then.candidate,
                baseline: then.baseline,
                comparison: &then.comparison,
                verdict: &then.verdict,
            },
            load,
        )
    });
    let next = findings::next_runs(&case, &findings);
    let frontier = fronts(
        ws,
        &[measured.as_slice(), &projections].concat(),
        workloads,
        key,
    );
    let facts = facts(&case, &measured);
    Analysis {
        candidate,
        baseline,
        workloads: workloads.keys.clone(),
        comparison: comparison.clone(),
        sla,
        frontier,
        verdict,
        correction,
        conditions,
        accuracy,
        projected,
        findings,
        next,
        facts,
        projections,
        thresholds: options.thresholds,
        rates: rates.clone(),
    }
}

/// The workload with most loads on both sides, else on either, else of anything; ties go to the
/// shortest.
fn usual_workload(
    ws: &Workspace,
    candidate: Option<usize>,
    baseline: Option<usize>,
    workloads: &Workloads,
) -> Option<WorkloadKey> {
    let count = |run: Option<usize>, key: &WorkloadKey| {
        run.and_then(|i| ws.runs.get(i)).map_or(0, |r| {
            r.points
                .iter()
                .filter(|p| workloads.resolve(p) == Some(*key))
                .count()
        })
    };
    let mut best: Option<((usize, usize), WorkloadKey)> = None;
    for key in &workloads.keys {
        let (a, b) = (count(candidate, key), count(baseline, key));
        let score = (a.min(b), a + b);
        if best.is_none_or(|(s, _)| score > s) {
            best = Some((score, *key));
        }
    }
    best.map(|(_, k)| k)
}

fn facts(case: &Case<'_>, measured: &[usize]) -> Facts {
    let ws = case.ws;
    let context = &ws.context;
    let order: Vec<usize> = measured.iter().chain(case.projections).copied().collect();
    let of = |get: fn(&crate::model::Deployment) -> &Option<String>| {
        order
            .iter()
            .filter_map(|i| case.run(*i))
            .find_map(|r| get(&r.deployment).clone())
    };
    let backend = of(|d| &d.backend).or_else(|| context.backend.clone());
    let version = of(|d| &d.backend_version).or_else(|| context.backend_version.clone());
    let mut tools: Vec<String> = Vec::new();
    for r in order.iter().filter_map(|i| case.run(*i)) {
        let name = match (&r.tool_version, &context.measured_with) {
            (Some(v), _) => format!("{} {v}", r.tool),
            (None, Some(w)) if r.tool == Tool::Table && r.kind == RunKind::Measured => {
                format!("{} ({w})", r.tool)
            }
            _ => r.tool.to_string(),
        };
        if !tools.iter().any(|t| t.starts_with(&name)) {
            tools.push(name);
        }
    }
    let observed = |metric: Metric| {
        let mut range: Option<(f64, f64)> = None;
        for i in measured {
            for (_, r, p) in case.points(*i) {
                if let Some((v, _)) = r.value(p, metric) {
                    let (low, high) = range.unwrap_or((v, v));
                    range = Some((low.min(v), high.max(v)));
                }
            }
        }
        range
    };
    let asked = |v: Option<u64>| v.map(|v| v as f64);
    Facts {
        model: of(|d| &d.model).or_else(|| context.model.clone()),
        system: of(|d| &d.system).or_else(|| context.system.clone()),
        gpus: [case.candidate, case.baseline]
            .into_iter()
            .flatten()
            .filter_map(|i| {
                let g = case.run(i)?.deployment.gpus?;
                Some((i, g.count, g.guess))
            })
            .collect(),
        backend: match (backend, version) {
            (Some(b), Some(v)) => Some(format!("{b} {v}")),
            (b, v) => b.or(v),
        },
        tools,
        isl: Lengths {
            asked: asked(case.key.and_then(|k| k.isl)),
            observed: observed(Metric::Isl),
        },
        osl: Lengths {
            asked: asked(case.key.and_then(|k| k.osl)),
            observed: observed(Metric::Osl),
        },
        sla: ws.sla,
    }
}
