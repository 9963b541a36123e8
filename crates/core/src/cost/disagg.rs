//! The disaggregated sweep: prefill and decode workers, matched in rate within a replica.

use super::agg_sweep::targets;
use super::error::CostError;
use super::front::round3;
use super::ops::Price;
use super::parallel::Parallel;
use super::rules::{DisaggRules, ReplicaTotals};
use super::static_mode;
use super::worker::Worker;

/// Prefill candidates kept.
const PREFILL_TOP: usize = 32;
/// Rows kept per target.
const TOP: usize = 5;

/// A prefill or a decode worker, rounded to three decimals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Role {
    pub parallel: Parallel,
    /// GPUs of the worker.
    pub gpus: u32,
    pub bs: u64,
    /// TTFT of a prefill worker, TPOT of a decode worker, ms.
    pub ms: f64,
    pub seq_s: f64,
    pub seq_s_gpu: f64,
    /// Tokens per second per user of a decode worker, 0 for a prefill worker.
    pub user: f64,
    pub memory: f64,
}

/// A matched replica, rounded to three decimals.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Replica {
    pub p: Role,
    pub d: Role,
    pub p_workers: u32,
    pub d_workers: u32,
    pub gpus: u32,
    pub ttft: f64,
    pub seq_s: f64,
    pub seq_s_gpu: f64,
    pub tokens_s: f64,
    pub tokens_s_gpu: f64,
    /// Before rounding, by which 0.12 picks the best pair.
    exact: f64,
}

fn decode_batches() -> impl Iterator<Item = u64> {
    (1..16)
        .chain((16..32).step_by(2))
        .chain((32..128).step_by(4))
        .chain((128..512).step_by(8))
        .chain([512])
}

fn prefill(worker: &Worker<'_>, b: u64, isl: u64) -> Result<Option<Role>, CostError> {
    let usage = static_mode::prefill_memory(worker, b, isl)?;
    if !usage.fits() {
        return Ok(None);
    }
    let ms = static_mode::prefill_ms(worker, Price::Measured, b, isl)?
        * worker.rules.disagg.prefill_correction;
    let seq_s = 1000.0 * b as f64 * worker.batches() / ms;
    Ok(Some(Role {
        parallel: worker.plan.parallel,
        gpus: worker.gpus(),
        bs: b,
        ms: round3(ms),
        seq_s: round3(seq_s),
        seq_s_gpu: round3(seq_s / f64::from(worker.counted_gpus())),
        user: 0.0,
        memory: round3(usage.memory.total_gib),
    }))
}

fn decode(worker: &Worker<'_>, b: u64, isl: u64, osl: u64) -> Result<Option<Role>, CostError> {
    let usage = static_mode::decode_memory(worker, b, isl, osl)?;
    if !usage.fits() {
        return Ok(None);
    }
    let total = static_mode::decode_ms(worker, Price::Measured, b, isl, osl)?
        * worker.rules.disagg.decode_correction;
    let tpot = total / (osl - 1) as f64;
    let seq_s = 1000.0 * b as f64 * worker.batches() / total;
    Ok(Some(Role {
        parallel: worker.plan.parallel,
        gpus: worker.gpus(),
        bs: b,
        ms: round3(tpot),
        seq_s: round3(seq_s),
        seq_s_gpu: round3(seq_s / f64::from(worker.counted_gpus())),
        user: round3(1000.0 / tpot),
        memory: round3(usage.memory.total_gib),
    }))
}

impl Role {
    /// Requests of all attention ranks.
    pub fn requests(&self) -> u64 {
        self.bs * u64::from(self.parallel.dp)
    }
}

/// What bounds the replicas.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Most time to the first token, ms.
    pub ttft_ms: f64,
    /// GPUs at hand.
    pub available: u32,
    /// Allowed GPU totals.
    pub totals: ReplicaTotals,
    /// Whether prefill and decode workers must have one tensor parallelism.
    pub equal_tp: bool,
}

/// All workers that fit, in visiting order: parallelism, then batch, up to the first that does not.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    pub prefill: Vec<Role>,
    pub decode: Vec<Role>,
    pub trouble: Option<CostError>,
}

impl Roles {
    pub fn visit_prefill(&mut self, worker: &Worker<'_>, isl: u64) {
        for b in 1..=worker.rules.disagg.prefill_tokens.max(isl) / isl {
            match prefill(worker, b, isl) {
                Ok(Some(role)) => self.prefill.push(role),
                Ok(None) => break,
                Err(e) => {
                    self.trouble.get_or_insert(e);
                    break;
                }
            }
        }
    }

    pub fn visit_decode(&mut self, worker: &Worker<'_>, isl: u64, osl: u64) {
        for b in decode_batches() {
            match decode(worker, b, isl, osl) {
                Ok(Some(role)) => self.decode.push(role),
                Ok(None) => break,
                Err(e) => {
                    self.trouble.get_or_insert(e);
                }
            }
        }
    }
}

/// Prefill workers, decode workers, GPUs.
type Count = (u32, u32, u32);

/// Numbers of workers of both kinds that make an allowed replica, in AIC's order.
fn counts(
    rules: &DisaggRules,
    totals: ReplicaTotals,
    gp: u32,
    gd: u32,
    available: u32,
) -> Vec<Count> {
    let n = rules.max_workers;
    let mut out = Vec::new();
    for outer in 1..=n {
        for inner in 1..=n {
            // 0.12 turns the loops over; it matters for equal results only.
            let (x, y) = if rules.best_per_parallelism {
                (inner, outer)
            } else {
                (outer, inner)
            };
            let gpus = gp * x + gd * y;
            if totals.allows(gpus, available) {
                out.push((x, y, gpus));
            }
        }
    }
    out
}

/// The best replica of one pair of workers.
fn pair(rules: &DisaggRules, p: Role, d: Role, osl: u64, counts: &[Count]) -> Option<Replica> {
    let mut best = 0.0;
    let mut choice = None;
    for &(x, y, gpus) in counts {
        let (x_, y_) = (f64::from(x), f64::from(y));
        // The order of the factors decides between numbers of workers that are equal but for the last bit.
        let matched = if rules.best_per_parallelism {
            (p.seq_s * x_ * rules.prefill_match).min(d.seq_s * y_ * rules.decode_match)
        } else {
            (p.seq_s * rules.prefill_match * x_).min(d.seq_s * rules.decode_match * y_)
        };
        let v = matched / f64::from(gpus);
        if v > best {
            best = v;
            choice = Some((x, y, gpus));
        }
    }
    let (x, y, gpus) = choice?;
    let seq = (p.seq_s * f64::from(x) * rules.prefill_match)
        .min(d.seq_s * f64::from(y) * rules.decode_match);
    let g = f64::from(gpus);
    let tokens = seq * osl as f64;
    Some(Replica {
        p,
        d,
        p_workers: x,
        d_workers: y,
        gpus,
        ttft: round3(p.ms * rules.ttft_factor),
        seq_s: round3(seq),
        seq_s_gpu: round3(seq / g),
        tokens_s: round3(tokens),
        tokens_s_gpu: round3(tokens / g),
        exact: tokens / g,
    })
}

/// Every pair's best replica, computed once.
struct Pairs<'a> {
    rules: &'a DisaggRules,
    limits: Limits,
    osl: u64,
    counts: Vec<((u32, u32), Vec<Count>)>,
    memo: Vec<Option<Option<Replica>>>,
    width: usize,
}

impl Pairs<'_> {
    fn get(&mut self, pi: usize, p: Role, di: usize, d: Role) -> Option<Replica> {
        let slot = self.memo.get_mut(di * self.width + pi)?;
        if let Some(known) = slot {
            return *known;
        }
        let counts = self
            .counts
            .iter()
            .filter(|_| !self.limits.equal_tp || p.parallel.tp == d.parallel.tp)
            .find(|(key, _)| *key == (p.gpus, d.gpus))
            .map(|(_, c)| c.as_slice());
        let fresh = counts.and_then(|c| pair(self.rules, p, d, self.osl, c));
        *slot = Some(fresh);
        fresh
    }
}

/// The replicas that AIC keeps: for every target the five with most tokens per second per GPU.
pub(crate) fn keep(rules: &DisaggRules, roles: &Roles, osl: u64, limits: Limits) -> Vec<Replica> {
    let Limits {
        ttft_ms,
        available,
        totals,
        ..
    } = limits;
    let mut prefill: Vec<Role> = roles
        .prefill
        .iter()
        .copied()
        .filter(|p| p.ms * rules.ttft_factor < ttft_ms)
        .collect();
    prefill.sort_by(|a, b| {
        b.seq_s_gpu
            .total_cmp(&a.seq_s_gpu)
            .then(a.requests().cmp(&b.requests()))
    });
    prefill.truncate(PREFILL_TOP);
    let mut decode = roles.decode.clone();
    decode.sort_by(|a, b| b.seq_s_gpu.total_cmp(&a.seq_s_gpu));

    let mut sizes: Vec<u32> = prefill.iter().chain(&decode).map(|r| r.gpus).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let counts = sizes
        .iter()
        .flat_map(|gp| sizes.iter().map(move |gd| (*gp, *gd)))
        .map(|(gp, gd)| ((gp, gd), counts(rules, totals, gp, gd, available)))
        .collect();
    // Decode parallelisms in the order of their names.
    let mut groups: Vec<(String, Parallel)> = Vec::new();
    for d in &decode {
        if groups.iter().all(|(_, p)| *p != d.parallel) {
            groups.push((d.parallel.name(), d.parallel));
        }
    }
    crate::sort::by(&mut groups, |a, b| a.0.cmp(&b.0));
    let memo = vec![None; prefill.len() * decode.len()];
    let mut pairs = Pairs {
        rules,
        limits,
        osl,
        counts,
        memo,
        width: prefill.len(),
    };

    let mut out = Vec::new();
    for target in targets(1) {
        let t = f64::from(target);
        let fast = |d: &Role| rules.tpot_floor * t < d.ms && d.ms < t;
        if rules.best_per_parallelism {
            out.extend(best_of_each(
                &mut pairs, rules, &prefill, &decode, &groups, fast,
            ));
        } else {
            let candidates: Vec<(usize, Role)> = decode
                .iter()
                .copied()
                .enumerate()
                .filter(|(_, d)| fast(d))
                .take(rules.decode_top)
                .collect();
            let mut best: Vec<Replica> = Vec::with_capacity(TOP + 1);
            for (pi, p) in prefill.iter().enumerate() {
                for (di, d) in &candidates {
                    if let Some(r) = pairs.get(pi, *p, *di, *d) {
                        offer(&mut best, r);
                    }
                }
            }
            out.extend(best);
        }
    }
    out
}

/// Keeps the five best replicas in order: tokens per second per GPU, then fewer GPUs, then the smaller TTFT.
fn offer(best: &mut Vec<Replica>, new: Replica) {
    let before = |a: &Replica, b: &Replica| {
        b.tokens_s_gpu
            .total_cmp(&a.tokens_s_gpu)
            .then(a.gpus.cmp(&b.gpus))
            .then(a.ttft.total_cmp(&b.ttft))
            .is_le()
    };
    let at = best.partition_point(|old| before(old, &new));
    if at < TOP {
        best.insert(at, new);
        best.truncate(TOP);
    }
}

/// 0.12: the best pair of each decode parallelism, then the five best of those.
fn best_of_each(
    pairs: &mut Pairs<'_>,
    rules: &DisaggRules,
    prefill: &[Role],
    decode: &[Role],
    groups: &[(String, Parallel)],
    fast: impl Fn(&Role) -> bool,
) -> Vec<Replica> {
    let mut out: Vec<Replica> = Vec::new();
    for (_, parallel) in groups {
        let candidates = decode
            .iter()
            .enumerate()
            .filter(|(_, d)| d.parallel == *parallel && fast(d))
            .take(rules.decode_top);
        let mut best: Option<Replica> = None;
        for (di, d) in candidates {
            for (pi, p) in prefill.iter().enumerate() {
                let Some(r) = pairs.get(pi, *p, di, *d) else {
                    continue;
                };
                if best.is_none_or(|b| r.exact > b.exact || (r.exact == b.exact && r.gpus < b.gpus))
                {
                    best = Some(r);
                }
            }
        }
        out.extend(best);
    }
    out.sort_by(|a, b| b.tokens_s_gpu.total_cmp(&a.tokens_s_gpu));
    out.truncate(TOP);
    out
}

#[cfg(test)]
mod tests {
    use super::super::rules::RuleSet;
    use super::*;

    #[test]
    fn replicas_on_eight_gpus() {
        let new = RuleSet::Aic012.rules().disagg;
        assert_eq!(counts(&new, new.totals, 4, 2, 8), [(1, 2, 8)]);
        let old = RuleSet::Aic02.rules().disagg;
        let old = counts(&old, old.totals, 4, 2, 8);
        assert_eq!(old, [(1, 1, 6), (1, 2, 8)]);
    }
}
