//! `servelens sweep`: the best of aggregated and disaggregated serving on the GPUs at hand.

use super::{Done, answer, print};
use crate::figures::Models;
use crate::flags::Flags;
use servelens_core::cost::{AggRow, Chosen, CostError, DisaggRow, Front, Sweep, SweepInput};

const USAGE: &str = "Usage: servelens sweep [OPTIONS] [--json]

Sweeps aggregated and disaggregated serving as AIConfigurator would and prints both fronts.

  --rules NAME        aic-0.2 (TensorRT-LLM 0.20.0) or aic-0.12 (1.3.0rc20, default).
  --model NAME        Such as Qwen/Qwen3-32B (default), LLAMA3.1_8B or Llama-3.1-70B-Instruct.
  --system NAME       GPU system, such as h200_sxm (default), b200_sxm, gb200 or l40s.
  --backend NAME      trtllm (default), vllm or sglang.
  --gpus N            GPUs at hand; default 8.
  --isl N             Input length in tokens; default 4000.
  --osl N             Output length in tokens; default 500.
  --ttft MS           Most time to the first token; default 300.
  --tpot MS           Most time between tokens; default 10.
  --gemm FORMAT       float16, fp8, fp8_block (default), nvfp4 and others that the figures have.
  --moe FORMAT        Of experts; default that of --gemm. GPT-OSS: w4a16_mxfp4, on Blackwell w4a8_mxfp4_mxfp8.
  --kvcache FORMAT    float16 or fp8 (default).
  --fmha FORMAT       float16 or fp8 (default).
  --json              agg and disagg, each with front, best and top in AIConfigurator's columns, and chosen.

Exit code: 0, also when nothing keeps the limits, or 2 with a sentence when the sweep cannot be made or the usage is
wrong.";

const NAMES: [&str; 13] = [
    "rules", "model", "system", "backend", "moe", "gpus", "isl", "osl", "ttft", "tpot", "gemm",
    "kvcache", "fmha",
];

/// Reads the options and prints the sweep.
///
/// # Errors
/// One sentence when the usage is wrong.
pub fn run(parser: lexopt::Parser) -> Result<Done, String> {
    let flags = Flags::read(parser, &NAMES)?;
    if flags.help {
        print(USAGE);
        return Ok(Done::Read);
    }
    answer(flags.json, sweep(&flags), |(input, sweep)| {
        if flags.json {
            super::json(sweep)
        } else {
            Ok(text(input, sweep))
        }
    })
}

fn sweep(flags: &Flags) -> Result<(SweepInput, Sweep), String> {
    let sentence = |e: CostError| e.to_string();
    let seed = SweepInput::default();
    let rules = flags.rules().map_err(sentence)?;
    let input = SweepInput {
        model: flags.text("model").unwrap_or(&seed.model).to_owned(),
        system: flags.text("system").unwrap_or(&seed.system).to_owned(),
        total_gpus: flags.count("gpus", seed.total_gpus)?,
        isl: flags.count("isl", seed.isl)?,
        osl: flags.count("osl", seed.osl)?,
        ttft_ms: flags.ms("ttft", seed.ttft_ms)?,
        tpot_ms: flags.ms("tpot", seed.tpot_ms)?,
        quant: flags.quant().map_err(sentence)?,
        backend: flags.backend().map_err(sentence)?,
        moe: flags.moe().map_err(sentence)?,
        asked: flags.text("gemm").is_some(),
    };
    let sweep = Models::new(rules)
        .of(&input.model, &input.system, input.backend)
        .and_then(|e| e.sweep(&input))
        .map_err(sentence)?;
    Ok((input, sweep))
}

/// For people: the choice, then both fronts with the best row marked.
fn text(s: &SweepInput, sweep: &Sweep) -> String {
    let way = match sweep.chosen {
        Chosen::Agg => "Aggregated serving is chosen",
        Chosen::Disagg => "Disaggregated serving is chosen",
        Chosen::None => "No configuration keeps both limits",
    };
    let ratio = sweep.ratio.map_or(String::new(), |r| {
        format!(", disaggregated over aggregated is {r:.3}")
    });
    let mut out = format!(
        "{way}{ratio}: {} on {} GPU{} of {}, {} tokens in, {} out, TTFT at most {} ms, TPOT at most {} ms.\n",
        s.model,
        s.total_gpus,
        if s.total_gpus == 1 { "" } else { "s" },
        s.system,
        s.isl,
        s.osl,
        s.ttft_ms,
        s.tpot_ms
    );
    for note in &sweep.notes {
        out += &format!("{note}\n");
    }
    out += &front(
        "Aggregated",
        &sweep.agg,
        "parallel                   batch  context",
        |r: &AggRow| Line {
            key: format!("{:<26} {:>5} {:>8}", r.parallel, r.bs, r.ctx_tokens),
            figures: [
                r.tokens_s_user,
                r.tokens_s_gpu,
                r.tokens_s_gpu_cluster,
                r.ttft,
                r.tpot,
            ],
        },
    );
    out += &front(
        "Disaggregated",
        &sweep.disagg,
        "prefill                            decode                             ",
        |r: &DisaggRow| Line {
            key: format!(
                "{:<34} {:<35}",
                format!("{}×{} b{}", r.p_workers, r.p_parallel, r.p_bs),
                format!("{}×{} b{}", r.d_workers, r.d_parallel, r.d_bs)
            ),
            figures: [
                r.tokens_s_user,
                r.tokens_s_gpu,
                r.tokens_s_gpu_cluster,
                r.ttft,
                r.tpot,
            ],
        },
    );
    out.trim_end().to_owned()
}

/// One printed row.
struct Line {
    key: String,
    figures: [f64; 5],
}

fn front<R: PartialEq>(
    name: &str,
    front: &Front<R>,
    head: &str,
    line: impl Fn(&R) -> Line,
) -> String {
    if front.rows.is_empty() {
        return format!("\n{name}: nothing keeps the limit of the time to the first token.\n");
    }
    let mut out = format!(
        "\n{name}\n  {head} {:>11} {:>11} {:>11} {:>10} {:>9}\n",
        "tok/s/user", "tok/s/GPU", "of cluster", "TTFT ms", "TPOT ms"
    );
    for row in &front.rows {
        let Line { key, figures } = line(row);
        let [user, gpu, cluster, ttft, tpot] = figures;
        let mark = if front.best.as_ref() == Some(row) {
            "  best"
        } else {
            ""
        };
        out += &format!(
            "  {key} {user:>11.3} {gpu:>11.3} {cluster:>11.3} {ttft:>10.3} {tpot:>9.3}{mark}\n"
        );
    }
    if front.best.is_none() {
        out += "  None of them keeps the limit of the time between tokens.\n";
    }
    out
}
