//! The aggregated sweep: which points AIC visits, which it keeps.

use std::collections::BTreeSet;

use super::agg::{self, Memo, Plan};
use super::error::CostError;
use super::front::round3;
use super::ops::Price;
use super::parallel::Parallel;
use super::rules::Rules;
use super::worker::Worker;

/// One visited point, rounded to three decimals where AIC rounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AggPoint {
    pub parallel: Parallel,
    pub plan: Plan,
    pub ttft: f64,
    pub tpot: f64,
    pub request_latency: f64,
    pub seq_s: f64,
    pub seq_s_gpu: f64,
    pub tokens_s: f64,
    pub tokens_s_gpu: f64,
    pub tokens_s_user: f64,
    pub memory: f64,
    pub balance: f64,
}

/// Points kept per target.
const TOP: usize = 10;

fn batches() -> impl Iterator<Item = u64> {
    (1..16)
        .chain((16..32).step_by(4))
        .chain((32..64).step_by(8))
        .chain((64..256).step_by(16))
        .chain((256..512).step_by(32))
        .chain([512])
}

/// Context tokens to try, ascending.
pub(crate) fn contexts(rules: &Rules, isl: u64) -> Vec<u64> {
    let cap = 8192.max(2 * isl);
    let coarse = 1024.max(cap / 8);
    let (small, big) = if rules.whole_prompts {
        (isl.max(512), coarse.div_ceil(isl) * isl)
    } else {
        (512, coarse)
    };
    let mut out = BTreeSet::from([isl, 2 * isl]);
    let mut c = 0;
    loop {
        c += if c < 8192 { small } else { big };
        if c > cap {
            return out.into_iter().collect();
        }
        out.insert(c);
    }
}

/// Targets of the time between tokens, ms.
pub(crate) fn targets(first: u32) -> impl Iterator<Item = u32> + Clone {
    (first..20).chain((20..300).step_by(5))
}

/// All points of one worker that fit, in visiting order. An error of a single point leaves that one out and is handed
/// back beside the points.
pub(crate) fn visit(worker: &Worker<'_>, isl: u64, osl: u64) -> (Vec<AggPoint>, Option<CostError>) {
    let contexts = contexts(worker.rules, isl);
    let mut seen: BTreeSet<u64> = BTreeSet::new();
    let mut memo = Memo::default();
    let mut points = Vec::new();
    let mut trouble = None;
    for b in batches() {
        for &ctx in &contexts {
            let requests = ctx.div_ceil(isl);
            if b < requests || (b > 1 && b - requests < 1) {
                break;
            }
            let balance = isl as f64 * b as f64 / ctx as f64 / osl as f64;
            if balance > 1.0 {
                let key = agg::floor_div(b as f64, balance) as u64;
                if key > 1 && !seen.insert(key) {
                    continue;
                }
            }
            match point(worker, b, isl, osl, ctx, &mut memo) {
                Ok(Some(p)) => points.push(p),
                Ok(None) => break,
                Err(e) => {
                    trouble.get_or_insert(e);
                }
            }
        }
    }
    (points, trouble)
}

fn point(
    worker: &Worker<'_>,
    b: u64,
    isl: u64,
    osl: u64,
    ctx: u64,
    memo: &mut Memo,
) -> Result<Option<AggPoint>, CostError> {
    let plan = agg::plan(worker.rules, b, isl, osl, ctx)?;
    let usage = agg::memory(worker, &plan)?;
    if !usage.fits() {
        return Ok(None);
    }
    let t = agg::times(worker, Price::Measured, &plan, memo)?;
    let gpus = f64::from(worker.gpus());
    let seq_s = t.tokens_s / (osl - 1) as f64;
    Ok(Some(AggPoint {
        parallel: worker.plan.parallel,
        plan,
        ttft: round3(t.ttft_ms),
        tpot: round3(t.tpot_ms),
        request_latency: round3(t.ttft_ms + t.tpot_ms * (osl - 1) as f64),
        seq_s: round3(seq_s),
        seq_s_gpu: round3(seq_s / gpus),
        tokens_s: round3(t.tokens_s),
        tokens_s_gpu: round3(t.tokens_s / gpus),
        tokens_s_user: round3(1000.0 / t.tpot_ms),
        memory: round3(usage.memory.total_gib),
        balance: round3(plan.balance()),
    }))
}

/// The points of one worker that AIC keeps: for every target the ten with most requests per second.
pub(crate) fn keep(rules: &Rules, points: &[AggPoint], ttft_ms: f64) -> Vec<AggPoint> {
    let mut order: Vec<&AggPoint> = points.iter().filter(|p| p.ttft <= ttft_ms).collect();
    order.sort_by(|a, b| b.seq_s.total_cmp(&a.seq_s));
    targets(rules.first_tpot_target)
        .flat_map(|t| {
            order
                .iter()
                .filter(move |p| p.tpot <= f64::from(t))
                .take(TOP)
                .map(|p| **p)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::rules::RuleSet;
    use super::*;

    #[test]
    fn lists() {
        assert_eq!(batches().count(), 44);
        assert_eq!(contexts(RuleSet::Aic012.rules(), 4000), [4000, 8000]);
        let old = contexts(RuleSet::Aic02.rules(), 4000);
        assert_eq!(old.len(), 18);
        assert!(old.contains(&8000) && old.contains(&8192) && old.contains(&512));
        assert_eq!(targets(2).last(), Some(295));
    }
}
