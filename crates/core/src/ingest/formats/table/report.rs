//! What a report says in words: the configuration, the limits, the projection, single figures.
//!
//! Knows the statements people write in such reports; refuses to judge them.

use super::blocks::Block;
use super::heads::metric;
use crate::ingest::quantity::{Dimension, count, quantity};
use crate::model::{Context, Metric, Quantization};
use crate::units::Seconds;

/// A projection that a report quotes.
#[derive(Debug, Clone, Default)]
pub struct Projection {
    /// Whether the section names AIConfigurator.
    pub aic: bool,
    /// Line of the throughput, from 1.
    pub line: usize,
    /// Projected rate, per GPU or whole system.
    pub rate: Option<(Metric, f64)>,
    /// Requests in flight.
    pub concurrency: Option<u32>,
    /// Disaggregated.
    pub disagg: Option<bool>,
    /// Tensor, pipeline and data parallelism.
    pub tp: Option<u32>,
    /// Pipeline parallelism.
    pub pp: Option<u32>,
    /// Data parallelism.
    pub dp: Option<u32>,
    /// TTFT.
    pub ttft: Option<f64>,
    /// TPOT.
    pub tpot: Option<f64>,
    /// Quantization.
    pub quantization: Quantization,
}

/// A figure that a sentence states: `AIC: 2,761ms (concurrency 1)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated {
    /// Name of the system as written.
    pub system: String,
    /// Metric.
    pub metric: Metric,
    /// Requests in flight.
    pub concurrency: u32,
    /// Value in SI.
    pub value: f64,
    /// Line, from 1.
    pub line: usize,
}

/// What a report says in words.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// What it says about the work.
    pub context: Context,
    /// The projection it quotes.
    pub projection: Projection,
    /// Single figures.
    pub stated: Vec<Stated>,
    /// GPUs of every system, when stated.
    pub gpus: Option<u32>,
    /// One concurrency for the whole text.
    pub concurrency: Option<u32>,
    /// Whether it is prose at all.
    pub prose: bool,
}

/// Reads the statements of a text.
pub fn report(blocks: &[Block], text: &str) -> Report {
    let mut out = Report::default();
    let mut projecting: Option<u8> = None;
    let mut heading = String::new();
    for block in blocks {
        match block {
            Block::Heading(level, words) => {
                out.prose = true;
                if *level == 1 && out.context.title.is_none() {
                    out.context.title = Some(words.clone());
                }
                let lower = words.to_ascii_lowercase();
                let quoted = ["projection", "projected", "predicted", "prediction"]
                    .iter()
                    .any(|w| lower.contains(w));
                let judged = ["accuracy", " vs", "reality", "against", "compar", "error"]
                    .iter()
                    .any(|w| lower.contains(w));
                if quoted && !judged {
                    projecting = Some(*level);
                    out.projection.aic |= lower.contains("aic") || lower.contains("configurator");
                } else if projecting.is_some_and(|p| *level <= p) {
                    projecting = None;
                }
                heading.clone_from(words);
            }
            Block::Statement(key, value, line) => {
                let lower = key.to_ascii_lowercase();
                if projecting.is_some() {
                    out.projection.state(&lower, value, *line);
                } else {
                    out.state(&lower, value);
                }
                out.figures(key, value, &heading, *line);
            }
            Block::Table(_) | Block::Line(_) => {}
        }
    }
    out.context.measured_with = tool(text).filter(|_| out.prose);
    if out.projection.rate.is_some() {
        out.context.chosen = out
            .projection
            .disagg
            .map(|d| if d { "disagg" } else { "agg" }.to_owned());
    }
    out
}

fn tool(text: &str) -> Option<String> {
    let text = text.to_ascii_lowercase().replace('_', "-");
    [
        "genai-perf",
        "aiperf",
        "vllm bench",
        "guidellm",
        "inference-perf",
        "llmperf",
        "trtllm-bench",
        "perf-analyzer",
    ]
    .into_iter()
    .find(|t| text.contains(t))
    .map(str::to_owned)
}

fn set<T>(slot: &mut Option<T>, value: Option<T>) {
    if slot.is_none() {
        *slot = value;
    }
}

impl Report {
    fn state(&mut self, key: &str, value: &str) {
        let c = &mut self.context;
        match key {
            "model" | "model name" | "llm" | "served model" => {
                set(&mut c.model, Some(value.to_owned()))
            }
            "backend" | "framework" | "engine" | "serving backend" | "serving engine"
            | "inference engine" | "runtime" => {
                let (name, version) = name_and_version(value);
                set(&mut c.backend, Some(name));
                set(&mut c.backend_version, version);
            }
            "hardware" | "gpu" | "gpu type" | "gpus" | "system" | "accelerator" | "gpu model" => {
                let (gpus, name) = counted(value);
                set(&mut self.gpus, gpus);
                if !name.is_empty() {
                    set(&mut c.system, Some(name));
                }
            }
            "gpu count" | "number of gpus" | "num gpus" | "total gpus" => {
                set(
                    &mut self.gpus,
                    quantity(value).and_then(|q| count(q.written)),
                );
            }
            "input sequence length"
            | "isl"
            | "input length"
            | "input tokens"
            | "input sequence length (isl)" => {
                set(&mut c.isl, tokens(value));
            }
            "output sequence length"
            | "osl"
            | "output length"
            | "output tokens"
            | "output sequence length (osl)" => {
                set(&mut c.osl, tokens(value));
            }
            "concurrency" => set(
                &mut self.concurrency,
                quantity(value).and_then(|q| count(q.written)),
            ),
            _ => {}
        }
        let limits = ["sla", "slo", "limit", "requirement"]
            .iter()
            .any(|w| key.contains(w));
        if limits || value.trim_start().starts_with(['≤', '<']) {
            let text = if limits {
                format!("{key} {value}")
            } else {
                format!("{key}: {value}")
            };
            set(&mut c.ttft, limit(&text, "ttft").map(Seconds));
            set(
                &mut c.tpot,
                limit(&text, "tpot")
                    .or_else(|| limit(&text, "itl"))
                    .map(Seconds),
            );
        }
    }

    /// Every `figure (concurrency N)` of a statement under a heading that names a metric.
    fn figures(&mut self, system: &str, value: &str, heading: &str, line: usize) {
        let Some(named) = metric(heading) else { return };
        let lower = value.to_ascii_lowercase();
        let mut from = 0;
        while let Some(at) = lower.get(from..).and_then(|rest| rest.find("concurrency")) {
            let start = from + at;
            let end = start + "concurrency".len();
            let after = lower
                .get(end..)
                .unwrap_or_default()
                .trim_start_matches([' ', '=', ':']);
            let before = lower.get(from..start).unwrap_or_default();
            let before = before
                .trim_end_matches(['(', ' ', '@', '['])
                .trim_end_matches(" at");
            let figure = before
                .find(|c: char| c.is_ascii_digit())
                .and_then(|i| quantity(before.get(i..)?));
            let concurrency = quantity(after).and_then(|q| count(q.written));
            if let (Some(q), Some(concurrency)) = (figure, concurrency)
                && q.dimension != Dimension::None
                && super::heads::fits(q.dimension, named.metric)
                && q.dimension != Dimension::Other
            {
                self.stated.push(Stated {
                    system: system.to_owned(),
                    metric: named.metric,
                    concurrency,
                    value: q.si,
                    line,
                });
            }
            // Past the number, so that it is not taken for the next figure.
            let digits = after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            from = lower.len() - after.len() + digits;
        }
    }
}

impl Projection {
    fn state(&mut self, key: &str, value: &str, line: usize) {
        let q = quantity(value);
        if let Some(q) = q
            && self.rate.is_none()
        {
            let metric = match q.dimension {
                Dimension::TokenRatePerGpu => Some(Metric::OutputThroughputPerGpu),
                Dimension::TokenRate => Some(Metric::OutputThroughput),
                _ => None,
            };
            if let Some(metric) = metric {
                self.rate = Some((metric, q.si));
                self.line = line;
            }
        }
        let time = q.filter(|q| q.dimension == Dimension::Time).map(|q| q.si);
        let number = q.and_then(|q| count(q.written));
        match key {
            "concurrency" => set(&mut self.concurrency, number),
            "ttft" | "projected ttft" => set(&mut self.ttft, time),
            "tpot" | "projected tpot" => set(&mut self.tpot, time),
            "system type" | "mode" | "serving mode" | "deployment" => {
                let v = value.to_ascii_lowercase();
                let kind = if v.starts_with("disagg") {
                    Some(true)
                } else if v.starts_with("agg") {
                    Some(false)
                } else {
                    None
                };
                set(&mut self.disagg, kind);
            }
            "tensor parallelism" => set(&mut self.tp, number),
            "pipeline parallelism" => set(&mut self.pp, number),
            "data parallelism" => set(&mut self.dp, number),
            "quantization" => self.quantize(value),
            "configuration" | "config" | "parallelism" | "parallel config" => {
                set(&mut self.tp, assigned(value, "tp"));
                set(&mut self.pp, assigned(value, "pp"));
                set(&mut self.dp, assigned(value, "dp"));
                if let Some(part) = value
                    .split(',')
                    .find(|p| p.to_ascii_lowercase().contains("quant"))
                {
                    self.quantize(part);
                }
            }
            _ => {}
        }
    }

    /// `FP8 (gemm, kvcache, fmha, moe, comm)`; without a list only the weights are said.
    fn quantize(&mut self, value: &str) {
        let Some(name) = value
            .split([' ', '('])
            .find(|w| !w.is_empty())
            .map(str::to_owned)
        else {
            return;
        };
        let lower = value.to_ascii_lowercase();
        let list = lower.contains('(');
        let mut one = |slot: fn(&mut Quantization) -> &mut Option<String>, word: &str| {
            if lower.contains(word) || (!list && word == "gemm") {
                let slot = slot(&mut self.quantization);
                if slot.is_none() || list {
                    *slot = Some(name.clone());
                }
            }
        };
        one(|q| &mut q.gemm, "gemm");
        one(|q| &mut q.kvcache, "kvcache");
        one(|q| &mut q.fmha, "fmha");
        one(|q| &mut q.comm, "comm");
    }

    /// GPUs of one replica of the chosen configuration.
    pub fn gpus(&self) -> Option<u32> {
        self.tp?
            .checked_mul(self.pp.unwrap_or(1))?
            .checked_mul(self.dp.unwrap_or(1))
            .filter(|g| *g > 0)
    }
}

/// `TensorRT-LLM v0.20.0` as name and version.
fn name_and_version(value: &str) -> (String, Option<String>) {
    match value.rsplit_once([' ', '=']) {
        Some((name, last)) => {
            let version = last.trim_start_matches(['v', 'V']);
            if version.starts_with(|c: char| c.is_ascii_digit()) {
                return (
                    name.trim_end_matches('=').trim().to_owned(),
                    Some(version.to_owned()),
                );
            }
            (value.to_owned(), None)
        }
        None => (value.to_owned(), None),
    }
}

/// `8x H200 SXM` as count and name.
fn counted(value: &str) -> (Option<u32>, String) {
    let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
    let rest = value.get(digits.len()..).unwrap_or_default().trim_start();
    match (digits.parse().ok(), rest.strip_prefix(['x', '×'])) {
        (Some(n), Some(name)) => (Some(n), name.trim().to_owned()),
        (Some(n), None) if rest.is_empty() => (Some(n), String::new()),
        _ => (None, value.to_owned()),
    }
}

fn tokens(value: &str) -> Option<f64> {
    let q = quantity(value)?;
    (q.written > 0.0).then_some(q.written)
}

/// The time after a word such as `ttft`, in seconds: `TTFT ≤ 300ms, TPOT ≤ 10ms`.
fn limit(text: &str, word: &str) -> Option<f64> {
    let text = text.to_ascii_lowercase();
    let after = text.get(text.find(word)? + word.len()..)?;
    let from = after.find(|c: char| c.is_ascii_digit())?;
    let between = after.get(..from)?;
    if between.len() > 24 || between.contains(',') {
        return None;
    }
    let q = quantity(after.get(from..)?)?;
    (q.dimension == Dimension::Time && q.si > 0.0).then_some(q.si)
}

/// `8` of `TP=8`, `TP8` or `tp: 8`.
fn assigned(text: &str, word: &str) -> Option<u32> {
    let text = text.to_ascii_lowercase();
    let after = text
        .get(text.find(word)? + word.len()..)?
        .trim_start_matches([' ', '=', ':']);
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}
