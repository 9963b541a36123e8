//! ROOF: figures against what the memory and the arithmetic of the GPUs allow.
//!
//! Knows the dense models and the GPU systems of the cost model; says so where it does not know one.

use super::{Case, Check, Finding, Grade, PointRef, Question, Row};
use crate::cost::resolve::{arch_of, hardware_of};
use crate::cost::{Arch, Hardware};
use crate::fmt;
use crate::model::{Metric, Run};

/// Weights of all layers of a dense decoder: qkv, projection, gate and up, down.
fn layer_weights(a: &Arch) -> f64 {
    let [layers, heads, kv, d, h, ffn] =
        [a.layers, a.heads, a.kv_heads, a.head_dim, a.hidden, a.ffn].map(f64::from);
    layers * ((heads * d + 2.0 * kv * d) * h + h * heads * d + 3.0 * ffn * h)
}

/// Bytes of the weights that every decode step reads: the layers and, in 16 bits, the output head.
fn decode_bytes(a: &Arch, bytes_per_weight: f64) -> f64 {
    layer_weights(a) * bytes_per_weight + f64::from(a.vocab) * f64::from(a.hidden) * 2.0
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
        let known = name.and_then(|n| Some((n, arch_of(n)?)));
        let Some((name, model)) = known else {
            unknown.push(format!(
                "{}: the model is not among the known ones",
                r.label
            ));
            continue;
        };
        let Some(hw) = system.and_then(|s| hardware_of(s)) else {
            unknown.push(format!("{}: the GPU type is not a known one", r.label));
            continue;
        };
        let Hardware {
            mem_bandwidth,
            flops_16bit,
            ..
        } = hw;
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
                let bound = mem_bandwidth * gpus / decode_bytes(model, bytes);
                hold(
                    1.0 / tpot,
                    bound,
                    format!(
                        "{} at {}: 1 ÷ TPOT = {} tok/s per user, bound {} ({} GPUs × {} TB/s ÷ {} GB, {words})",
                        r.label,
                        case.load_words(p),
                        fmt::sig(1.0 / tpot, 3),
                        fmt::sig(bound, 4),
                        fmt::number(gpus, 0),
                        fmt::sig(mem_bandwidth / 1e12, 2),
                        fmt::sig(decode_bytes(model, bytes) / 1e9, 3),
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
                let bound = flops_16bit * factor * gpus / (2.0 * layer_weights(model));
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
                        fmt::sig(layer_weights(model) / 1e9, 3),
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
