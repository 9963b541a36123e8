//! Audit → Sources: each figure from report over summary to records, and what caused the difference.

use crate::state::App;
use crate::ui::atoms::{Choice, grade, run_key, segmented};
use leptos::prelude::*;
use servelens_core::analysis::Analysis;
use servelens_core::audit::Finding;
use servelens_core::corrections::{
    self, EQUAL, Sources, Strip, Trace, Traced, TracedLoad, TracedRun, strip,
};
use servelens_core::figures;
use servelens_core::fmt;
use servelens_core::model::{Metric, Workspace};

/// What stands below the tabs of Audit.
pub fn sources(app: App) -> AnyView {
    let shown = RwSignal::new(Traced::default());
    (move || {
        let (ws, a) = (app.limited.get(), app.analysis.get());
        let found = corrections::sources(&ws);
        if found.runs.is_empty() {
            return view! {
                <div class="empty">
                    <b>"Each figure has one source."</b>
                    <p>"Add a tool’s summary beside its per-request records, or a report beside either, and they are set against each other here."</p>
                </div>
            }
            .into_any();
        }
        view! { {ladder(&found)} {trace(&ws, &found, shown)} {causes(&ws, &a)} }.into_any()
    })
    .into_any()
}

fn ladder(found: &Sources) -> AnyView {
    let tiers: Vec<AnyView> = found
        .tiers
        .iter()
        .enumerate()
        .map(|(i, t)| {
            let (name, holds, used) = corrections::tier(t);
            let (class, icon) = if t.used > 0 || used != "Superseded" {
                ("flag k-ok", "#i-ok")
            } else {
                ("flag k-nc", "#i-nc")
            };
            view! {
                <li>
                    <b>{format!("{} · {name}", i + 1)}</b>
                    {holds}
                    <div><span class=class><svg aria-hidden="true"><use href=icon></use></svg> {used}</span></div>
                </li>
            }
            .into_any()
        })
        .collect();
    view! { <ul class="ladder">{tiers}</ul> }.into_any()
}

fn trace(ws: &Workspace, found: &Sources, shown: RwSignal<Traced>) -> AnyView {
    let group = shown.get();
    let metrics: Vec<Metric> = group
        .metrics()
        .into_iter()
        .filter(|m| {
            let loads = found.runs.iter().flat_map(|r| &r.loads);
            loads.flat_map(|l| l.figures.keys()).any(|k| k == m)
        })
        .collect();
    let heads: Vec<AnyView> = metrics
        .iter()
        .map(|m| {
            let info = m.info();
            view! { <th class="grp sep" colspan="4" scope="colgroup">{format!("{}, {}", info.label, m.unit().label())}</th> }
                .into_any()
        })
        .collect();
    let under: Vec<AnyView> = metrics
        .iter()
        .map(|_| {
            view! {
                <th scope="col" class="sep wide">"Published"</th>
                <th scope="col">"→ Summary"</th>
                <th scope="col">"→ Recorded"</th>
                <th scope="col" class="l">"Factor"</th>
            }
            .into_any()
        })
        .collect();
    let columns = 3 + 4 * metrics.len();
    let rows: Vec<AnyView> = found
        .runs
        .iter()
        .map(|r| run_rows(ws, r, &metrics, columns))
        .collect();
    let choices = Traced::ALL
        .into_iter()
        .map(|t| Choice::new(t, t.label()))
        .collect();
    view! {
        <section class="sect" data-testid="trace">
            <div class="head">
                <div>
                    <h2>"Published → summary → recorded"</h2>
                    <p>"One row a load. Bars: log scale, full width = 100 times. Struck: off the records by more than 2 %."</p>
                </div>
                {segmented("Figures", &group, choices, move |t| shown.set(t))}
            </div>
            <div class="scroll" tabindex="0" role="region" aria-label="Figures by source">
                <table class="tbl trace">
                    <caption class="vh">"Each figure as published, as summarised and as recorded"</caption>
                    <thead>
                        <tr><td></td><th class="grp wide" colspan="2" scope="colgroup">"Requests"</th>{heads}</tr>
                        <tr>
                            <th scope="col" class="l">"Load"</th>
                            <th scope="col" class="wide">"Summary"</th>
                            <th scope="col" class="wide">"Recorded"</th>
                            {under}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn run_rows(ws: &Workspace, r: &TracedRun, metrics: &[Metric], columns: usize) -> AnyView {
    let label = ws.runs.get(r.run).map_or("", |x| &x.label).to_owned();
    let slot = figures::slot(&ws.runs, r.run);
    let rows: Vec<AnyView> = r.loads.iter().map(|l| load_row(l, metrics)).collect();
    view! {
        <tr class="sysrow">
            <th class="l" scope="rowgroup" colspan=columns.to_string()><span class="keyed">{run_key(slot)} {label}</span></th>
        </tr>
        {rows}
    }
    .into_any()
}

fn load_row(l: &TracedLoad, metrics: &[Metric]) -> AnyView {
    let count = |n: Option<u64>| n.map(|n| fmt::number(n as f64, 0));
    let (summary, recorded) = l.requests;
    let off = matches!((summary, recorded), (Some(a), Some(b)) if a != b);
    let cells: Vec<AnyView> = metrics
        .iter()
        .map(|m| cells(l.figures.get(m).copied().unwrap_or_default(), *m))
        .collect();
    view! {
        <tr>
            <th scope="row" class="l">{fmt::number(f64::from(l.concurrency), 0)}</th>
            <td class="wide">{struck(count(summary), off, "")}</td>
            <td class="wide rec">{struck(count(recorded), false, "no records")}</td>
            {cells}
        </tr>
    }
    .into_any()
}

/// A figure, struck where a more direct one contradicts it.
fn struck(text: Option<String>, off: bool, missing: &'static str) -> AnyView {
    match text {
        None => view! { <span class="mut">{missing}</span> }.into_any(),
        Some(text) if off => view! { <s class="struck">{text}</s> }.into_any(),
        Some(text) => text.into_any(),
    }
}

fn cells(t: Trace, metric: Metric) -> AnyView {
    let word = |v: Option<f64>| v.map(|v| fmt::sig(metric.unit().shown(v), 4));
    let factor = match t.factor() {
        None => view! { <span class="mut">{if t.recorded.is_none() { "no verdict" } else { "" }}</span> }
            .into_any(),
        Some(f) if (f - 1.0).abs() <= EQUAL => "equal".into_any(),
        Some(f) => {
            let (sign, times) = if f >= 1.0 { ("×", f) } else { ("÷", 1.0 / f) };
            let width = (times.log10() / 2.0).clamp(0.0, 1.0) * 48.0;
            view! {
                <svg width="48" height="10" viewBox="0 0 48 10" aria-hidden="true">
                    <rect class="fb" x="0" y="0" width=format!("{width:.1}") height="10"></rect>
                </svg>
                {format!("{sign}{}{}", fmt::NBSP, fmt::sig(times, 3))}
            }
            .into_any()
        }
    };
    // Without records nothing shows that a summary is off.
    let off = t.is_struck();
    view! {
        <td class="sep wide">{struck(word(t.published), off, "not in it")}</td>
        <td>{struck(word(t.summary), off, "none")}</td>
        <td class="rec">{struck(word(t.recorded), false, "no records")}</td>
        <td class="l fac">{factor}</td>
    }
    .into_any()
}

/// The findings about sources, those that can be drawn as cards.
fn causes(ws: &Workspace, a: &Analysis) -> Option<AnyView> {
    let cards: Vec<AnyView> = a
        .findings
        .iter()
        .filter_map(|f| Some(card(f, &strip(ws, f)?)))
        .collect();
    if cards.is_empty() {
        return None;
    }
    Some(
        view! {
            <section class="sect">
                <h2>"What caused it"</h2>
                <p>"Read from the raw exports and the deployment files."</p>
                <div class="causes">{cards}</div>
            </section>
        }
        .into_any(),
    )
}

fn card(f: &Finding, drawn: &Strip) -> AnyView {
    let (class, glyph) = grade(f.grade);
    let lines: Vec<AnyView> = f
        .arithmetic
        .iter()
        .take(4)
        .map(|l| view! { <p class="calc">{l.clone()}</p> }.into_any())
        .collect();
    view! {
        <article class="cause" data-check=f.check.id()>
            <header>
                <svg class=format!("sev {class}") role="img" aria-label=f.grade.word()><use href=format!("#i-{glyph}")></use></svg>
                <span class="id">{f.check.id()}</span>
            </header>
            <h3>{f.title.clone()}</h3>
            {picture(drawn)}
            <p>{f.consequence.clone()}</p>
            {lines}
        </article>
    }
    .into_any()
}

/// Width of a strip, in the units of its own drawing.
const WIDE: f64 = 480.0;

fn picture(s: &Strip) -> AnyView {
    match s {
        Strip::Share { kept, kept_is, rest, rest_is } => {
            let share = *kept as f64 / (kept + rest) as f64;
            let n = |v: u64| fmt::number(v as f64, 0);
            view! {
                <svg class="strip-svg" viewBox="0 0 480 18" aria-hidden="true">
                    <rect class="outbar" x="0.75" y="1" width=format!("{:.1}", WIDE - 1.5) height="16"></rect>
                    <rect class="inkbar" x="0" y="1" width=format!("{:.1}", WIDE * share) height="16"></rect>
                </svg>
                <p class="ends"><span><b>{n(*kept)}</b> " " {*kept_is}</span> <span><b>{n(*rest)}</b> " " {*rest_is}</span></p>
            }
            .into_any()
        }
        Strip::Cap { loads, cap } => {
            let top = loads.last().copied().unwrap_or(*cap).max(*cap);
            // Logarithmic, from 1 to a little past the highest load.
            let at = |c: u32| 12.0 + (WIDE - 36.0) * f64::from(c.max(1)).ln() / f64::from(top.max(2)).ln();
            let edge = at(*cap);
            let marks: Vec<AnyView> = loads
                .iter()
                .map(|c| {
                    let class = if c > cap { "h1 hollow" } else { "f1 mk" };
                    let x = format!("{:.1}", at(*c));
                    view! {
                        <circle class=class cx=x.clone() cy="10" r="4"></circle>
                        <text x=x y="34" text-anchor="middle">{c.to_string()}</text>
                    }
                    .into_any()
                })
                .collect();
            view! {
                <svg class="strip-svg" viewBox="0 0 480 40" role="img" aria-label=format!("Loads {}; the engines take {cap} at once", fmt::loads(loads))>
                    <rect class="outbar beyond" x=format!("{edge:.1}") y="1" width=format!("{:.1}", WIDE - 1.0 - edge) height="18"></rect>
                    <line class="edge" x1=format!("{edge:.1}") x2=format!("{edge:.1}") y1="0" y2="20"></line>
                    {marks}
                </svg>
            }
            .into_any()
        }
        Strip::OnePiece { seconds, concurrency } => view! {
            <svg class="strip-svg" viewBox="0 0 480 18" aria-hidden="true">
                <line class="edge-2" x1="1" x2="474" y1="9" y2="9"></line>
                <line class="edge" x1="1" x2="1" y1="3" y2="15"></line>
                <circle class="ink-dot" cx="474" cy="9" r="5"></circle>
            </svg>
            <p class="ends">
                <span>"sent"</span>
                <span>{format!("the only response at {concurrency}, after ")} <b>{fmt::ms(servelens_core::units::Seconds(*seconds))}</b></span>
            </p>
        }
        .into_any(),
    }
}
