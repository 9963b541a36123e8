//! The charts of What-if: projected fronts, where the time goes, memory against what a GPU has.

use crate::analysis::Analysis;
use crate::chart::stacked::{Capacity, Segment, StackedBar, StackedBars};
use crate::chart::{
    Across, AxisSpec, ChartSpec, Limit, Line, Mark, MarkKind, MarkSize, Note, Scale, Series, Slot,
    Stroke,
};
use crate::cost::{AggRow, Chosen, DisaggRow, Phase, RuleSet, Sweep};
use crate::fmt;
use crate::model::{RunKind, Sla, Workspace};
use crate::whatif::{Inputs, Outcome, setup, short_rules};

/// A point that the person marked: the letter, its speed for one user, its output per GPU, what it is.
pub type Pinned = (String, f64, f64, String);

/// What the fronts are drawn from.
pub struct Fronts<'a> {
    /// The inputs.
    pub inputs: &'a Inputs,
    /// The limits.
    pub sla: &'a Sla,
    /// The sweep under the rules of the inputs.
    pub sweep: &'a Sweep,
    /// The same under the other rules.
    pub other: Option<(RuleSet, &'a Sweep)>,
    /// The configuration of the inputs.
    pub now: Option<&'a Outcome>,
    /// Pinned scenarios.
    pub pins: &'a [Pinned],
    /// The table, when its measured runs are to be drawn.
    pub measured: Option<(&'a Workspace, &'a Analysis)>,
}

/// How an aggregated row is set up, for tooltip and label.
fn agg_setup(r: &AggRow) -> String {
    format!("TP{}, concurrency {}", r.tp, r.concurrency)
}

/// How a replica is set up.
pub fn disagg_setup(r: &DisaggRow) -> String {
    format!(
        "{} × TP{} prefill + {} × TP{} decode, concurrency {}",
        r.p_workers, r.p_tp, r.d_workers, r.d_tp, r.concurrency
    )
}

fn swept(x: f64, y: f64, about: String) -> Mark {
    Mark {
        about: Some(about),
        ..Mark::of(MarkKind::Projected, x, y)
    }
}

/// Rings the best of a front; of the two bests AIC chooses one.
fn best(mark: &mut Mark, name: &str, chosen: bool) {
    mark.ringed = true;
    mark.label = Some(format!("{name} {}", fmt::number(mark.y, 1)));
    if let (true, Some(about)) = (chosen, &mut mark.about) {
        *about = format!("AIC’s choice: {about}");
    }
    mark.detail.clone_from(&mark.about);
}

/// One version's two fronts.
fn version(sweep: &Sweep, rules: RuleSet, slot: Slot, thin: bool) -> [Series; 2] {
    let series = |id: &str, way: &str, marks: Vec<Mark>| Series {
        id: format!("{id}-{rules}"),
        label: format!("{way}, {}", short_rules(rules)),
        slot,
        line: Line::Dashed,
        stroke: if thin { Stroke::Thin } else { Stroke::Regular },
        size: MarkSize::Small,
        marks,
        ..Series::default()
    };
    let agg = sweep.agg.rows.iter().map(|r| {
        let mut m = swept(r.tokens_s_user, r.tokens_s_gpu, agg_setup(r));
        if sweep.agg.best.as_ref() == Some(r) {
            best(&mut m, "Aggregated best", sweep.chosen == Chosen::Agg);
        }
        m
    });
    let disagg = sweep.disagg.rows.iter().map(|r| {
        let mut m = swept(r.tokens_s_user, r.tokens_s_gpu, disagg_setup(r));
        if sweep.disagg.best.as_ref() == Some(r) {
            best(&mut m, "Disaggregated best", sweep.chosen == Chosen::Disagg);
        }
        m
    });
    [
        series("agg", "Aggregated", agg.collect()),
        series("disagg", "Disaggregated", disagg.collect()),
    ]
}

/// The projected fronts with the region within the TPOT limit.
pub fn what_if_fronts(f: &Fronts<'_>) -> ChartSpec {
    let rules = f.inputs.rules;
    let mut series = Vec::new();
    let mut notes = Vec::new();
    if let Some(now) = f.now {
        let mark = Mark {
            label: Some(format!("Now {}", fmt::number(now.estimate.tokens_s_gpu, 1))),
            detail: Some(format!(
                "TP{}, concurrency {}",
                f.inputs.config.tp,
                f.inputs.concurrency()
            )),
            about: Some(setup(f.inputs)),
            ..Mark::of(
                MarkKind::Pinned,
                now.estimate.tokens_s_user.unwrap_or(0.0),
                now.estimate.tokens_s_gpu,
            )
        };
        series.push(single("now", "The inputs", vec![mark]));
    }
    let pins: Vec<Mark> = f
        .pins
        .iter()
        .map(|(letter, x, y, about)| Mark {
            about: Some(about.clone()),
            ..Mark::of(MarkKind::Pinned, *x, *y).labelled(letter.clone())
        })
        .collect();
    if !pins.is_empty() {
        series.push(single("pins", "Pinned", pins));
    }
    let here = version(f.sweep, rules, Slot::PROJECTION, false);
    for s in &here {
        if let Some(first) = s.marks.first() {
            notes.push(Note {
                x: first.x,
                y: first.y,
                text: s.label.clone(),
                slot: Some(Slot::PROJECTION),
                strong: true,
                ..Note::default()
            });
        }
    }
    series.extend(here);
    if let Some((rules, sweep)) = f.other {
        let there = version(sweep, rules, Slot::run(5), true);
        if let Some(last) = there.iter().find_map(|s| s.marks.last()) {
            notes.push(Note {
                x: last.x,
                y: last.y,
                text: short_rules(rules).to_owned(),
                slot: Some(Slot::run(5)),
                strong: true,
                ..Note::default()
            });
        }
        series.extend(there.into_iter().map(|mut s| {
            for m in &mut s.marks {
                // The other version's best are ringed; their names would crowd the chart and stand in the tooltip.
                m.label = None;
                m.detail = None;
            }
            s
        }));
    }
    if let Some((ws, analysis)) = f.measured {
        series.extend(measured(ws, analysis));
    }
    series.retain(|s| !s.marks.is_empty());
    let limits = f.sla.tpot.map(|t| Limit {
        id: "tpot".into(),
        across: Across::X,
        value: 1.0 / t.0,
        below_is_within: false,
        label: format!("TPOT ≤ {}", fmt::ms(t)),
        hint: String::new(),
        grip: false,
    });
    ChartSpec {
        id: "what-if-fronts".into(),
        title: "Projected fronts".into(),
        subtitle: subtitle(f),
        summary: summary(f),
        x: AxisSpec {
            title: "Output tokens/s per user (1 ÷ TPOT)".into(),
            scale: Scale::Linear { zero: true },
            include: limits.iter().map(|l| l.value).collect(),
            ..AxisSpec::default()
        },
        y: AxisSpec {
            title: "Output tokens/s per GPU".into(),
            ..AxisSpec::default()
        },
        empty: series.is_empty().then(|| {
            (
                "No configuration keeps the TTFT limit.".into(),
                "A higher TTFT limit, fewer input tokens or more GPUs would give a front.".into(),
            )
        }),
        series,
        limits: limits.into_iter().collect(),
        notes,
        ..ChartSpec::default()
    }
}

fn single(id: &str, label: &str, marks: Vec<Mark>) -> Series {
    Series {
        id: id.into(),
        label: label.into(),
        slot: Slot::PROJECTION,
        line: Line::None,
        marks,
        ..Series::default()
    }
}

/// Candidate and baseline as measured, where the output is per GPU.
fn measured(ws: &Workspace, analysis: &Analysis) -> Vec<Series> {
    let sides = [analysis.candidate, analysis.baseline];
    analysis
        .frontier
        .iter()
        .filter(|f| f.per_gpu && sides.contains(&Some(f.run)))
        .filter_map(|f| {
            let run = ws.runs.get(f.run).filter(|r| r.kind == RunKind::Measured)?;
            let marks = f
                .points
                .iter()
                .filter(|p| p.on_front)
                .map(|p| {
                    let mut m = Mark::measured(p.per_user, p.output);
                    m.label = p.concurrency.map(|c| c.to_string());
                    m
                })
                .collect();
            Some(Series {
                id: run.id.clone(),
                label: format!("{}, measured", run.label),
                slot: super::slot(&ws.runs, f.run),
                marks,
                ..Series::default()
            })
        })
        .collect()
}

/// Whether measured runs could be drawn at all on these axes.
pub fn can_overlay(analysis: &Analysis, ws: &Workspace) -> bool {
    !measured(ws, analysis).is_empty()
}

fn subtitle(f: &Fronts<'_>) -> String {
    let mut text = if f.measured.is_some() {
        String::from("Dashed is projected, solid is measured")
    } else {
        String::from("All dashed: nothing here is measured")
    };
    if let Some(t) = f.sla.ttft {
        text.push_str(&format!(". Every point keeps TTFT ≤ {}", fmt::ms(t)));
    }
    text
}

fn summary(f: &Fronts<'_>) -> String {
    let of = |name: &str, n: usize, best: Option<f64>| {
        let best = best.map_or_else(
            || "none within the limits".to_owned(),
            |b| format!("the best {} tokens/s per GPU", fmt::number(b, 1)),
        );
        format!(
            "{} on the {name} front, {best}",
            fmt::counted(n, "point", "points")
        )
    };
    format!(
        "Under {} rules: {}; {}.",
        short_rules(f.inputs.rules),
        of(
            "aggregated",
            f.sweep.agg.rows.len(),
            f.sweep.agg.best.as_ref().map(|r| r.tokens_s_gpu)
        ),
        of(
            "disaggregated",
            f.sweep.disagg.rows.len(),
            f.sweep.disagg.best.as_ref().map(|r| r.tokens_s_gpu)
        )
    )
}

/// Operations that belong together, by name.
const GROUPS: [(&str, &[&str]); 7] = [
    ("FFN GEMMs", &["gate_up_gemm", "down_gemm"]),
    ("Attention GEMMs", &["qkv_gemm", "proj_gemm"]),
    ("All-reduce", &["all_reduce", "embedding_all_reduce"]),
    ("Attention", &["context_attention", "decode_attention"]),
    (
        "Norms, activation",
        &["attention_norm", "ffn_norm", "activation"],
    ),
    ("Embedding, logits", &["embedding", "logits_gemm"]),
    ("Between stages", &["p2p"]),
];

fn phase_title(phase: &Phase, outcome: &Outcome) -> String {
    let steps = outcome.estimate.steps;
    match (phase.name, steps) {
        ("mix_step", Some(s)) => format!(
            "Mixed step, {} and {}",
            fmt::counted(s.ctx_requests as usize, "prompt", "prompts"),
            fmt::counted(s.mix_decodes as usize, "decode", "decodes")
        ),
        _ => format!(
            "Decode step, {}",
            fmt::counted(phase.tokens as usize, "request", "requests")
        ),
    }
}

/// Where the time of a batch goes, step by step.
pub fn what_if_time(inputs: &Inputs, outcome: &Outcome) -> StackedBars {
    let phases = &outcome.breakdown.phases;
    let all: f64 = phases.iter().map(|p| p.ms * p.steps as f64).sum();
    let mut most: Option<(&str, f64)> = None;
    let bars = phases
        .iter()
        .map(|p| {
            let share = p.ms * p.steps as f64 / all;
            let segments: Vec<Segment> = GROUPS
                .iter()
                .map(|(name, ops)| {
                    let ms: f64 = p
                        .ops
                        .iter()
                        .filter(|o| ops.contains(&o.op))
                        .map(|o| o.ms)
                        .sum();
                    let weight = ms / p.ms * share;
                    if most.is_none_or(|(_, w)| weight > w) {
                        most = Some((name, weight));
                    }
                    Segment {
                        label: (*name).to_owned(),
                        value: ms,
                        figure: fmt::percent(ms / p.ms, 0),
                    }
                })
                .collect();
            StackedBar {
                label: phase_title(p, outcome),
                note: format!(
                    "{} ms × {} = {} of the time",
                    fmt::sig(p.ms, 3),
                    fmt::number(p.steps as f64, 0),
                    fmt::percent(share, 0)
                ),
                segments,
                capacity: None,
            }
        })
        .collect();
    StackedBars {
        id: "what-if-time".into(),
        title: "Where the time goes".into(),
        subtitle: format!("{}; share of each step", setup(inputs)),
        summary: most.map_or_else(
            || "There is no time to split.".to_owned(),
            |(name, share)| {
                format!(
                    "The largest part of one kind of step is {name}, at {} of all time.",
                    fmt::percent(share, 0)
                )
            },
        ),
        bars,
    }
}

/// The memory of one GPU against what it has.
pub fn what_if_memory(inputs: &Inputs, outcome: &Outcome) -> StackedBars {
    let m = &outcome.estimate.memory;
    let free = m.capacity_gib - m.total_gib;
    let gib = |v: f64| format!("{} GiB", fmt::sig(v, 3));
    let segments = [
        ("weights", m.weights_gib),
        ("KV cache", m.kv_gib),
        ("activations", m.activations_gib),
        ("NCCL", m.nccl_gib),
        ("other", m.other_gib),
    ]
    .into_iter()
    .map(|(label, value)| Segment {
        label: label.to_owned(),
        value,
        figure: fmt::number(value, 2),
    })
    .collect();
    StackedBars {
        id: "what-if-memory".into(),
        title: "Memory per GPU".into(),
        subtitle: format!("{}; the lower bar magnifies the used part", setup(inputs)),
        summary: if free > 0.0 {
            format!("{} of {} are used.", gib(m.total_gib), gib(m.capacity_gib))
        } else {
            format!(
                "It would need {} and has {}.",
                gib(m.total_gib),
                gib(m.capacity_gib)
            )
        },
        bars: vec![StackedBar {
            label: format!("{} used", gib(m.total_gib)),
            note: String::new(),
            segments,
            capacity: Some(Capacity {
                value: m.capacity_gib,
                label: gib(m.capacity_gib),
                free: if free > 0.0 {
                    format!("{} free", gib(free))
                } else {
                    format!("{} too much", gib(-free))
                },
            }),
        }],
    }
}
