//! ROOF: figures against what the memory and the arithmetic of the GPUs allow.
//!
//! Knows a few dense models and one GPU type; says so where it does not know one.

use super::{Case, Check, Finding, Grade, PointRef, Question, Row};
use crate::fmt;
use crate::model::{Metric, Run};

/// A dense decoder with grouped-query attention.
struct Model {
    /// Letters and digits of its name, in lower case.
    key: &'static str,
    /// Layers, query heads, KV heads, head dimension, hidden size, feed-forward size.
    shape: [f64; 6],
    vocabulary: f64,
}

/// Shapes as AIConfigurator 0.2.0 holds them.
const MODELS: [Model; 5] = [
    Model {
        key: "qwen332b",
        shape: [64.0, 64.0, 8.0, 128.0, 5120.0, 25600.0],
        vocabulary: 151_936.0,
    },
    Model {
        key: "llama3170b",
        shape: [80.0, 64.0, 8.0, 128.0, 8192.0, 28672.0],
        vocabulary: 128_256.0,
    },
    Model {
        key: "llama318b",
        shape: [32.0, 32.0, 8.0, 128.0, 4096.0, 14336.0],
        vocabulary: 128_256.0,
    },
    Model {
        key: "qwen2532b",
        shape: [64.0, 40.0, 8.0, 128.0, 5120.0, 27648.0],
        vocabulary: 152_064.0,
    },
    Model {
        key: "qwen257b",
        shape: [28.0, 28.0, 4.0, 128.0, 3584.0, 18944.0],
        vocabulary: 152_064.0,
    },
];

impl Model {
    /// Weights of all layers: qkv, projection, gate and up, down.
    fn layer_weights(&self) -> f64 {
        let [layers, heads, kv, d, h, ffn] = self.shape;
        layers * ((heads * d + 2.0 * kv * d) * h + h * heads * d + 3.0 * ffn * h)
    }
    /// Weights that every decode step reads: the layers and, in 16 bits, the output head.
    fn decode_bytes(&self, bytes_per_weight: f64) -> f64 {
        let [.., h, _] = self.shape;
        self.layer_weights() * bytes_per_weight + self.vocabulary * h * 2.0
    }
}

/// H200 SXM: bytes/s of memory and 16-bit dense FLOP/s, as AIConfigurator 0.2.0 holds them.
const H200_BANDWIDTH: f64 = 4.8e12;
const H200_FLOPS_16: f64 = 989e12;

fn letters(name: &str) -> String {
    name.chars()
        .filter(char::is_ascii_alphanumeric)
        .collect::<String>()
        .to_ascii_lowercase()
}

fn model_of(name: &str) -> Option<&'static Model> {
    let n = letters(name);
    MODELS.iter().find(|m| n.contains(m.key))
}

/// Bytes a weight; where no source says, the most generous: 4 bits.
fn weight_bytes(r: &Run, model: &str) -> (f64, &'static str) {
    let q = r
        .deployment
        .quantization
        .gemm
        .clone()
        .unwrap_or_else(|| model.to_owned())
        .to_ascii_lowercase();
    if ["fp8", "int8", "w8"].iter().any(|k| q.contains(k)) {
        (1.0, "8-bit weights")
    } else if ["float16", "bf16", "bfloat16", "fp16", "half"]
        .iter()
        .any(|k| q.contains(k))
    {
        (2.0, "16-bit weights")
    } else {
        (
            0.5,
            "4-bit weights, the most generous reading, as none is stated",
        )
    }
}

pub(super) const ROOF: Row = Row {
    title: "Hardware bound",
    tests: "No figure beats the memory bandwidth or the arithmetic of the GPUs.",
    needs: "a known model, GPU type and GPU count",
    bears_on: &[Question::WhoWins, Question::Projection],
    weakest: "a figure beats the hardware",
    by_point: false,
    run: roof,
};

/// ROOF: decode speed of one user against bandwidth, prefill rate against FLOP/s.
fn roof(case: &Case<'_>) -> Vec<Finding> {
    let context = &case.ws.context;
    let mut broken: Vec<(PointRef, String)> = Vec::new();
    let mut closest: Option<(f64, String)> = None;
    let mut unknown: Vec<String> = Vec::new();
    let mut checked: Vec<PointRef> = Vec::new();
    for run in case
        .measured()
        .into_iter()
        .chain(case.projections.iter().copied())
    {
        let Some(r) = case.run(run) else { continue };
        let name = r.deployment.model.as_ref().or(context.model.as_ref());
        let system = r.deployment.system.as_ref().or(context.system.as_ref());
        let known = name.and_then(|n| Some((n, model_of(n)?)));
        let Some((name, model)) = known else {
            unknown.push(format!(
                "{}: the model is not among the known ones",
                r.label
            ));
            continue;
        };
        if !system.is_some_and(|s| letters(s).contains("h200")) {
            unknown.push(format!("{}: the GPU type is not a known one", r.label));
            continue;
        }
        let (bytes, words) = weight_bytes(r, name);
        for (at, _, p) in case.points(run) {
            let Some(gpus) = p.gpus.or(r.gpus()).map(f64::from) else {
                unknown.push(format!("{}: the GPU count is not known", r.label));
                break;
            };
            let mut hold = |used: f64, bound: f64, line: String| {
                let share = used / bound;
                if share > 1.0 {
                    broken.push((at, line));
                } else if closest.as_ref().is_none_or(|(s, _)| share > *s) {
                    closest = Some((share, line));
                }
            };
            checked.push(at);
            if let Some(tpot) = p.reported(Metric::Tpot).filter(|t| *t > 0.0) {
                let bound = H200_BANDWIDTH * gpus / model.decode_bytes(bytes);
                hold(
                    1.0 / tpot,
                    bound,
                    format!(
                        "{} at {}: 1 ÷ TPOT = {} tok/s per user, bound {} ({} GPUs × 4.8 TB/s ÷ {} GB, {words})",
                        r.label,
                        case.load_words(p),
                        fmt::sig(1.0 / tpot, 3),
                        fmt::sig(bound, 4),
                        fmt::number(gpus, 0),
                        fmt::sig(model.decode_bytes(bytes) / 1e9, 3),
                    ),
                );
            }
            let isl = r
                .value(p, Metric::Isl)
                .map(|(v, _)| v)
                .or(p.workload.isl)
                .or_else(|| case.key.and_then(|k| k.isl).map(|v| v as f64));
            if let (Some(x), Some(isl)) = (p.reported(Metric::RequestThroughput), isl) {
                let factor = if bytes < 2.0 { 2.0 } else { 1.0 };
                let bound = H200_FLOPS_16 * factor * gpus / (2.0 * model.layer_weights());
                hold(
                    x * isl,
                    bound,
                    format!(
                        "{} at {}: {} req/s × {} in = {} prefill tok/s, bound {} (2 × {} G weights a token)",
                        r.label,
                        case.load_words(p),
                        fmt::sig(x, 3),
                        fmt::number(isl, 0),
                        fmt::sig(x * isl, 4),
                        fmt::sig(bound, 4),
                        fmt::sig(model.layer_weights() / 1e9, 3),
                    ),
                );
            }
        }
    }
    if !broken.is_empty() {
        let (points, lines): (Vec<_>, Vec<_>) = broken.into_iter().unzip();
        return vec![
            Finding::new(
                Check::Roof,
                Grade::Block,
                "A figure beats what the hardware allows",
            )
            .so("A shared prompt prefix served from the cache, speculative decoding, or a wrong GPU count or unit would do this.")
            .lines(lines)
            .at(points)
            .advise("Check the GPU count, the unit and whether the prompts share a prefix."),
        ];
    }
    match closest {
        Some((share, line)) => vec![
            Finding::new(Check::Roof, Grade::Pass, "No figure beats the hardware")
                .line(line)
                .line(format!(
                    "closest to a bound: {} of it",
                    fmt::percent(share, 1)
                ))
                .lines(unknown)
                .at(checked),
        ],
        None => {
            unknown.dedup();
            vec![
                Finding::no_data(
                    Check::Roof,
                    "The hardware bounds of these runs are not known",
                )
                .lines(unknown),
            ]
        }
    }
}
