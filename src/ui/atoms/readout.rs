//! What a chart says of the mark that is pointed at, outside the plot: every run at that load, the difference, and, once pinned,
//! where the figure stands.

use super::figure::State;
use super::{icon_small, run_key};
use crate::ui::tooltip::about;
use leptos::prelude::*;
use servelens_core::chart::{ChartSpec, Mark, MarkKind, MarkRef, Series, Slot};
use servelens_core::figures;
use servelens_core::fmt;

/// The figures at one load.
#[derive(Default)]
struct Read {
    /// Where: `Concurrency 50`.
    at: String,
    /// Each run's mark with its figure in words.
    values: Vec<(Slot, String)>,
    /// Candidate against baseline, and whether that is withheld from verdicts.
    difference: Option<(String, bool)>,
    /// All of it in a sentence.
    sentence: String,
}

/// Whether marks of different runs at one place of the x axis are at the same load.
fn over_load(spec: &ChartSpec) -> bool {
    ["Concurrency", "Requests/s asked for"]
        .iter()
        .any(|title| spec.x.title.starts_with(title))
}

fn value(m: &Mark) -> String {
    let figure = fmt::sig(m.y, 4);
    match m.kind {
        MarkKind::Measured => figure,
        other => format!("{figure} {}", other.word()),
    }
}

/// The figures of every run at the load of a mark, and what stands behind one that is pinned; of the mark's own run where the
/// chart is over no load. Seen as figures beside the runs' marks, said as a sentence.
pub fn read_out(s: State, r: MarkRef) -> AnyView {
    let hidden = s.hidden.get();
    let withheld = s.app.analysis.with(|a| figures::blocks_comparison(a));
    let read = s
        .base
        .with(|spec| read_of(spec, r, withheld, |run| hidden.contains(run)));
    let values: Vec<AnyView> = read
        .values
        .into_iter()
        .map(|(slot, text)| view! { <span>{run_key(slot)} <b>{text}</b></span> }.into_any())
        .collect();
    let difference = read.difference.map(|(text, withheld)| {
        if withheld {
            view! { <s class="struck">{text}</s> }.into_any()
        } else {
            view! { <b>{text}</b> }.into_any()
        }
    });
    view! {
        <p aria-hidden="true">{read.at} {values} {difference}</p>
        <p class="vh" data-testid="read-aloud">{read.sentence}</p>
    }
    .into_any()
}

fn read_of(spec: &ChartSpec, r: MarkRef, withheld: bool, hidden: impl Fn(&str) -> bool) -> Read {
    let pointed = spec.series.get(r.series);
    let Some((own, mark)) = pointed.and_then(|own| Some((own, own.marks.get(r.mark)?))) else {
        return Read::default();
    };
    let loaded = over_load(spec);
    let near = |m: &&Mark| (m.x - mark.x).abs() <= 1e-9 * mark.x.abs();
    let mut all: Vec<(&Series, &Mark)> = Vec::new();
    for series in spec.series.iter().filter(|x| !hidden(&x.id)) {
        let found = if series.id == own.id {
            std::ptr::eq(series, own).then_some(mark)
        } else {
            series.marks.iter().find(near).filter(|_| loaded)
        };
        all.extend(found.map(|m| (series, m)));
    }
    let figure = |slot: Slot| {
        let sure = |m: &Mark| !matches!(m.kind, MarkKind::Blocked | MarkKind::Projected);
        let found = all.iter().find(|(x, m)| x.slot == slot && sure(m));
        found.map(|(_, m)| m.y).filter(|y| *y > 0.0)
    };
    let difference = figure(Slot::CANDIDATE)
        .zip(figure(Slot::BASELINE))
        .filter(|_| loaded)
        .map(|(a, b)| (fmt::change_table(a / b - 1.0), withheld));
    let title = |title: &str| {
        let cut = title.split(", log").next().unwrap_or(title);
        cut.to_owned()
    };
    let at = format!("{} {}", title(&spec.x.title), fmt::measured(mark.x));
    let mut parts: Vec<String> = all
        .iter()
        .map(|(x, m)| format!("{} {}", x.label, value(m)))
        .collect();
    parts.extend(difference.as_ref().map(|(d, withheld)| {
        let held = if *withheld {
            ", withheld from verdicts"
        } else {
            ""
        };
        format!("difference {d}{held}")
    }));
    Read {
        sentence: format!("{}, {at}: {}.", title(&spec.y.title), parts.join("; ")),
        values: all.iter().map(|(x, m)| (x.slot, value(m))).collect(),
        at,
        difference,
    }
}

/// Where the figure of a pinned mark stands, under the chart.
pub fn pinned(s: State, r: MarkRef) -> Option<AnyView> {
    let spec = s.base.get();
    let series = spec.series.get(r.series)?;
    let mark = series.marks.get(r.mark)?;
    let about = s.app.workspace.with(|ws| about(ws, &spec, series, mark));
    Some(
        view! {
            <div class="pinned" role="group" aria-label="Pinned point" data-testid="pinned">
                <header>
                    {run_key(series.slot)}
                    <b>{series.label.clone()}</b>
                    <span class="badge b-info">{fmt::capital(mark.kind.word())}</span>
                    <span class="grow"></span>
                    <button class="x" aria-label="Unpin" on:click=move |_| s.pinned.set(None)>{icon_small("x")}</button>
                </header>
                <dl>
                    {about.rows.into_iter().map(|(k, v)| view! { <div><dt>{k}</dt><dd>{v}</dd></div> }).collect::<Vec<_>>()}
                </dl>
                {about.source.map(|t| view! { <p class="src">{t}</p> })}
            </div>
        }
        .into_any(),
    )
}

#[cfg(test)]
mod tests {
    use super::read_of;
    use servelens_core::analysis::{Options, analyse};
    use servelens_core::chart::{ChartSpec, MarkRef};
    use servelens_core::figures::{LineChart, front, lines};
    use servelens_core::fmt::plain;
    use servelens_core::ingest::Ingest;
    use servelens_core::model::{Metric, Workspace};

    fn sample() -> (Workspace, ChartSpec, ChartSpec) {
        let mut ingest = Ingest::new();
        let sample = std::fs::read("data/samples/simulated-sweeps.zip").expect("the sample");
        ingest.add("sweeps.zip", &sample);
        let mut ws = Workspace::default();
        ws.absorb(ingest.finish());
        let a = analyse(&ws, &Options::default());
        let what = LineChart {
            metric: Metric::OutputThroughput,
            projected: true,
            interpolated: true,
        };
        let charts = (lines(&ws, &a, what), front(&ws, &a, true));
        (ws, charts.0, charts.1)
    }

    #[test]
    fn every_run_at_the_load_is_read_with_the_difference() {
        let (ws, chart, _) = sample();
        let at = MarkRef { series: 0, mark: 1 };
        let r = read_of(&chart, at, false, |_| false);
        assert_eq!(
            r.values.len(),
            chart
                .series
                .iter()
                .filter(|s| s.marks.iter().any(|m| m.x == chart.series[0].marks[1].x))
                .count()
        );
        let (a, b) = (chart.series[0].marks[1].y, chart.series[1].marks[1].y);
        let (text, withheld) = r.difference.clone().expect("both sides ran it");
        let percent: f64 = plain(&text)
            .trim_end_matches('%')
            .trim()
            .parse()
            .expect("a number");
        assert!(
            (percent - (a / b - 1.0) * 100.0).abs() < 0.051 && !withheld,
            "{text}"
        );
        for run in ws.runs.iter().take(2) {
            assert!(r.sentence.contains(&run.label), "{}", r.sentence);
        }
        // A hidden run is neither read nor compared with.
        let id = chart.series[1].id.clone();
        let r = read_of(&chart, at, true, |run| run == id);
        assert!(r.difference.is_none() && r.values.len() == 1);
    }

    #[test]
    fn over_no_load_only_the_mark_itself_is_read() {
        let (_, _, front) = sample();
        let r = read_of(&front, MarkRef { series: 0, mark: 0 }, false, |_| false);
        assert_eq!((r.values.len(), r.difference), (1, None));
    }

    #[test]
    fn what_is_withheld_is_read_as_such() {
        let (_, chart, _) = sample();
        let r = read_of(&chart, MarkRef { series: 0, mark: 1 }, true, |_| false);
        assert!(
            r.sentence.contains("withheld from verdicts"),
            "{}",
            r.sentence
        );
        // A mark that has gone meanwhile says nothing.
        let gone = MarkRef { series: 9, mark: 0 };
        assert!(read_of(&chart, gone, true, |_| false).values.is_empty());
    }
}
