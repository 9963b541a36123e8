//! What the person looks at, as the fragment of the page's address: `#compare?stat=p95&scope=gpu`.
//!
//! Versioned by the key `v`; defaults are left out; what is unknown is ignored, so that an old
//! page opens a newer link as well as it can. Data is never part of it.

use crate::model::{Load, Metric, Stat, Treatment};
use crate::thresholds::{KNOBS, Knob, Thresholds};
use crate::units::Seconds;
use crate::whatif::{Asked, Shown};

/// The version that [`ViewState::to_fragment`] writes.
pub const VERSION: u32 = 1;

/// No more scenarios than this are pinned.
pub const PINS: usize = 12;

/// A view of the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum View {
    /// Who wins, SLA, projection.
    #[default]
    Verdict,
    /// Candidate against baseline.
    Compare,
    /// Limits.
    Sla,
    /// Projection against measurement.
    Accuracy,
    /// A configuration that the person turns.
    WhatIf,
    /// Checks.
    Audit,
    /// The document.
    Report,
}

impl View {
    /// All views, in the order of the tabs.
    pub const ALL: [Self; 7] = [
        Self::Verdict,
        Self::Compare,
        Self::Sla,
        Self::Accuracy,
        Self::WhatIf,
        Self::Audit,
        Self::Report,
    ];
    /// Key in the address.
    pub fn key(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::Compare => "compare",
            Self::Sla => "sla",
            Self::Accuracy => "accuracy",
            Self::WhatIf => "what-if",
            Self::Audit => "audit",
            Self::Report => "report",
        }
    }
    /// Name on the tab.
    pub fn label(self) -> &'static str {
        match self {
            Self::Verdict => "Verdict",
            Self::Compare => "Compare",
            Self::Sla => "SLA",
            Self::Accuracy => "Accuracy",
            Self::WhatIf => "What-if",
            Self::Audit => "Audit",
            Self::Report => "Report",
        }
    }
    fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.key() == key)
    }
    /// The view that a fragment names, and whether the fragment says more, as [`ViewState::from_fragment`] reads it.
    pub fn named(fragment: &str) -> (Self, bool) {
        let (view, query) = parts(fragment);
        (Self::from_key(view).unwrap_or_default(), !query.is_empty())
    }
}

/// Which throughput is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Scope {
    /// The whole system.
    #[default]
    System,
    /// Divided by its GPUs.
    PerGpu,
}

/// Limits that the person set; `None` keeps what the sources ask for, `Some(None)` is no limit.
pub type LimitChoice = Option<Option<Seconds>>;

/// Everything about the view that a link carries.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ViewState {
    /// View.
    pub view: View,
    /// Metric shown in Compare; absent for the rates.
    pub metric: Option<Metric>,
    /// Statistic; absent for the source's own choice.
    pub stat: Option<Stat>,
    /// Whole system or per GPU.
    pub scope: Scope,
    /// TTFT limit.
    pub ttft: LimitChoice,
    /// TPOT limit.
    pub tpot: LimitChoice,
    /// End-to-end limit.
    pub latency: LimitChoice,
    /// Statistic that must keep the limits.
    pub sla_stat: Option<Stat>,
    /// Percentile of the requests that SLA recomputes beside it, above 0 and below 100.
    pub percentile: Option<f64>,
    /// Workload shown, input and output tokens, where the runs have several.
    pub workload: Option<(u32, u32)>,
    /// Whether Compare shows the requests at one load.
    pub requests: bool,
    /// Whether Audit shows where each figure comes from.
    pub sources: bool,
    /// Load whose requests are shown.
    pub load: Option<Load>,
    /// Metric of the requests; absent for TTFT.
    pub request_metric: Option<Metric>,
    /// Which requests count.
    pub treatment: Treatment,
    /// Brushed range of starts, seconds.
    pub brush: Option<(f64, f64)>,
    /// Sample that is open, so that a link to a sample opens it.
    pub sample: Option<String>,
    /// Mark of the person's own table that a link was made over; its data is never part of the link.
    pub table: Option<String>,
    /// Check that is pointed at in Audit.
    pub check: Option<String>,
    /// Whether Compare shows the full statistics.
    pub full: bool,
    /// Thresholds of the audit.
    pub thresholds: Thresholds,
    /// Inputs of What-if that the person set.
    pub what_if: Asked,
    /// Scenarios pinned in What-if.
    pub pins: Vec<Asked>,
    /// What the matrix of What-if shows.
    pub cell: Shown,
}

impl ViewState {
    /// The fragment without `#`. Empty for the defaults.
    pub fn to_fragment(&self) -> String {
        let mut query: Vec<String> = Vec::new();
        if let Some(m) = self.metric {
            query.push(format!("metric={}", m.id()));
        }
        if let Some(s) = self.stat {
            query.push(format!("stat={}", s.key()));
        }
        if self.scope == Scope::PerGpu {
            query.push("scope=gpu".into());
        }
        for (key, limit) in [
            ("ttft", self.ttft),
            ("tpot", self.tpot),
            ("latency", self.latency),
        ] {
            match limit {
                Some(Some(s)) => query.push(format!("{key}={}", round6(s.ms()))),
                Some(None) => query.push(format!("{key}=none")),
                None => {}
            }
        }
        if let Some(s) = self.sla_stat {
            query.push(format!("at={}", s.key()));
        }
        if let Some((isl, osl)) = self.workload {
            query.push(format!("work={isl}x{osl}"));
        }
        for (on, shown) in [(self.requests, "requests"), (self.sources, "sources")] {
            if on {
                query.push(format!("show={shown}"));
            }
        }
        match self.load {
            Some(Load {
                concurrency: Some(c),
                ..
            }) => query.push(format!("load={c}")),
            Some(Load {
                request_rate: Some(r),
                ..
            }) => query.push(format!("load=r{r}")),
            _ => {}
        }
        if let Some(m) = self.request_metric {
            query.push(format!("of={}", m.id()));
        }
        if self.treatment != Treatment::File {
            query.push(format!("warm={}", self.treatment.key()));
        }
        if let Some((a, b)) = self.brush {
            query.push(format!("brush={}_{}", round6(a), round6(b)));
        }
        if let Some(p) = self.percentile {
            query.push(format!("percentile={}", round6(p)));
        }
        if let Some(s) = &self.sample {
            query.push(format!("sample={s}"));
        }
        if let Some(t) = &self.table {
            query.push(format!("table={t}"));
        }
        if let Some(c) = &self.check {
            query.push(format!("check={c}"));
        }
        if self.full {
            query.push("stats=full".into());
        }
        let turned: Vec<String> = KNOBS
            .iter()
            .filter(|k| k.typed(&self.thresholds) != k.typed(&Thresholds::default()))
            .map(|k| format!("{}:{}", k.key, k.typed(&self.thresholds)))
            .collect();
        if !turned.is_empty() {
            query.push(format!("thresholds={}", turned.join(",")));
        }
        for (key, value) in self.what_if.pairs() {
            query.push(format!("{key}={value}"));
        }
        for pin in &self.pins {
            let pairs: Vec<String> = pin
                .pairs()
                .iter()
                .map(|(k, v)| format!("{k}:{v}"))
                .collect();
            query.push(format!("pin={}", pairs.join(",")));
        }
        if self.cell != Shown::default() {
            query.push(format!("cell={}", self.cell.key()));
        }
        let view = match self.view {
            View::Verdict if query.is_empty() => "",
            v => v.key(),
        };
        if query.is_empty() {
            view.to_owned()
        } else {
            format!("{view}?{}", query.join("&"))
        }
    }

    /// Reads a fragment, with or without `#`. Unknown keys and values are ignored; a version
    /// that this page does not know gives only the view.
    pub fn from_fragment(fragment: &str) -> Self {
        let (_, query) = parts(fragment);
        let mut state = Self {
            view: View::named(fragment).0,
            ..Self::default()
        };
        let pairs: Vec<(&str, &str)> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .collect();
        let version = pairs
            .iter()
            .find(|(k, _)| *k == "v")
            .map_or(Some(VERSION), |(_, v)| v.parse().ok());
        if version.is_none_or(|v| v > VERSION) {
            return state;
        }
        for (key, value) in pairs {
            match key {
                "metric" => state.metric = Metric::from_id(value),
                "stat" => state.stat = Stat::from_key(value),
                "scope" if value == "gpu" => state.scope = Scope::PerGpu,
                "ttft" => state.ttft = limit(value),
                "tpot" => state.tpot = limit(value),
                "latency" => state.latency = limit(value),
                "at" => state.sla_stat = Stat::from_key(value),
                "percentile" => {
                    state.percentile = decimal(value).filter(|p| *p > 0.0 && *p < 100.0);
                }
                "work" => {
                    state.workload = value
                        .split_once('x')
                        .and_then(|(i, o)| Some((i.parse().ok()?, o.parse().ok()?)));
                }
                "show" => {
                    state.requests |= value == "requests";
                    state.sources |= value == "sources";
                }
                "load" => state.load = load(value),
                "of" => state.request_metric = Metric::from_id(value),
                "warm" => state.treatment = Treatment::from_key(value).unwrap_or_default(),
                "brush" => state.brush = brush(value),
                "sample" if plain(value) => state.sample = Some(value.to_owned()),
                "table" if plain(value) => state.table = Some(value.to_owned()),
                "stats" => state.full = value == "full",
                "thresholds" => {
                    for (key, value) in value.split(',').filter_map(|t| t.split_once(':')) {
                        if let Some(knob) = Knob::of(key) {
                            // A value out of range is ignored as any other nonsense is.
                            let _ = knob.set(&mut state.thresholds, value);
                        }
                    }
                }
                "check" if plain(value) => state.check = Some(value.to_owned()),
                "pin" if state.pins.len() < PINS => {
                    let mut pin = Asked::default();
                    for (k, v) in value.split(',').filter_map(|p| p.split_once(':')) {
                        pin.take(k, v);
                    }
                    state.pins.push(pin);
                }
                "cell" => state.cell = Shown::from_key(value).unwrap_or_default(),
                _ => state.what_if.take(key, value),
            }
        }
        state
    }
}

/// The view's key and what follows the question mark.
fn parts(fragment: &str) -> (&str, &str) {
    let fragment = fragment.trim_start_matches('#');
    fragment.split_once('?').unwrap_or((fragment, ""))
}

fn plain(value: &str) -> bool {
    !value.is_empty()
        && value
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

fn load(value: &str) -> Option<Load> {
    let (concurrency, request_rate) = match value.strip_prefix('r') {
        Some(rate) => (None, rate.parse().ok().filter(|r: &f64| *r > 0.0)),
        None => (value.parse().ok().filter(|c| *c > 0), None),
    };
    let load = Load {
        concurrency,
        request_rate: request_rate.filter(|r| r.is_finite()),
    };
    (load != Load::default()).then_some(load)
}

fn brush(value: &str) -> Option<(f64, f64)> {
    let (a, b) = value.split_once('_')?;
    let (a, b): (f64, f64) = (a.parse().ok()?, b.parse().ok()?);
    (a.is_finite() && b.is_finite() && a < b).then_some((a, b))
}

fn limit(value: &str) -> LimitChoice {
    if value == "none" {
        return Some(None);
    }
    let ms = decimal(value)?;
    (ms.is_finite() && ms > 0.0).then(|| Some(Seconds::from_ms(ms)))
}

/// Digits with at most one point, as [`round6`] writes them. The standard library reads more, with ten kilobytes of tables.
fn decimal(text: &str) -> Option<f64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = || whole.bytes().chain(part.bytes());
    if whole.is_empty() || !digits().all(|b| b.is_ascii_digit()) {
        return None;
    }
    // Up to fifteen digits both are exact, so that the quotient is the nearest number.
    let all = digits().fold(0.0, |n, b| n * 10.0 + f64::from(b - b'0'));
    Some(part.bytes().fold(1.0, |n: f64, _| n * 10.0)).map(|scale| all / scale)
}

fn round6(x: f64) -> f64 {
    (x * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::{GemmQuant, RuleSet};
    use proptest::prelude::*;

    #[test]
    fn defaults_are_left_out() {
        assert_eq!(ViewState::default().to_fragment(), "");
        assert_eq!(ViewState::from_fragment(""), ViewState::default());
        assert_eq!(ViewState::from_fragment("#sla").view, View::Sla);
        for (fragment, named) in [
            ("", (View::Verdict, false)),
            ("#sla", (View::Sla, false)),
            ("#nowhere?", (View::Verdict, false)),
            ("#sla?stat=p95", (View::Sla, true)),
        ] {
            assert_eq!(View::named(fragment), named);
        }
    }

    #[test]
    fn a_link_of_a_later_version_still_opens_its_view() {
        let s = ViewState::from_fragment("#compare?v=99&stat=p95");
        assert_eq!(s.view, View::Compare);
        assert_eq!(s.stat, None);
    }

    #[test]
    fn nonsense_is_ignored() {
        let s = ViewState::from_fragment(
            "#nowhere?ttft=-3&stat=p42&work=9&sample=<b>&x&thresholds=osl-block:-1,nothing:5,equal&stats=half",
        );
        assert_eq!(s, ViewState::default());
    }

    proptest! {
        #[test]
        fn round_trip(
            view in 0..View::ALL.len(),
            metric in proptest::option::of(0..Metric::ALL.len()),
            stat in proptest::option::of(0..Stat::ALL.len()),
            gpu: bool,
            ttft in proptest::option::of(proptest::option::of(1u32..1_000_000)),
            work in proptest::option::of((1u32..100_000, 1u32..100_000)),
            load in proptest::option::of((1u32..5000, any::<bool>())),
            treatment in 0..Treatment::ALL.len(),
            brush in proptest::option::of((-5000i32..5000, 1u32..9000)),
            full: bool,
            percentile in proptest::option::of(1u32..99_999),
            turned in proptest::option::of((0..KNOBS.len(), 1u32..100)),
            tp in proptest::option::of(0u32..64),
            price in proptest::option::of(0.0f64..1e6),
            pins in 0usize..3,
        ) {
            let mut thresholds = Thresholds::default();
            if let Some((i, value)) = turned {
                KNOBS[i].set(&mut thresholds, &value.to_string()).unwrap();
            }
            let asked = Asked {
                rules: tp.map(|_| RuleSet::Aic012),
                model: tp.map(|_| "meta-llama/Llama-3.1-8B-Instruct".to_owned()),
                gemm: price.map(|_| GemmQuant::Float16),
                tp,
                osl: tp,
                price,
                ..Asked::default()
            };
            let s = ViewState {
                view: View::ALL[view],
                metric: metric.map(|i| Metric::ALL[i]),
                stat: stat.map(|i| Stat::ALL[i]),
                scope: if gpu { Scope::PerGpu } else { Scope::System },
                ttft: ttft.map(|t| t.map(|ms| Seconds::from_ms(f64::from(ms)))),
                workload: work,
                requests: gpu,
                sources: full,
                load: load.map(|(n, open)| if open {
                    Load { concurrency: None, request_rate: Some(f64::from(n) / 8.0) }
                } else {
                    Load { concurrency: Some(n), request_rate: None }
                }),
                request_metric: metric.map(|i| Metric::ALL[i]),
                treatment: Treatment::ALL[treatment],
                brush: brush.map(|(a, w)| (f64::from(a) / 1e3, (f64::from(a) + f64::from(w)) / 1e3)),
                sample: Some("clean".into()),
                table: gpu.then(|| "1f00a9".into()),
                percentile: percentile.map(|p| f64::from(p) / 1e3),
                full,
                thresholds,
                pins: vec![asked.clone(); pins],
                what_if: asked,
                cell: if gpu { Shown::Cost } else { Shown::default() },
                ..ViewState::default()
            };
            prop_assert_eq!(ViewState::from_fragment(&s.to_fragment()), s);
        }

        #[test]
        fn any_fragment_is_read(text: String) {
            let _ = ViewState::from_fragment(&text);
        }
    }
}
