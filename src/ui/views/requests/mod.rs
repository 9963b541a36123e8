//! Requests at one load: a read-out of both runs, then timeline, distribution, histogram and list,
//! with one selection through all of them.

mod listing;
pub mod readout;
mod rows;
mod shares;
mod state;
mod time;
mod tip;

use crate::platform::page;
use crate::state::{App, Shared};
use crate::ui::atoms::{Choice as Pick, badge, segmented};
use leptos::prelude::*;
use servelens_core::align::WorkloadKey;
use servelens_core::fmt;
use servelens_core::model::{Load, Metric, Role, Treatment};
use servelens_core::requests::{self, Choice, Headline, Told};
use state::State;

/// The sub-view; `tabs` lead back to the loads.
pub fn requests(app: App, tabs: AnyView) -> AnyView {
    let s = State::new(app);
    let any = Memo::new(move |_| s.choices.with(|c| !c.is_empty()));
    let outs = Memo::new(move |_| Shared::new(readout::outs(s)));
    let head = move || {
        let h = headline(s, &outs.get());
        let badge = badge(h.badge);
        view! {
            <div class="head head-fill" data-testid="requests-head">
                <div>
                    <h1>{h.sentence}</h1>
                    <p>{h.reason}</p>
                </div>
                {badge}
            </div>
        }
    };
    view! {
        <section
            class="view"
            aria-label="Requests at one load"
            on:keydown=move |e| {
                if e.key() == "Escape" && !page::in_field(&e) {
                    s.clear();
                }
            }
        >
            {head} {tabs} {move || if any.get() { full(s, outs) } else { none(app) }}
        </section>
    }
    .into_any()
}

fn full(s: State, outs: Memo<Shared<readout::Outs>>) -> AnyView {
    view! {
        <div class="requests" data-testid="requests">
            {tools(s)} {readout::panel(s, outs)} {time::panel(s)}
            <div class="cols-2">{shares::distribution(s)} {shares::histogram(s)}</div>
            {listing::listing(s)}
        </div>
    }
    .into_any()
}

fn headline(s: State, outs: &readout::Outs) -> Headline {
    let sides = s.sides.get();
    let labels = [s.label(0), s.label(1)];
    let told: Vec<Told<'_>> = sides
        .iter()
        .zip(outs)
        .zip(&labels)
        .filter_map(|((side, outs), label)| {
            let (all, steady) = outs.as_ref()?;
            Some(Told {
                label,
                side: side.as_ref()?,
                all,
                steady,
            })
        })
        .collect();
    let load = s.at.get().map_or_else(Load::default, |c| c.load);
    requests::headline(
        &told,
        load,
        s.metric.get(),
        s.limits.get(),
        s.treatment.get(),
    )
}

fn tools(s: State) -> AnyView {
    let loads = move || {
        let all = s.choices.get();
        let now = s.at.get();
        let first = all.first().map(|c| c.workload);
        let picks = all
            .iter()
            .enumerate()
            .map(|(i, c)| Pick::new(i, load_word(c, first)))
            .collect();
        let chosen = all.iter().position(|c| Some(*c) == now).unwrap_or(0);
        segmented("Load", &chosen, picks, move |i: usize| {
            let Some(c) = s.choices.with_untracked(|all| all.get(i).copied()) else {
                return;
            };
            let several = s
                .choices
                .with_untracked(|all| all.iter().any(|o| o.workload != c.workload));
            s.app.look(|v| {
                v.load = Some(c.load);
                if several {
                    v.workload = pair(c.workload);
                }
            });
        })
    };
    let metrics = move || {
        let picks = vec![
            Pick::new(Metric::Ttft, "TTFT"),
            Pick::new(Metric::Tpot, "TPOT"),
            Pick::new(Metric::RequestLatency, "Request time"),
        ];
        segmented("Metric of a request", &s.metric.get(), picks, move |m| {
            s.app
                .look(|v| v.request_metric = Some(m).filter(|m| *m != Metric::Ttft));
        })
    };
    let treatments = move || {
        let waves: Vec<usize> = s
            .sides
            .with(|both| both.iter().flatten().map(|x| x.records.wave()).collect());
        let first = match waves.as_slice() {
            [a, rest @ ..] if rest.iter().all(|b| b == a) => {
                format!("Drop first {}", fmt::number(*a as f64, 0))
            }
            _ => "Drop first wave".into(),
        };
        let picks = vec![
            Pick::new(Treatment::File, "As the file says"),
            Pick::new(Treatment::FirstWave, first),
            Pick::new(Treatment::Mser5, "MSER-5"),
        ];
        segmented("Warm-up", &s.treatment.get(), picks, move |t| {
            s.app.look(|v| v.treatment = t);
        })
    };
    view! { <div class="head-tools">{loads} {metrics} {treatments}</div> }.into_any()
}

/// `50`, `16, 4 000 in`, `5 req/s`.
fn load_word(c: &Choice, first: Option<WorkloadKey>) -> String {
    let mut word = match (c.load.concurrency, c.load.request_rate) {
        (Some(n), _) => fmt::number(f64::from(n), 0),
        (None, Some(r)) => format!("{} req/s", fmt::measured(r)),
        (None, None) => "no load stated".into(),
    };
    if let Some(isl) = c.workload.isl.filter(|_| Some(c.workload) != first) {
        word.push_str(&format!(", {} in", fmt::number(isl as f64, 0)));
    }
    word
}

fn pair(k: WorkloadKey) -> Option<(u32, u32)> {
    Some((u32::try_from(k.isl?).ok()?, u32::try_from(k.osl?).ok()?))
}

/// What to drop when no file holds single requests.
fn none(app: App) -> AnyView {
    let runs = move || {
        let ws = app.workspace.get();
        let sides = ws
            .runs
            .iter()
            .filter(|r| matches!(r.role, Role::Candidate | Role::Baseline));
        sides
            .map(|r| {
                let what = r.tool.info().requests;
                view! { <li><b>{r.label.clone()}</b> {format!(" ({}): {what}", r.tool)}</li> }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <div class="callout" data-testid="no-records">
            <div>
                <p><b>"These runs hold summaries only."</b></p>
                <p>"With the figures of each request this view shows them over time, how they spread, and what the start of the run does to them. The files that bring them:"</p>
                <ul class="bringers">{runs}</ul>
            </div>
        </div>
    }
    .into_any()
}
