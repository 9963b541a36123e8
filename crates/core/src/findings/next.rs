//! What to run next: the cheapest benchmark commands that would lift what blocks most.

use crate::audit::{Case, Check, Finding, Grade, Question, projected};
use crate::fmt;
use serde::{Deserialize, Serialize};

/// A run worth doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextRun {
    /// Why, ending in a colon-free phrase: what it settles.
    pub why: String,
    /// The AIPerf command.
    pub aiperf: String,
    /// The same for GenAI-Perf.
    pub genai_perf: String,
    /// Checks that it would lift.
    pub lifts: Vec<Check>,
}

/// The address that stands for the person's own server.
const URL: &str = "http://localhost:8000";

struct Plan<'a> {
    model: &'a str,
    loads: Vec<u32>,
    isl: Option<u64>,
    osl: Option<u64>,
    repeats: u32,
}

/// Runs worth doing, the weightiest first; at most three.
pub fn next_runs(case: &Case<'_>, findings: &[Finding]) -> Vec<NextRun> {
    let model = model_name(case);
    let blocks = |check: Check| {
        findings
            .iter()
            .any(|f| f.check == check && f.grade == Grade::Block)
    };
    let warns = |check: Check| {
        findings.iter().any(|f| {
            f.check == check && f.grade == Grade::Warn && f.shakes.contains(&Question::WhoWins)
        })
    };
    let key = case.key.unwrap_or_default();
    let matched = case.comparison.matched_loads();
    let measured = case
        .candidate
        .or(case.baseline)
        .and_then(|i| case.curve(i))
        .map(|c| c.concurrencies())
        .unwrap_or_default();
    let mut out = Vec::new();
    let mut put = |why: String, plan: Plan<'_>, lifts: Vec<Check>| {
        if out.len() < 3 && !plan.loads.is_empty() {
            out.push(NextRun {
                why,
                aiperf: aiperf(&plan),
                genai_perf: genai_perf(&plan),
                lifts,
            });
        }
    };
    let here = case.for_projection();
    if let Some((_, _, p)) = projected(&here)
        && let Some(c) = p.load.concurrency
    {
        let untested = measured.is_empty();
        let point_open = findings
            .iter()
            .any(|f| matches!(f.check, Check::Point | Check::Range) && f.grade == Grade::Block);
        if untested || point_open || blocks(Check::OslTarget) {
            let mut lifts = vec![Check::Point];
            if blocks(Check::OslTarget) {
                lifts.push(Check::OslTarget);
            }
            let whole = |v: Option<f64>, or: Option<u64>| v.map(|v| v.round() as u64).or(or);
            put(
                "Test the projection at its own operating point".to_owned(),
                Plan {
                    model: &model,
                    loads: vec![c],
                    isl: whole(p.workload.isl, key.isl),
                    osl: whole(p.workload.osl, key.osl),
                    repeats: 1,
                },
                lifts,
            );
        }
    }
    if blocks(Check::OslParity) || blocks(Check::OslTarget) {
        put(
            "Run both systems again with the output length fixed".to_owned(),
            Plan {
                model: &model,
                loads: if matched.is_empty() {
                    measured.clone()
                } else {
                    matched.clone()
                },
                isl: key.isl,
                osl: key.osl,
                repeats: 1,
            },
            vec![Check::OslTarget, Check::OslParity, Check::Sign],
        );
    }
    if let Some((label, c)) = sla_edge(case) {
        put(
            format!("Repeat concurrency {c} on {label}, where the SLA is decided"),
            Plan {
                model: &model,
                loads: vec![c],
                isl: key.isl,
                osl: key.osl,
                repeats: 3,
            },
            vec![Check::Short, Check::Noise],
        );
    }
    if let (true, Some(a), Some(b)) = (matched.is_empty(), case.candidate, case.baseline) {
        let ran = |i| case.curve(i).map(|c| c.concurrencies()).unwrap_or_default();
        put(
            format!(
                "Run {} at the loads that {} ran",
                case.label(b),
                case.label(a)
            ),
            Plan {
                model: &model,
                loads: ran(a),
                isl: key.isl,
                osl: key.osl,
                repeats: 1,
            },
            Vec::new(),
        );
    }
    if warns(Check::Short) || warns(Check::Mono) || warns(Check::Noise) {
        let loads = shaky_loads(case, findings);
        put(
            "Repeat these loads with more requests".to_owned(),
            Plan {
                model: &model,
                loads,
                isl: key.isl,
                osl: key.osl,
                repeats: 3,
            },
            vec![Check::Short, Check::Mono, Check::Noise],
        );
    }
    if case.candidate.is_some() != case.baseline.is_some() {
        put(
            if case.baseline.is_none() {
                "Run the baseline at the same loads".to_owned()
            } else {
                "Run the candidate at the same loads".to_owned()
            },
            Plan {
                model: &model,
                loads: measured.clone(),
                isl: key.isl,
                osl: key.osl,
                repeats: 1,
            },
            Vec::new(),
        );
    }
    if out.is_empty() && !matched.is_empty() {
        let plan = Plan {
            model: &model,
            loads: matched,
            isl: key.isl,
            osl: key.osl,
            repeats: 3,
        };
        out.push(NextRun {
            why: "Repeat each load three times, so that run-to-run spread is known".to_owned(),
            aiperf: aiperf(&plan),
            genai_perf: genai_perf(&plan),
            lifts: Vec::new(),
        });
    }
    out
}

/// The run that tests a configuration at its own operating point.
pub fn test_of(model: &str, concurrency: u32, isl: u64, osl: u64) -> NextRun {
    let plan = Plan {
        model,
        loads: vec![concurrency],
        isl: Some(isl),
        osl: Some(osl),
        repeats: 1,
    };
    NextRun {
        why: "Test the projection at its own operating point".to_owned(),
        aiperf: aiperf(&plan),
        genai_perf: genai_perf(&plan),
        lifts: vec![Check::Point],
    }
}

/// The load at which the SLA is decided: the highest within it, where a higher one fails.
fn sla_edge<'a>(case: &Case<'a>) -> Option<(&'a str, u32)> {
    case.sla
        .systems
        .iter()
        .filter(|s| Some(s.run) == case.candidate || Some(s.run) == case.baseline)
        .find_map(|s| {
            let high = s.highest?;
            s.first_failure
                .is_some_and(|f| f > high)
                .then(|| (case.label(s.run), high))
        })
}

fn shaky_loads(case: &Case<'_>, findings: &[Finding]) -> Vec<u32> {
    let mut out: Vec<u32> = findings
        .iter()
        .filter(|f| {
            matches!(f.check, Check::Short | Check::Mono | Check::Noise) && f.grade == Grade::Warn
        })
        .filter(|f| f.bears_on.contains(&Question::WhoWins))
        .flat_map(|f| &f.points)
        .filter_map(|at| case.run(at.run)?.points.get(at.point)?.load.concurrency)
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

/// The model as a server would know it. A bare Qwen or Llama name gets its usual organisation;
/// any other name stays as the source writes it.
fn model_name(case: &Case<'_>) -> String {
    let name = [case.candidate, case.baseline]
        .into_iter()
        .flatten()
        .chain(case.projections.iter().copied())
        .filter_map(|i| case.run(i)?.deployment.model.clone())
        .next()
        .or_else(|| case.ws.context.model.clone());
    let Some(name) = name else {
        return "MODEL".to_owned();
    };
    if name.contains('/') {
        return name;
    }
    let plain: String = name.replace('_', "-");
    if plain.to_ascii_lowercase().starts_with("qwen") {
        let mut parts = plain.split('-');
        let family = parts.next().unwrap_or_default().to_ascii_lowercase();
        let rest: Vec<&str> = parts.collect();
        return format!("Qwen/{}-{}", fmt::capital(&family), rest.join("-"))
            .trim_end_matches('-')
            .to_owned();
    }
    name
}

/// A model name as one shell word.
fn shell(word: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | ':');
    if !word.is_empty() && word.chars().all(safe) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Ten requests for each one in flight, and never fewer than 100.
fn requests(concurrency: u32) -> u32 {
    concurrency.saturating_mul(10).max(100)
}

fn aiperf(plan: &Plan<'_>) -> String {
    each_load(plan, |c, n, warm| {
        let mut out = format!(
            "aiperf profile -m {} --endpoint-type chat --streaming -u {URL} --concurrency {c} --request-count {n} --warmup-request-count {warm}",
            shell(plan.model)
        );
        if plan.repeats > 1 {
            out.push_str(&format!(" --num-profile-runs {}", plan.repeats));
        }
        if let Some(isl) = plan.isl {
            out.push_str(&format!(" --isl {isl} --isl-stddev 0"));
        }
        if let Some(osl) = plan.osl {
            out.push_str(&format!(
                " --osl {osl} --osl-stddev 0 --extra-inputs ignore_eos:true --extra-inputs min_tokens:{osl}"
            ));
        }
        out
    })
}

/// GenAI-Perf has no repeats of its own: a folder for each, as each run writes the same names.
fn genai_perf(plan: &Plan<'_>) -> String {
    let all = genai_perf_once(plan);
    if plan.repeats < 2 {
        return all;
    }
    let runs: Vec<String> = (1..=plan.repeats).map(|r| r.to_string()).collect();
    format!("for r in {}; do {all}; done", runs.join(" "))
}

fn genai_perf_once(plan: &Plan<'_>) -> String {
    each_load(plan, |c, n, warm| {
        let mut out = format!(
            "genai-perf profile -m {} --endpoint-type chat --streaming -u {URL} --concurrency {c} --request-count {n} --warmup-request-count {warm}",
            shell(plan.model)
        );
        if plan.repeats > 1 {
            out.push_str(" --artifact-dir artifacts/run_$r");
        }
        if let Some(isl) = plan.isl {
            out.push_str(&format!(
                " --synthetic-input-tokens-mean {isl} --synthetic-input-tokens-stddev 0"
            ));
        }
        if let Some(osl) = plan.osl {
            out.push_str(&format!(
                " --output-tokens-mean {osl} --output-tokens-stddev 0 --extra-inputs ignore_eos:true --extra-inputs min_tokens:{osl}"
            ));
        }
        out
    })
}

/// One command, or a loop over the loads with a request count for each.
fn each_load(plan: &Plan<'_>, command: impl Fn(&str, &str, &str) -> String) -> String {
    match plan.loads.as_slice() {
        [c] => {
            let n = requests(*c);
            let n = if plan.repeats > 1 { n.max(300) } else { n };
            command(
                &c.to_string(),
                &n.to_string(),
                &c.saturating_mul(2).to_string(),
            )
        }
        many => {
            let all: Vec<String> = many.iter().map(u32::to_string).collect();
            format!(
                "for c in {}; do {}; done",
                all.join(" "),
                command("$c", "$((c > 10 ? 10 * c : 100))", "$((2 * c))")
            )
        }
    }
}
