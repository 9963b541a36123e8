//! AIConfigurator: `pareto.csv`, `best_config_topn.csv`, `agg_pareto.csv`, `disagg_pareto.csv`.
//!
//! Columns are read by name, since they differ by version. Concurrency, tokens/s and GPUs are
//! those of one replica; times are milliseconds.

use crate::ingest::csv;
use crate::ingest::error::ReadError;
use crate::ingest::parsed::{Fidelity, Input, Parsed, Series};
use crate::ingest::probe::{Confidence, Probe, Shape};
use crate::ingest::quantity::{count, number};
use crate::ingest::registry::Format;
use crate::model::{
    Context, Deployment, Load, Metric, Point, Provenance, Quantization, Role, RunKind, Setup,
    Source, Stats, Tool, Workload,
};

/// Rows of projected configurations.
pub const FORMAT: Format = Format {
    id: "aic-csv",
    label: "AIConfigurator configurations",
    detect,
    parse,
};

fn detect(probe: &Probe<'_>) -> Confidence {
    let head = probe.first_line();
    Confidence::SURE.when(
        probe.shape == Shape::Text
            && head.contains("tokens/s/gpu")
            && head.contains("tokens/s/user")
            && head.contains("concurrency"),
    )
}

/// A row with the names of its columns.
struct Named<'a> {
    head: &'a [String],
    cells: &'a [String],
}

impl Named<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        let at = self.head.iter().position(|h| h == name)?;
        self.cells
            .get(at)
            .map(String::as_str)
            .filter(|c| !c.is_empty())
    }
    fn number(&self, name: &str) -> Option<f64> {
        Some(number(self.text(name)?)?.0)
    }
    fn count(&self, name: &str) -> Option<u32> {
        count(self.number(name)?)
    }
}

fn parse(input: &Input<'_>) -> Result<Parsed, ReadError> {
    let text = String::from_utf8_lossy(input.bytes);
    let mut rows = csv::rows(&text)
        .into_iter()
        .filter(|(_, r)| r.iter().any(|c| !c.is_empty()));
    let Some((_, head)) = rows.next() else {
        return Err(ReadError::Nothing { lines: 0 });
    };
    let mut series = Series::new(Tool::Aic, RunKind::Projected);
    series.role = Some(Role::Projection);
    let top = input
        .path
        .rsplit('/')
        .next()
        .is_some_and(|n| n.contains("best_config"));
    series.fidelity = if top { Fidelity::Csv } else { Fidelity::Full };
    let disagg = head.iter().any(|h| h == "(p)tp");
    let mut context = Context::default();
    for (line, cells) in rows {
        let row = Named {
            head: &head,
            cells: &cells,
        };
        if cells.len() != head.len() {
            return Err(ReadError::Row {
                line,
                problem: format!(
                    "it has {} cells where the head has {}",
                    cells.len(),
                    head.len()
                ),
            });
        }
        let Some(rate) = row.number("tokens/s/gpu") else {
            return Err(ReadError::Row {
                line,
                problem: "“tokens/s/gpu” is not a number".to_owned(),
            });
        };
        if series.points.is_empty() {
            series.deployment = deployment(&row, disagg);
            context = Context {
                model: series.deployment.model.clone(),
                system: series.deployment.system.clone(),
                backend: series.deployment.backend.clone(),
                backend_version: series.deployment.backend_version.clone(),
                isl: row.number("isl"),
                osl: row.number("osl"),
                ..Context::default()
            };
        }
        series
            .points
            .push(point(&row, rate, disagg, input.path, line));
    }
    if series.points.is_empty() {
        return Err(ReadError::Missing {
            what: "row: AIC found no configuration that it could list".to_owned(),
            place: "The table".to_owned(),
        });
    }
    Ok(Parsed {
        series: vec![series],
        context,
        ..Parsed::default()
    })
}

fn deployment(row: &Named<'_>, disagg: bool) -> Deployment {
    // Both roles have one system and backend in AIC's default runs; the decode side is taken.
    let of = |name: &str| {
        let decode = format!("(d){name}");
        row.text(if disagg { &decode } else { name })
            .map(str::to_owned)
    };
    Deployment {
        model: row.text("model").map(str::to_owned),
        system: of("system"),
        backend: of("backend"),
        backend_version: of("version"),
        quantization: Quantization {
            gemm: of("gemm"),
            kvcache: of("kvcache"),
            fmha: of("fmha"),
            comm: of("comm"),
        },
        ..Deployment::default()
    }
}

fn point(row: &Named<'_>, rate: f64, disagg: bool, file: &str, line: usize) -> Point {
    let mut point = Point {
        load: Load {
            concurrency: row.count("concurrency").filter(|c| *c > 0),
            request_rate: None,
        },
        workload: Workload {
            isl: row.number("isl"),
            osl: row.number("osl"),
        },
        gpus: row.count("num_total_gpus").filter(|g| *g > 0),
        setup: Some(setup(row, disagg)),
        source: Source {
            file: file.to_owned(),
            place: format!("line {line}"),
        },
        ..Point::default()
    };
    point.put(
        Metric::OutputThroughputPerGpu,
        Stats::avg(rate),
        Provenance::Projected,
    );
    for (metric, column, scale) in [
        (Metric::OutputThroughput, "tokens/s", 1.0),
        (Metric::OutputThroughputPerUser, "tokens/s/user", 1.0),
        (Metric::RequestThroughput, "seq/s", 1.0),
        (Metric::Ttft, "ttft", 1e-3),
        (Metric::Tpot, "tpot", 1e-3),
        (Metric::RequestLatency, "request_latency", 1e-3),
    ] {
        if let Some(value) = row.number(column) {
            let stats = match metric {
                Metric::Ttft | Metric::Tpot | Metric::RequestLatency => {
                    Stats::stated(value * scale)
                }
                _ => Stats::avg(value * scale),
            };
            point.put(metric, stats, Provenance::Projected);
        }
    }
    point
}

fn setup(row: &Named<'_>, disagg: bool) -> Setup {
    if !disagg {
        return Setup {
            disagg,
            tp: row.count("tp"),
            pp: row.count("pp"),
            batch: row.count("bs"),
            ctx_tokens: row.count("ctx_tokens"),
            memory_gib: row.number("memory"),
            ..Setup::default()
        };
    }
    let workers = |role: &str| {
        let count = |name: &str| row.count(&format!("({role}){name}"));
        Some((count("workers")?, count("tp")?, count("bs")?))
    };
    let memory = [row.number("(p)memory"), row.number("(d)memory")];
    Setup {
        disagg,
        memory_gib: memory.into_iter().flatten().reduce(f64::max),
        prefill: workers("p"),
        decode: workers("d"),
        ..Setup::default()
    }
}
