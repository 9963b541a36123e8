//! `servelens project`: what one configuration would take, or each of a file's.

use super::{Done, answer, print};
use crate::figures::Models;
use crate::flags::Flags;
use servelens_core::cost::points::{self, PointFigures, PointResult};
use servelens_core::cost::{Arch, Config, Estimate, Mode, RuleSet};

const USAGE: &str = "Usage: servelens project [OPTIONS] [--json]
       servelens project --points FILE [--rules NAME] [--json]

Projects one configuration as AIConfigurator would, from measured kernel latencies.

  --rules NAME        aic-0.2 (TensorRT-LLM 0.20.0) or aic-0.12 (1.3.0rc20, default).
  --model NAME        Such as Qwen/Qwen3-32B (default), LLAMA3.1_8B or Llama-3.1-70B-Instruct.
  --system NAME       GPU system, such as h200_sxm (default), b200_sxm, gb200 or l40s.
  --backend NAME      trtllm (default), vllm or sglang.
  --mode NAME         agg (default), prefill or decode.
  --tp N              Tensor parallelism; default 1.
  --pp N              Pipeline parallelism; default 1. The rules of 0.12 are not checked beyond 1 and refuse it.
  --dp N              Attention data parallelism; default 1. --batch is that of one rank.
  --cp N              Context parallelism of a prefill (SGLang); default 1.
  --moe-tp N          Tensor parallelism of experts. Without it and --moe-ep every GPU has whole experts.
  --moe-ep N          Expert parallelism; MoE TP × EP must be TP × DP × CP.
  --moe FORMAT        Number format of experts; default that of --gemm. GPT-OSS: w4a16_mxfp4, on Blackwell
                      w4a8_mxfp4_mxfp8.
  --gemm FORMAT       float16, fp8, fp8_block (default), nvfp4 and others that the figures have.
  --kvcache FORMAT    float16 or fp8 (default).
  --fmha FORMAT       float16 or fp8 (default).
  --batch N           Requests in flight on one worker; default 1.
  --ctx-tokens N      Context tokens of one mixed step; default: the input length.
  --isl N             Input length in tokens; default 4000.
  --osl N             Output length in tokens; default 500.
  --points FILE       A JSON list of configurations instead, or {\"points\": [...]}, with the fields mode, model,
                      system, backend, tp, pp, dp, cp, moe_tp, moe_ep, gemm, moe, kvcache, fmha, batch,
                      ctx_tokens, isl, osl, inferred_gemm and large_ep; only isl, osl and
                      batch are needed. The answers come in the same order, with an error in the place of what
                      cannot be projected.
  --json              ttft_ms, tpot_ms, tokens_s_gpu, tokens_s_user, memory_gib and oom, unrounded; or error.

Exit code: 0, or 2 with a sentence when the configuration cannot be projected or the usage is wrong.";

const NAMES: [&str; 20] = [
    "rules",
    "model",
    "system",
    "backend",
    "mode",
    "tp",
    "pp",
    "dp",
    "cp",
    "moe-tp",
    "moe-ep",
    "moe",
    "gemm",
    "kvcache",
    "fmha",
    "batch",
    "ctx-tokens",
    "isl",
    "osl",
    "points",
];

/// Reads the options and prints the projection.
///
/// # Errors
/// One sentence when the usage is wrong or the points file cannot be read.
pub fn run(parser: lexopt::Parser) -> Result<Done, String> {
    let flags = Flags::read(parser, &NAMES)?;
    if flags.help {
        print(USAGE);
        return Ok(Done::Read);
    }
    if let Some(path) = flags.text("points") {
        return file(&flags, path);
    }
    answer(flags.json, one(&flags), |(rules, config, estimate)| {
        if flags.json {
            super::json(&PointFigures::from(estimate))
        } else {
            Ok(text(*rules, config, estimate))
        }
    })
}

fn one(flags: &Flags) -> Result<(RuleSet, Config, Estimate), String> {
    let sentence = |e: servelens_core::cost::CostError| e.to_string();
    let rules = flags.rules().map_err(sentence)?;
    let mode: Mode = flags
        .text("mode")
        .map_or(Ok(Mode::Agg), str::parse)
        .map_err(sentence)?;
    let seed = Config::default();
    let isl = flags.count("isl", seed.isl)?;
    let [tp, dp, cp] = [
        flags.count("tp", 1)?,
        flags.count("dp", 1)?,
        flags.count("cp", 1)?,
    ];
    let (moe_tp, moe_ep) =
        points::expert_ranks([tp, dp, cp], flags.maybe("moe-tp")?, flags.maybe("moe-ep")?);
    let config = Config {
        model: flags.text("model").unwrap_or(&seed.model).to_owned(),
        system: flags.text("system").unwrap_or(&seed.system).to_owned(),
        backend: flags.backend().map_err(sentence)?,
        tp,
        dp,
        cp,
        moe_tp,
        moe_ep,
        moe: flags.moe().map_err(sentence)?,
        pp: flags.count("pp", 1)?,
        quant: flags.quant().map_err(sentence)?,
        batch: flags.count("batch", 1)?,
        ctx_tokens: flags.count("ctx-tokens", isl)?,
        isl,
        osl: flags.count("osl", seed.osl)?,
        ..Config::default()
    };
    let estimate = Models::new(rules)
        .of(&config.model, &config.system, config.backend)
        .and_then(|e| e.estimate(mode, &config))
        .map_err(sentence)?;
    Ok((rules, config, estimate))
}

fn file(flags: &Flags, path: &str) -> Result<Done, String> {
    if let Some(other) = flags.names().find(|n| !matches!(*n, "points" | "rules")) {
        return Err(format!(
            "--{other} does not go with --points; the file says it for each configuration."
        ));
    }
    let json = std::fs::read_to_string(path).map_err(|e| format!("{path} cannot be read: {e}."))?;
    let mut models = Models::new(flags.rules().map_err(|e| e.to_string())?);
    let mut estimate = |p: points::Point| {
        let (mode, c) = p.config()?;
        let engine = models.of(&c.model, &c.system, c.backend)?;
        Ok(PointFigures::from(&engine.estimate(mode, &c)?))
    };
    let results: Vec<PointResult> = points::parse(&json)
        .map_err(|e| e.to_string())?
        .into_iter()
        .map(|p| p.and_then(&mut estimate).into())
        .collect();
    if flags.json {
        print(&super::json(&results)?);
    } else {
        print(table(&results).trim_end());
    }
    Ok(Done::Read)
}

/// The parallelism as far as it is more than tensor and pipeline.
fn parallelism(c: &Config) -> String {
    let mut out = format!("TP{} PP{}", c.tp, c.pp);
    for (name, size) in [
        ("DP", c.dp),
        ("CP", c.cp),
        ("MoE TP", c.moe_tp),
        ("EP", c.moe_ep),
    ] {
        if size > 1 && (c.dp > 1 || c.cp > 1 || is_moe(c)) {
            out += &format!(" {name}{size}");
        }
    }
    out
}

fn is_moe(c: &Config) -> bool {
    Arch::find(&c.model, RuleSet::Aic012).is_ok_and(|a| a.experts.is_some())
}

fn cell(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{v:.3}"))
}

/// For people: the configuration in words, then its figures.
fn text(rules: RuleSet, c: &Config, e: &Estimate) -> String {
    let q = c.quant;
    let what = match e.mode {
        Mode::Agg => format!(
            "an aggregated worker, batch {}, {} context tokens in a mixed step",
            c.batch, c.ctx_tokens
        ),
        Mode::StaticCtx => format!("a prefill worker, batch {}", c.batch),
        Mode::StaticGen => format!("a decode worker, batch {}", c.batch),
    };
    let mut out = format!(
        "{} on {} with {}, {}: {what}
{} tokens in, {} out; GEMM {}, KV cache {}, attention {}; rules {rules}

",
        c.model,
        c.system,
        c.backend.label(),
        parallelism(c),
        c.isl,
        c.osl,
        q.gemm.label(rules),
        q.kvcache.label(rules),
        q.fmha.label(rules),
    );
    for (name, value, unit) in [
        ("TTFT", e.ttft_ms, "ms"),
        ("TPOT", e.tpot_ms, "ms"),
        ("per GPU", Some(e.tokens_s_gpu), "tokens/s"),
        ("per user", e.tokens_s_user, "tokens/s"),
        ("per worker", Some(e.tokens_s), "tokens/s"),
        ("requests", Some(e.seq_s), "/s"),
    ] {
        if value.is_some() {
            out += &format!("  {name:<11}{:>12} {unit}\n", cell(value));
        }
    }
    out += &format!(
        "  {:<11}{:>12} of {:.3} GiB on each of {} GPU{}",
        "memory",
        cell(Some(e.memory.total_gib)),
        e.memory.capacity_gib,
        e.gpus,
        if e.gpus == 1 { "" } else { "s" },
    );
    if let Some(warning) = &e.warning {
        out += &format!("\n\n{warning}");
    }
    out
}

/// For people: a line for each point.
fn table(results: &[PointResult]) -> String {
    let mut out = format!(
        "{:>5} {:>12} {:>12} {:>14} {:>14} {:>12}\n",
        "point", "TTFT ms", "TPOT ms", "tok/s/GPU", "tok/s/user", "memory GiB"
    );
    for (i, result) in results.iter().enumerate() {
        out += &match result {
            PointResult::Figures(p) => format!(
                "{:>5} {:>12} {:>12} {:>14} {:>14} {:>12}{}\n",
                i + 1,
                cell(p.ttft_ms),
                cell(p.tpot_ms),
                cell(Some(p.tokens_s_gpu)),
                cell(p.tokens_s_user),
                cell(Some(p.memory_gib)),
                if p.oom { "  out of memory" } else { "" },
            ),
            PointResult::Refused { error } => format!("{:>5} {error}\n", i + 1),
        };
    }
    out
}
