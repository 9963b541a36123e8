//! What a column head means: a load, a metric with its statistic and unit, a name, a system.
//!
//! Knows the words people use for metrics; refuses to know the rows.

use super::phrases::{FILLER, PHRASES};
use crate::ingest::quantity::{Dimension, canonical_word, unit};
use crate::model::{Metric, Stat};

/// A metric named in words.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// Which metric.
    pub metric: Metric,
    /// Which statistic, when named.
    pub stat: Option<Stat>,
    /// Factor to SI, when a unit is named.
    pub factor: Option<f64>,
    /// The words that are left, which name a system or nothing.
    pub rest: String,
}

/// The meaning of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Requests in flight.
    Concurrency,
    /// Requests per second asked for.
    RequestRate,
    /// Input tokens asked for.
    AskedIsl,
    /// Output tokens asked for.
    AskedOsl,
    /// A metric.
    Metric(Named),
    /// A statistic of the row's metric.
    Stat(Stat),
    /// The name of the system that the row is about.
    SystemName,
    /// The name of the metric that the row is about.
    MetricName,
    /// The model that the row is about.
    Model,
    /// GPUs.
    Gpus,
    /// Completed requests.
    Requests,
    /// Failed requests.
    Errors,
    /// Wall time, with the factor to seconds.
    Duration(f64),
    /// A system, or nothing known: the figures say more.
    Words(String),
    /// Comparisons, which are computed here and not read.
    Ignored,
}

/// A word as written and in one spelling.
struct Word {
    written: String,
    canonical: String,
}

fn words(text: &str) -> Vec<Word> {
    text.split(|c: char| {
        c.is_whitespace() || matches!(c, '_' | '/' | ',' | ';' | ':' | '(' | ')' | '[' | ']')
    })
    .flat_map(|w| {
        // Hyphens stay in names such as “AIC-Configured”.
        let compound = ["inter-", "end-", "time-", "per-"]
            .iter()
            .any(|start| w.to_ascii_lowercase().starts_with(start));
        w.split(if compound { '-' } else { '\0' })
    })
    .filter(|w| !w.is_empty())
    .map(|w| Word {
        written: w.to_owned(),
        canonical: canonical_word(w.trim_matches('.')),
    })
    .collect()
}

/// The bracketed or last part of a head that is a unit, and the head without it.
fn split_unit(text: &str) -> (String, Option<(Dimension, f64)>) {
    for (open, close) in [('(', ')'), ('[', ']')] {
        if let Some(from) = text.rfind(open)
            && let Some(inner) = text.get(from + 1..)
            && let Some(to) = inner.find(close)
            && let Some(found) = inner.get(..to).and_then(unit)
        {
            let before = text.get(..from).unwrap_or_default();
            let after = inner.get(to + 1..).unwrap_or_default();
            return (format!("{before} {after}").trim().to_owned(), Some(found));
        }
    }
    let time = text
        .rsplit([' ', '_', ','])
        .next()
        .filter(|last| last.len() < text.len())
        .and_then(unit)
        .filter(|(dimension, _)| *dimension == Dimension::Time);
    match (time, text.rfind([' ', '_', ','])) {
        // `tok per s` ends in a time unit and is none.
        (Some(found), Some(at))
            if !text
                .get(..at)
                .unwrap_or_default()
                .to_ascii_lowercase()
                .ends_with("per") =>
        {
            (text.get(..at).unwrap_or_default().to_owned(), Some(found))
        }
        _ => (text.to_owned(), None),
    }
}

/// The metric that a text names, if any.
pub fn metric(text: &str) -> Option<Named> {
    let (bare, unit) = split_unit(text);
    let words = words(&bare);
    let canonical: Vec<&str> = words.iter().map(|w| w.canonical.as_str()).collect();
    let phrase = PHRASES.iter().find_map(|(phrase, metric)| {
        let at = canonical.windows(phrase.len()).position(|w| w == *phrase)?;
        Some((at..at + phrase.len(), *metric))
    });
    let by_unit = unit.and_then(|(d, _)| metric_of(d));
    let (range, metric) = match (phrase, by_unit) {
        // “Output tokens (tok/s/GPU)”: the unit tells more than the words.
        (Some((range, m)), Some(u)) if m == Metric::OutputThroughput || m == Metric::Isl => {
            (range, u)
        }
        (Some((range, m)), _) => (range, m),
        (None, Some(u)) => (0..0, u),
        (None, None) => return None,
    };
    let mut stat = None;
    let mut rest = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if range.contains(&at) {
            continue;
        }
        if let Some(s) = Stat::from_key(&word.canonical) {
            stat = Some(s);
        } else if !FILLER.contains(&word.canonical.as_str()) {
            rest.push(word.written.as_str());
        }
    }
    // “ttft s”, “tok/s”: a rate is in its SI unit without saying so.
    Some(Named {
        metric,
        stat,
        factor: unit.filter(|(d, _)| fits(*d, metric)).map(|(_, f)| f),
        rest: rest.join(" "),
    })
}

/// The metric that a unit alone gives away.
pub fn metric_of(dimension: Dimension) -> Option<Metric> {
    match dimension {
        Dimension::TokenRate => Some(Metric::OutputThroughput),
        Dimension::TokenRatePerGpu => Some(Metric::OutputThroughputPerGpu),
        Dimension::TokenRatePerUser => Some(Metric::OutputThroughputPerUser),
        Dimension::RequestRate => Some(Metric::RequestThroughput),
        _ => None,
    }
}

/// Whether a metric can have that unit.
pub fn fits(dimension: Dimension, metric: Metric) -> bool {
    use crate::units::Unit;
    match dimension {
        Dimension::None | Dimension::Other => true,
        Dimension::Time => metric.unit() == Unit::Seconds,
        Dimension::TokenRate => metric.unit() == Unit::TokensPerSecond,
        Dimension::TokenRatePerGpu => metric.unit() == Unit::TokensPerSecondPerGpu,
        Dimension::TokenRatePerUser => metric.unit() == Unit::TokensPerSecondPerUser,
        Dimension::RequestRate => metric.unit() == Unit::RequestsPerSecond,
        Dimension::Tokens => metric.unit() == Unit::Tokens,
        Dimension::Requests | Dimension::Relative => false,
    }
}

/// The statistic of a figure whose head names none: rates and lengths are averages, latencies
/// are left unnamed.
pub fn default_stat(metric: Metric) -> Stat {
    match metric {
        Metric::Ttft | Metric::Tpot | Metric::RequestLatency | Metric::ChunkGap => Stat::Stated,
        _ => Stat::Avg,
    }
}

/// Whether a head means the wall time of a run and not the duration of some part.
fn bare_duration(head: &str) -> bool {
    let name = split_unit(head).0.to_ascii_lowercase().replace('_', " ");
    matches!(
        name.trim(),
        "duration" | "benchmark duration" | "wall time" | "run time"
    )
}

/// The meaning of a column head.
pub fn column(head: &str) -> Column {
    let all = words(head);
    let has = |w: &str| all.iter().any(|x| x.canonical == w);
    let compact: String = all
        .iter()
        .map(|w| w.canonical.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    if [
        "improvement",
        "change",
        "delta",
        "δ",
        "diff",
        "difference",
        "ratio",
        "speedup",
        "gain",
        "winner",
        "vs",
        "vs.",
        "versus",
        "notes",
        "note",
        "comment",
        "rank",
        "#",
        "%",
        "std-dev",
        "p-value",
        "verdict",
        "status",
    ]
    .iter()
    .any(|w| has(w))
        || head.contains('Δ')
    {
        return Column::Ignored;
    }
    match compact.as_str() {
        "concurrency" | "conc" | "c" | "max concurrency" | "concurrent req" | "concurrent user"
        | "user" | "num concurrent req" | "concurrency level" | "parallel req"
        | "req in flight" | "in-flight req" | "concurrency req" | "num user" | "number of user"
        | "batch concurrency" => return Column::Concurrency,
        "req rate" | "req rate req s" | "rate" | "target rate" | "arrival rate" | "asked rate"
        | "target qps" => return Column::RequestRate,
        "isl" | "input len" | "input length" | "asked isl" | "target isl" | "input tok" => {
            return Column::AskedIsl;
        }
        "osl" | "output len" | "output length" | "asked osl" | "target osl" | "output tok" => {
            return Column::AskedOsl;
        }
        "gpu" | "num gpu" | "gpu count" | "total gpu" | "number of gpu" | "num total gpu" => {
            return Column::Gpus;
        }
        "system" | "config" | "configuration" | "deployment" | "name" | "run" | "setup"
        | "label" | "server" | "variant" | "scenario" | "system name" | "test" | "case" => {
            return Column::SystemName;
        }
        "metric" | "statistic" | "statistics" | "metrics" => return Column::MetricName,
        "model" | "model name" => return Column::Model,
        "req" | "num req" | "req count" | "req count count" | "completed" | "completed req"
        | "successful req" | "n" | "total req" => {
            return Column::Requests;
        }
        "errors" | "error" | "failed" | "failed req" | "failures" | "error req count" => {
            return Column::Errors;
        }
        _ => {}
    }
    if let Some(stat) = Stat::from_key(&compact) {
        return Column::Stat(stat);
    }
    if bare_duration(head) {
        return Column::Duration(
            split_unit(head)
                .1
                .filter(|u| u.0 == Dimension::Time)
                .map_or(1.0, |u| u.1),
        );
    }
    match metric(head) {
        Some(named) => Column::Metric(named),
        None => Column::Words(head.trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_in_many_words() {
        for (head, metric, stat, factor, rest) in [
            (
                "TTFT p50 (ms)",
                Metric::Ttft,
                Some(Stat::P50),
                Some(1e-3),
                "",
            ),
            ("Output tok/s", Metric::OutputThroughput, None, None, ""),
            (
                "Output Token Throughput Per User (tokens/sec/user)",
                Metric::OutputThroughputPerUser,
                None,
                Some(1.0),
                "",
            ),
            (
                "Request Throughput (per sec)",
                Metric::RequestThroughput,
                None,
                None,
                "per s",
            ),
            (
                "Inter-Token Latency (ms)",
                Metric::Tpot,
                None,
                Some(1e-3),
                "",
            ),
            (
                "mean_ttft_ms",
                Metric::Ttft,
                Some(Stat::Avg),
                Some(1e-3),
                "",
            ),
            (
                "AIC-Configured TTFT (s)",
                Metric::Ttft,
                None,
                Some(1.0),
                "AIC-Configured",
            ),
            (
                "Throughput (tokens/s/gpu)",
                Metric::OutputThroughputPerGpu,
                None,
                Some(1.0),
                "",
            ),
            (
                "Request Throughput Comparison",
                Metric::RequestThroughput,
                None,
                None,
                "",
            ),
            (
                "P99 end-to-end latency",
                Metric::RequestLatency,
                Some(Stat::P99),
                None,
                "",
            ),
            ("req/s", Metric::RequestThroughput, None, None, ""),
            (
                "Time to First Token (TTFT) Performance",
                Metric::Ttft,
                None,
                None,
                "",
            ),
        ] {
            let n = super::metric(head).unwrap_or_else(|| panic!("{head} names no metric"));
            assert_eq!(
                (n.metric, n.stat, n.factor),
                (metric, stat, factor),
                "{head}"
            );
            if rest != "per s" {
                assert_eq!(n.rest, rest, "{head}");
            }
        }
    }

    #[test]
    fn what_is_no_metric() {
        assert_eq!(column("Concurrency"), Column::Concurrency);
        assert_eq!(column("Concurrent users"), Column::Concurrency);
        assert_eq!(column("Improvement"), Column::Ignored);
        assert_eq!(
            column("AIC-Configured"),
            Column::Words("AIC-Configured".into())
        );
        assert_eq!(column("p99"), Column::Stat(Stat::P99));
        assert_eq!(column("System"), Column::SystemName);
        assert_eq!(column("Duration (ms)"), Column::Duration(1e-3));
        assert_eq!(
            column("Decode Duration (ms)"),
            Column::Words("Decode Duration (ms)".into())
        );
        assert_eq!(
            super::metric("Performance Metrics by Concurrency Level"),
            None
        );
    }
}
