//! Whether a projection on the table is what the cost model computes from its configuration.

use super::{Inputs, short_rules};
use crate::cost::resolve::rules_of;
use crate::cost::{DisaggRow, Engine, Mode};
use crate::fmt;
use crate::model::{Metric, Run, RunKind, Tool, Workspace};

/// Figures nearer than this share agree: AIC prints three decimals.
const NEAR: f64 = 0.001;

/// How a projection and its recomputation compare.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// Index of the projection in the workspace's runs.
    pub run: usize,
    /// Points whose configuration is stated and was computed again.
    pub compared: usize,
    /// Those of them whose tokens/s per GPU, TTFT and TPOT all agree, as far as they are stated.
    pub agree: usize,
    /// The largest deviation of any figure, as a share.
    pub worst: f64,
    /// Points in all.
    pub points: usize,
    /// For a single point: tokens/s per GPU as stated, and as computed.
    pub single: Option<(f64, f64)>,
    /// What it comes to, as a sentence.
    pub sentence: String,
}

/// Recomputes the points of a projection under an engine's rules; `None` for what other rules projected. `start` is where the inputs stand for it.
pub fn agreement(ws: &Workspace, at: usize, start: &Inputs, engine: &Engine) -> Option<Agreement> {
    let run = ws
        .runs
        .get(at)
        .filter(|r| r.kind == RunKind::Projected && r.tool != Tool::CostModel)?;
    let version = run.deployment.backend_version.as_deref();
    if version
        .and_then(rules_of)
        .is_some_and(|r| r != engine.rules())
    {
        return None;
    }
    let mut out = Agreement {
        run: at,
        compared: 0,
        agree: 0,
        worst: 0.0,
        points: run.points.len(),
        single: None,
        sentence: String::new(),
    };
    let mut replicas: Option<Vec<DisaggRow>> = None;
    for point in &run.points {
        let again = if point.setup.as_ref().is_some_and(|s| s.disagg) {
            let rows = replicas.get_or_insert_with(|| {
                engine
                    .sweep(&start.sweep(&ws.sla))
                    .map(|s| s.disagg.rows)
                    .unwrap_or_default()
            });
            same_replica(rows, point)
        } else {
            Inputs::start(ws, Some((run, point)), Some(engine)).computed(engine)
        };
        let Some((per_gpu, ttft, tpot)) = again else {
            continue;
        };
        let pairs = [
            (point.reported(Metric::OutputThroughputPerGpu), per_gpu),
            (point.reported(Metric::Ttft), ttft / 1e3),
            (point.reported(Metric::Tpot), tpot / 1e3),
        ];
        let worst = pairs
            .iter()
            .filter_map(|(stated, computed)| Some((computed / (*stated)? - 1.0).abs()))
            .filter(|d| d.is_finite())
            .fold(None, |a: Option<f64>, d| Some(a.map_or(d, |a| a.max(d))));
        let Some(worst) = worst else { continue };
        out.compared += 1;
        out.agree += usize::from(worst <= NEAR);
        out.worst = out.worst.max(worst);
        if run.points.len() == 1 {
            out.single = pairs[0].0.map(|stated| (stated, per_gpu));
        }
    }
    out.sentence = sentence(run, &out, engine);
    Some(out)
}

impl Inputs {
    /// Tokens/s per GPU, TTFT and TPOT in milliseconds, of the aggregated worker.
    fn computed(&self, engine: &Engine) -> Option<(f64, f64, f64)> {
        let e = engine.estimate(Mode::Agg, &self.config).ok()?;
        Some((e.tokens_s_gpu, e.ttft_ms?, e.tpot_ms?))
    }
}

/// The replica of a sweep with a point's workers.
fn same_replica(rows: &[DisaggRow], point: &crate::model::Point) -> Option<(f64, f64, f64)> {
    let setup = point.setup.as_ref()?;
    let (prefill, decode) = (setup.prefill?, setup.decode?);
    let row = rows.iter().find(|r| {
        (r.p_workers, r.p_tp, r.p_bs) == prefill && (r.d_workers, r.d_tp, r.d_bs) == decode
    })?;
    Some((row.tokens_s_gpu, row.ttft, row.tpot))
}

fn sentence(run: &Run, a: &Agreement, engine: &Engine) -> String {
    let rules = short_rules(engine.rules());
    let label = &run.label;
    if a.compared == 0 {
        return format!(
            "“{label}” states too little of its configuration to be computed again under {rules} rules."
        );
    }
    let nearness = if a.worst < 5e-6 {
        "to the last digit".to_owned()
    } else {
        format!("to within {}", fmt::percent(a.worst, 2))
    };
    if let Some((stated, computed)) = a.single {
        let (stated, computed) = (fmt::number(stated, 3), fmt::number(computed, 3));
        return if a.agree == 1 {
            format!(
                "“{label}” states {stated} tokens/s per GPU; computed again under {rules} rules it is {computed}, so the two agree {nearness}."
            )
        } else {
            format!(
                "“{label}” states {stated} tokens/s per GPU; computed again under {rules} rules it is {computed}, up to {} away in one of its figures.",
                fmt::percent(a.worst, 1)
            )
        };
    }
    let all = fmt::counted(a.compared, "point", "points");
    let left = a.points - a.compared;
    let rest = if left > 0 {
        format!(" {} not computed again.", fmt::capital(&was(left)))
    } else {
        String::new()
    };
    if a.agree == a.compared {
        format!("“{label}”: computed again under {rules} rules, {all} agree {nearness}.{rest}")
    } else {
        format!(
            "“{label}”: computed again under {rules} rules, {} of {all} agree; the largest deviation is {}.{rest}",
            fmt::count(a.agree),
            fmt::percent(a.worst, 1)
        )
    }
}

fn was(n: usize) -> String {
    format!(
        "{} {}",
        fmt::counted(n, "point", "points"),
        if n == 1 { "was" } else { "were" }
    )
}
