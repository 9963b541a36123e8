//! What a chart's tooltip says of a mark: value, load, and where the figure stands.

use servelens_core::chart::{ChartSpec, Mark, MarkKind, Series};
use servelens_core::fmt;
use servelens_core::model::{Point, Run, Workspace};

/// The lines of a tooltip.
pub struct About {
    /// Name and value; the first is the figure itself.
    pub rows: Vec<(String, String)>,
    /// File, place, and how the figure came about.
    pub source: Option<String>,
}

/// Describes a mark of a chart over concurrency, or of the front.
pub fn about(ws: &Workspace, spec: &ChartSpec, series: &Series, mark: &Mark) -> About {
    let run = ws.runs.iter().find(|r| r.id == series.id);
    let over_load = spec.x.title.starts_with("Concurrency");
    let y = match mark.kind {
        MarkKind::Measured => fmt::measured(mark.y),
        _ => fmt::sig(mark.y, 4),
    };
    let y = (axis(&spec.y.title), y);
    if over_load {
        let load = mark.x;
        let mut rows = vec![y, ("Concurrency".to_owned(), fmt::measured(load))];
        let source = run.and_then(|r| {
            if mark.kind == MarkKind::Interpolated {
                let (below, above) = neighbours(series, load)?;
                rows.push((
                    "Between".into(),
                    format!(
                        "{} at {}, {} at {}",
                        fmt::sig(below.y, 4),
                        below.x,
                        fmt::sig(above.y, 4),
                        above.x
                    ),
                ));
                return Some(
                    "Interpolated: log figure over log concurrency, inside the measured range only.".to_owned(),
                );
            }
            let points: Vec<&Point> = at_load(r, load).collect();
            let n: Option<u64> = points.iter().map(|p| p.requests).sum();
            if let Some(n) = n.filter(|n| *n > 0) {
                rows.push(("Requests".into(), fmt::number(n as f64, 0)));
            }
            points.first().map(|p| source(p))
        });
        return About {
            rows,
            source: note(mark, source),
        };
    }
    let mut rows = vec![y, (axis(&spec.x.title), fmt::sig(mark.x, 5))];
    rows.extend(mark.about.clone().map(|a| ("Set-up".to_owned(), a)));
    let point = run.and_then(|r| {
        r.points.iter().find(|p| {
            mark.label
                .as_deref()
                .is_none_or(|l| p.load.concurrency.is_some_and(|c| c.to_string() == l))
                && r.value(p, servelens_core::model::Metric::OutputThroughputPerUser)
                    .is_some_and(|(v, _)| (v - mark.x).abs() <= 1e-9 * v.abs())
        })
    });
    if let Some(c) = point.and_then(|p| p.load.concurrency) {
        rows.push(("Concurrency".into(), c.to_string()));
    }
    if let Some(setup) = point.and_then(|p| p.setup.as_ref()) {
        let how = match (setup.disagg, setup.tp, setup.prefill, setup.decode) {
            (true, _, Some((pw, ptp, _)), Some((dw, dtp, db))) => Some(format!(
                "{pw} × TP{ptp} prefill, {dw} × TP{dtp} decode at batch {db}"
            )),
            (_, Some(tp), ..) => Some(format!("TP{tp}, batch {}", setup.batch.unwrap_or(0))),
            _ => None,
        };
        rows.extend(how.map(|h| ("Set-up".to_owned(), h)));
    }
    About {
        rows,
        source: note(mark, point.map(source)),
    }
}

fn axis(title: &str) -> String {
    title
        .trim_end_matches(", log scale")
        .trim_end_matches(", log₂")
        .to_owned()
}

fn neighbours(series: &Series, x: f64) -> Option<(&Mark, &Mark)> {
    let solid = || {
        series
            .marks
            .iter()
            .filter(|m| m.kind != MarkKind::Interpolated)
    };
    Some((solid().rfind(|m| m.x < x)?, solid().find(|m| m.x > x)?))
}

fn at_load(run: &Run, load: f64) -> impl Iterator<Item = &Point> {
    run.points.iter().filter(move |p| {
        p.load
            .concurrency
            .is_some_and(|c| (f64::from(c) - load).abs() < 0.5)
    })
}

fn source(p: &Point) -> String {
    if p.source.place.is_empty() {
        p.source.file.clone()
    } else {
        format!("{}, {}", p.source.file, p.source.place)
    }
}

fn note(mark: &Mark, source: Option<String>) -> Option<String> {
    match mark.kind {
        MarkKind::Blocked => Some(format!(
            "Withheld from verdicts: it is longer than the whole request can be. {}",
            source.unwrap_or_default()
        )),
        MarkKind::Implied => Some(format!(
            "Implied by other figures of the same point. {}",
            source.unwrap_or_default()
        )),
        _ => source,
    }
}
