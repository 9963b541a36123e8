//! What is known of one request, beside its mark; and the timeline as a table.

use super::readout::unitless;
use super::state::State;
use super::time::place;
use crate::state::Shared;
use crate::ui::atoms::{Cell, Column, Table, icon_small, run_key};
use leptos::prelude::*;
use servelens_core::chart::timeline::{At, Timeline};
use servelens_core::figures;
use servelens_core::fmt;
use servelens_core::model::Metric;
use servelens_core::requests::over;
use servelens_core::stats::percentile;
use servelens_core::units::Seconds;

/// What is known of one request, beside its mark.
pub fn tip(s: State, spec: Memo<Shared<Timeline>>, at: At) -> Option<AnyView> {
    let l = place(spec)?;
    let p = spec.with(|t| l.place(t, at))?;
    let i = s.side_of(at.panel)?;
    let (rows, slot, number) = s.sides.with(|sides| {
        let side = sides.get(i)?.as_ref()?;
        let row = at.point;
        let ms = |m| side.value(m, row).map(|v| fmt::ms(Seconds(v)));
        let plain = |m| side.value(m, row).map(|v| fmt::number(v, 0));
        let late = over(side, row, s.limits.get());
        let rows: Vec<(&str, String)> = [
            ("TTFT", ms(Metric::Ttft)),
            ("TPOT", ms(Metric::Tpot)),
            ("Request time", ms(Metric::RequestLatency)),
            (
                "Start",
                side.start_s
                    .get(row)
                    .map(|v| format!("{}\u{a0}s", fmt::number(*v, 3))),
            ),
            ("Output tokens", plain(Metric::Osl)),
            ("Input tokens", plain(Metric::Isl)),
            ("Limits", Some(late).filter(|t| !t.is_empty())),
        ]
        .into_iter()
        .filter_map(|(k, v)| Some((k, v?)))
        .collect();
        let slot = s.app.limited.with(|ws| figures::slot(&ws.runs, side.run));
        Some((rows, slot, side.number(row)))
    })?;
    let pinned = s.pinned.get() == Some(at);
    let left = if p.x + 330.0 < l.width {
        p.x + 16.0
    } else {
        (p.x - 316.0).max(0.0)
    };
    let counted = s.pair.with(|pair| {
        let shown = pair.sides.get(i)?.as_ref()?;
        let rank = *shown.side.rank.get(at.point)? as usize;
        Some(rank >= shown.dropped)
    });
    Some(
        view! {
            <div
                class="tip"
                class:pinned=pinned
                role=if pinned { "dialog" } else { "tooltip" }
                aria-label="Request"
                style:left=format!("{left}px")
                style:top=format!("{}px", (p.y - 40.0).max(0.0))
            >
                <header>
                    {run_key(slot)}
                    <span class="nb">{format!("{} {}", s.label(i), number)}</span>
                    <span class="grow"></span>
                    <span class="badge b-info">{if counted == Some(false) { "Not counted" } else { "Measured" }}</span>
                    {pinned.then(|| view! {
                        <button class="x" aria-label="Unpin" on:click=move |_| s.pinned.set(None)>{icon_small("x")}</button>
                    })}
                </header>
                <dl>
                    {rows.into_iter().enumerate().map(|(i, (k, v))| view! { <dt>{k}</dt><dd class:big=i == 0>{v}</dd> }).collect::<Vec<_>>()}
                </dl>
            </div>
        }
        .into_any(),
    )
}

/// The timeline's figures, one row a run.
pub fn twin(s: State) -> Table {
    let head = |text: &str, unit: &str, text_column| Column {
        head: text.into(),
        unit: unit.into(),
        text: text_column,
        ..Column::default()
    };
    let rows = s.pair.with(|pair| {
        let each = pair.each().map(|(i, shown)| {
            let v = &shown.ranked.values;
            let at = |p| Cell::or_missing(percentile(v, p).map(unitless));
            let n = |n: usize| Cell::new(fmt::number(n as f64, 0));
            let warm = shown.side.source.warm_up.as_ref().map_or(0, |w| w.len());
            let wave = shown.side.wave_end_s().map(|t| fmt::number(t, 3));
            vec![
                Cell::new(s.label(i)),
                n(v.len()),
                n(shown.dropped),
                n(warm),
                at(0.0),
                at(0.5),
                at(0.95),
                at(1.0),
                Cell::or_missing(wave),
            ]
        });
        each.collect()
    });
    Table {
        caption: "Requests over time".into(),
        columns: vec![
            head("Run", "", true),
            head("Counted", "", false),
            head("Left out", "", false),
            head("Warm-up", "", false),
            head("Least", "ms", false),
            head("p50", "ms", false),
            head("p95", "ms", false),
            head("Most", "ms", false),
            head("First wave ends", "s", false),
        ],
        rows,
    }
}
