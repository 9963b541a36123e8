//! What leaves What-if: AIC's own input file, the benchmark that would test the projection, a projection for the
//! table, and the tables that AIC prints.

use super::{Inputs, Outcome, short_rules, words};
use crate::cost::{AggRow, DisaggRow, Front, RuleSet, Sweep};
use crate::findings::{NextRun, test_of};
use crate::model::{
    Deployment, Gpus, Load, Metric, Point, Provenance, Quantization, Role, Run, RunKind, Setup,
    Sla, Source, Stats, Tool, Workload,
};

/// Rows of the tables, as many as AIC prints.
const TOP: usize = 5;

/// The AIPerf and GenAI-Perf commands that run one replica at the operating point of these inputs.
pub fn benchmark(inputs: &Inputs) -> NextRun {
    test_of(
        &inputs.model_path(),
        inputs.concurrency(),
        u64::from(inputs.config.isl),
        u64::from(inputs.config.osl),
    )
}

/// AIC's input file for the sweep of these inputs, and the command that runs it as its first lines.
pub fn exp_yaml(inputs: &Inputs, sla: &Sla) -> String {
    match inputs.rules {
        RuleSet::Aic02 => yaml_02(inputs, sla),
        RuleSet::Aic012 => yaml_012(inputs, sla),
    }
}

/// A number of milliseconds as AIC writes it.
fn ms(value: f64) -> String {
    let text = value.to_string();
    if text.contains('.') {
        text
    } else {
        format!("{text}.0")
    }
}

fn formats(inputs: &Inputs) -> [(&'static str, &'static str); 5] {
    let (q, rules) = (&inputs.config.quant, inputs.rules);
    let gemm = q.gemm.label(rules);
    let moe = match rules {
        RuleSet::Aic02 => "fp8",
        RuleSet::Aic012 => gemm,
    };
    [
        ("gemm_quant_mode", gemm),
        ("moe_quant_mode", moe),
        ("kvcache_quant_mode", q.kvcache.label(rules)),
        ("fmha_quant_mode", q.fmha.label(rules)),
        ("comm_quant_mode", "half"),
    ]
}

/// Tensor parallelisms that the GPUs at hand allow.
fn tps(inputs: &Inputs) -> String {
    let fit: Vec<String> = super::TPS
        .iter()
        .filter(|tp| **tp <= inputs.gpus.max(1))
        .map(u32::to_string)
        .collect();
    format!("[{}]", fit.join(", "))
}

fn yaml_02(inputs: &Inputs, sla: &Sla) -> String {
    let s = inputs.sweep(sla);
    let mut out = format!(
        "# aiconfigurator cli --model {} --system {} --total_gpus {} --version 0.20.0 --yaml_path exp.yaml\n",
        inputs.config.model, s.system, s.total_gpus
    );
    out.push_str(&format!(
        "isl: {}\nosl: {}\nttft: {}\ntpot: {}\n",
        s.isl,
        s.osl,
        ms(s.ttft_ms),
        ms(s.tpot_ms)
    ));
    out.push_str("common_framework_config:\n  backend_name: trtllm\n  version: 0.20.0\n");
    for role in ["agg", "disagg_prefill", "disagg_decode"] {
        out.push_str(&format!("{role}_system_name: {}\n", s.system));
    }
    let worker = |name: &str| {
        let mut w = format!(
            "  {name}:\n    system_config:\n      backend_name: trtllm\n      version: 0.20.0\n      system_name: {}\n    quant_config:\n",
            s.system
        );
        for (key, value) in formats(inputs) {
            w.push_str(&format!("      {key}: {value}\n"));
        }
        let tps = tps(inputs);
        w.push_str(&format!(
            "    parallel_config:\n      num_gpu_per_worker: {tps}\n      tp_list: {tps}\n"
        ));
        for key in ["pp_list", "dp_list", "moe_tp_list", "moe_ep_list"] {
            w.push_str(&format!("      {key}: [1]\n"));
        }
        w
    };
    out.push_str("agg_config:\n");
    out.push_str(&worker("agg_worker_config"));
    out.push_str("disagg_config:\n  replica_config:\n    max_gpu_per_replica: 32\n    max_prefill_worker: 16\n    max_decode_worker: 16\n");
    out.push_str(&worker("prefill_worker_config"));
    out.push_str(&worker("decode_worker_config"));
    out.push_str("prefill_correction_scale: 0.9\ndecode_correction_scale: 0.92\nprefill_max_batch_size: 1\ndecode_max_batch_size: 512\n");
    out
}

fn yaml_012(inputs: &Inputs, sla: &Sla) -> String {
    let s = inputs.sweep(sla);
    let model = inputs.model_path();
    let shared = format!(
        "  isl: {}\n  osl: {}\n  ttft: {}\n  tpot: {}\n  total_gpus: {}\n  database_mode: SILICON\n",
        s.isl,
        s.osl,
        ms(s.ttft_ms),
        ms(s.tpot_ms),
        s.total_gpus
    );
    let worker = |prefix: &str| {
        let mut w = format!(
            "  {prefix}model_path: {model}\n  {prefix}system_name: {}\n  {prefix}backend_name: trtllm\n  {prefix}backend_version: 1.3.0rc20\n",
            s.system
        );
        for (key, value) in formats(inputs) {
            w.push_str(&format!("  {prefix}{key}: {value}\n"));
        }
        w
    };
    let space = |prefix: &str, tps: &str| {
        let mut w =
            format!("  {prefix}num_gpu_candidates: {tps}\n  {prefix}tp_candidates: {tps}\n");
        for key in ["pp", "dp", "moe_tp", "moe_ep"] {
            w.push_str(&format!("  {prefix}{key}_candidates: [1]\n"));
        }
        w
    };
    let tps = tps(inputs);
    format!(
        "# aiconfigurator cli exp --yaml-path exp.yaml\nexps:\n- exp_agg\n- exp_disagg\nexp_agg:\n  serving_mode: agg\n{shared}{}{}exp_disagg:\n  serving_mode: disagg\n{shared}{}{}{}{}",
        worker(""),
        space("agg_", &tps),
        worker("prefill_"),
        space("prefill_", &tps),
        worker("decode_"),
        space("decode_", &tps),
    )
}

/// The outcome as a projection that the table, the charts and the audit can use.
pub fn run_of(inputs: &Inputs, outcome: &Outcome) -> Run {
    let (c, e, rules) = (&inputs.config, &outcome.estimate, inputs.rules);
    let label = |l: &str| Some(l.to_owned());
    let mut point = Point {
        load: Load {
            concurrency: Some(e.concurrency),
            request_rate: None,
        },
        workload: Workload {
            isl: Some(f64::from(c.isl)),
            osl: Some(f64::from(c.osl)),
        },
        gpus: Some(e.gpus),
        setup: Some(Setup {
            tp: Some(c.tp),
            pp: Some(c.pp),
            batch: Some(c.batch),
            ctx_tokens: Some(c.ctx_tokens),
            memory_gib: Some(e.memory.total_gib),
            ..Setup::default()
        }),
        source: Source {
            file: "What-if".to_owned(),
            place: words::setup(inputs),
        },
        ..Point::default()
    };
    let mut put = |metric, value: Option<f64>, stated: bool| {
        if let Some(v) = value {
            let stats = if stated {
                Stats::stated(v)
            } else {
                Stats::avg(v)
            };
            point.put(metric, stats, Provenance::Projected);
        }
    };
    put(Metric::OutputThroughputPerGpu, Some(e.tokens_s_gpu), false);
    put(Metric::OutputThroughput, Some(e.tokens_s), false);
    put(Metric::OutputThroughputPerUser, e.tokens_s_user, false);
    put(Metric::RequestThroughput, Some(e.seq_s), false);
    put(Metric::Ttft, e.ttft_ms.map(|t| t / 1e3), true);
    put(Metric::Tpot, e.tpot_ms.map(|t| t / 1e3), true);
    Run {
        id: format!(
            "what-if-{rules}-tp{}-pp{}-{}-{}-{}-{}x{}",
            c.tp,
            c.pp,
            c.quant.gemm.label(rules),
            c.batch,
            c.ctx_tokens,
            c.isl,
            c.osl
        ),
        label: format!(
            "{} rules: TP{} at {}",
            short_rules(rules),
            c.tp,
            e.concurrency
        ),
        tool: Tool::CostModel,
        tool_version: None,
        kind: RunKind::Projected,
        role: Role::Projection,
        role_is_guess: false,
        deployment: Deployment {
            model: Some(inputs.model_path()),
            system: Some(c.system.clone()),
            backend: label("trtllm"),
            backend_version: label(match rules {
                RuleSet::Aic02 => "0.20.0",
                RuleSet::Aic012 => "1.3.0rc20",
            }),
            gpus: Some(Gpus {
                count: e.gpus,
                guess: false,
            }),
            tp: Some(c.tp),
            pp: Some(c.pp),
            quantization: Quantization {
                gemm: label(c.quant.gemm.label(rules)),
                kvcache: label(c.quant.kvcache.label(rules)),
                fmha: label(c.quant.fmha.label(rules)),
                comm: label("half"),
            },
            engine: None,
        },
        points: vec![point],
        files: vec!["What-if".to_owned()],
        notes: e.warning.iter().cloned().collect(),
    }
}

/// A table as AIC prints it: title, heads, rows.
pub type TopTable = (&'static str, Vec<&'static str>, Vec<Vec<String>>);

/// The tables of top configurations, as the version of AIC prints them.
pub fn tables(inputs: &Inputs, sla: &Sla, sweep: &Sweep) -> [TopTable; 2] {
    let tpot = inputs.sweep(sla).tpot_ms;
    let new = inputs.rules == RuleSet::Aic012;
    let total = inputs.gpus;
    let agg = top(&sweep.agg, new, |r: &AggRow| {
        (r.tpot <= tpot, r.tokens_s_gpu_cluster)
    });
    let disagg = top(&sweep.disagg, new, |r: &DisaggRow| {
        (r.tpot <= tpot, r.tokens_s_gpu_cluster)
    });
    let start = if new {
        &[
            "Rank",
            "backend",
            "tokens/s/gpu",
            "tokens/s/user",
            "req/s",
            "TTFT",
            "request_latency",
            "concurrency",
            "total_gpus (used)",
            "replicas",
            "gpus/replica",
        ][..]
    } else {
        &[
            "Rank",
            "tokens/s/gpu",
            "tokens/s/user",
            "concurrency",
            "total_gpus(used)",
            "replicas",
            "gpus/replica",
        ][..]
    };
    let heads = |rest: &[&'static str]| [start, rest].concat();
    let agg_rows = agg
        .iter()
        .enumerate()
        .map(|(i, r)| {
            let of = Common {
                rank: i + 1,
                backend: &r.backend,
                cluster: r.tokens_s_gpu_cluster,
                user: r.tokens_s_user,
                seq_s: r.seq_s,
                ttft: r.ttft,
                latency: r.request_latency,
                concurrency: r.concurrency,
                gpus: r.num_total_gpus,
                total,
            };
            let mut cells = of.cells(new, r.num_total_gpus.to_string());
            cells.extend([
                format!("{} (={}x{})", r.tp * r.pp, r.tp, r.pp),
                format!("tp{}pp{}", r.tp, r.pp),
                r.bs.to_string(),
            ]);
            cells
        })
        .collect();
    let disagg_rows = disagg
        .iter()
        .enumerate()
        .map(|(i, r)| {
            let of = Common {
                rank: i + 1,
                backend: &r.d_backend,
                cluster: r.tokens_s_gpu_cluster,
                user: r.tokens_s_user,
                seq_s: r.seq_s,
                ttft: r.ttft,
                latency: r.request_latency,
                concurrency: r.concurrency,
                gpus: r.num_total_gpus,
                total,
            };
            let replica = format!(
                "{} (={}x{}+{}x{})",
                r.num_total_gpus, r.p_workers, r.p_tp, r.d_workers, r.d_tp
            );
            let mut cells = of.cells(new, replica);
            cells.extend([
                r.p_workers.to_string(),
                format!("{} (={}x{})", r.p_tp * r.p_pp, r.p_tp, r.p_pp),
                format!("tp{}pp{}", r.p_tp, r.p_pp),
                r.p_bs.to_string(),
                r.d_workers.to_string(),
                format!("{} (={}x{})", r.d_tp * r.d_pp, r.d_tp, r.d_pp),
                format!("tp{}pp{}", r.d_tp, r.d_pp),
                r.d_bs.to_string(),
            ]);
            cells
        })
        .collect();
    [
        (
            "Disaggregated",
            heads(&[
                "(p)workers",
                "(p)gpus/worker",
                "(p)parallel",
                "(p)bs",
                "(d)workers",
                "(d)gpus/worker",
                "(d)parallel",
                "(d)bs",
            ]),
            disagg_rows,
        ),
        (
            "Aggregated",
            heads(&["gpus/worker", "parallel", "bs"]),
            agg_rows,
        ),
    ]
}

/// 0.2 lists the front's own rows within the limit, 0.12 the best of each parallelism; both by descending output.
fn top<T: Clone>(front: &Front<T>, new: bool, of: impl Fn(&T) -> (bool, f64)) -> Vec<T> {
    let from = if new { &front.top } else { &front.rows };
    let mut rows: Vec<&T> = from.iter().filter(|r| of(r).0).collect();
    rows.sort_by(|a, b| of(b).1.total_cmp(&of(a).1));
    rows.into_iter().take(TOP).cloned().collect()
}

/// The columns that both tables share.
struct Common<'a> {
    rank: usize,
    backend: &'a str,
    cluster: f64,
    user: f64,
    seq_s: f64,
    ttft: f64,
    latency: Option<f64>,
    concurrency: u32,
    gpus: u32,
    total: u32,
}

impl Common<'_> {
    fn cells(&self, new: bool, gpus_per_replica: String) -> Vec<String> {
        let replicas = self.total.checked_div(self.gpus).unwrap_or(0);
        let used = format!(
            "{} ({}={replicas}x{})",
            self.total,
            replicas * self.gpus,
            self.gpus
        );
        let two = |v: f64| format!("{v:.2}");
        let mut out = vec![self.rank.to_string()];
        if new {
            out.extend([
                self.backend.to_owned(),
                two(self.cluster),
                two(self.user),
                two(self.seq_s * f64::from(replicas)),
                two(self.ttft),
                self.latency.map(two).unwrap_or_default(),
                format!(
                    "{} (={}x{replicas})",
                    self.concurrency * replicas,
                    self.concurrency
                ),
            ]);
        } else {
            out.extend([
                two(self.cluster),
                two(self.user),
                self.concurrency.to_string(),
            ]);
        }
        out.extend([used, replicas.to_string(), gpus_per_replica]);
        out
    }
}
