//! The list of the brushed requests: sorted, paged, with what each is over; as CSV.

use super::rows::{body, csv};
use super::state::State;
use crate::platform::page;
use crate::state::Shared;
use crate::ui::atoms::{Choice, icon, segmented};
use leptos::prelude::*;
use servelens_core::fmt;
use servelens_core::model::Metric;
use servelens_core::requests::{Listed, Ranked, Side, Sort, page as page_of, within_words};

/// Rows of a page, and of a long one.
const SIZES: [usize; 2] = [8, 50];
/// The list and how it is turned.
#[derive(Clone, Copy)]
pub struct List {
    pub s: State,
    pub sort: RwSignal<Sort>,
    pub only: RwSignal<Option<usize>>,
    pub page: RwSignal<usize>,
    pub size: RwSignal<usize>,
    orders: Memo<Shared<[Ranked; 2]>>,
    kept: Memo<Shared<[Vec<u32>; 2]>>,
}

/// The section.
pub fn listing(s: State) -> AnyView {
    let sort = RwSignal::new(Sort {
        by: Some(s.metric.get_untracked()),
        down: true,
    });
    // The metric above chooses the order; a click on a head chooses another.
    Effect::new(move |before: Option<Metric>| {
        let by = s.metric.get();
        if before.is_some_and(|b| b != by) {
            sort.set(Sort {
                by: Some(by),
                down: true,
            });
        }
        by
    });
    let by = Memo::new(move |_| sort.get().by);
    let orders = Memo::new(move |_| {
        let by = by.get();
        Shared::new(s.sides.with(|sides| {
            sides.each_ref().map(|side| match (side, by) {
                (Some(side), Some(m)) => Ranked::new(side, m, 0),
                (Some(side), None) => Ranked {
                    values: side.start_s.clone(),
                    rows: (0..u32::try_from(side.n()).unwrap_or(u32::MAX)).collect(),
                },
                (None, _) => Ranked::default(),
            })
        }))
    });
    let kept = Memo::new(move |_| {
        let limits = s.limits.get();
        Shared::new(s.sides.with(|sides| {
            sides
                .each_ref()
                .map(|side| side.as_ref().map_or_else(Vec::new, |x| x.kept(limits)))
        }))
    });
    let l = List {
        s,
        sort,
        only: RwSignal::new(None),
        page: RwSignal::new(0),
        size: RwSignal::new(SIZES[0]),
        orders,
        kept,
    };
    // Other rows begin at their first page.
    Effect::new(move |_| {
        s.rows.track();
        l.sort.track();
        l.only.track();
        l.page.set(0);
    });
    let title = move || {
        if s.brush.get().is_some() {
            "Brushed requests"
        } else {
            "All requests"
        }
    };
    view! {
        <section class="sect" data-testid="listing">
            <div class="sect-row">
                <div>
                    <h2>{title}</h2>
                    <p data-testid="listing-about">{move || about(l)}</p>
                </div>
                {actions(l)}
            </div>
            {body(l)}
            {move || foot(l)}
        </section>
    }
    .into_any()
}

/// Whether the list shows a side.
fn shown(l: List, side: usize) -> bool {
    l.only.get().is_none_or(|o| o == side)
}

fn about(l: List) -> String {
    let s = l.s;
    let rows = s.rows.get();
    let mut parts: Vec<String> = Vec::new();
    let mut within = 0;
    for (i, r) in rows.iter().enumerate() {
        if s.sides.with(|x| x.get(i).is_none_or(Option::is_none)) {
            continue;
        }
        let n = fmt::number(r.len() as f64, 0);
        parts.push(format!("{n} of {}", s.label(i)));
        within += l.kept.with(|k| {
            let at = |j: usize| k.get(i).and_then(|c| c.get(j).copied()).unwrap_or(0);
            at(r.end) - at(r.start)
        });
    }
    let limits = within_words(s.limits.get());
    let kept = if limits.is_empty() {
        String::new()
    } else {
        format!("; {} keep {limits}", fmt::number(f64::from(within), 0))
    };
    let more = if s.pinned.get().is_some() {
        " The first row is pinned and ringed in the chart."
    } else if s.brush.get().is_none() {
        " Drag over the timeline to select some of them."
    } else {
        ""
    };
    format!("{}{kept}.{more}", fmt::list(&parts))
}

fn actions(l: List) -> AnyView {
    let s = l.s;
    let sides = move || {
        let there: Vec<usize> = s.sides.with(|x| {
            let some = x.iter().enumerate().filter(|(_, x)| x.is_some());
            some.map(|(i, _)| i).collect()
        });
        (there.len() > 1).then(|| {
            let mut picks = vec![Choice::new(None, "Both")];
            picks.extend(there.into_iter().map(|i| Choice::new(Some(i), s.label(i))));
            segmented("Runs listed", &l.only.get(), picks, move |o| l.only.set(o))
        })
    };
    let picked = move || s.brush.get().is_some() || s.pinned.get().is_some();
    let clear = move || {
        picked().then(|| {
            view! {
                <button class="btn" data-testid="clear" on:click=move |_| s.clear()>
                    "Clear selection" <kbd>"Esc"</kbd>
                </button>
            }
        })
    };
    view! {
        <div class="actions">
            {sides} {clear}
            <button class="btn" on:click=move |_| {
                page::save("requests.csv", "text/csv", csv(l).as_bytes());
            }>{icon("down")} "CSV"</button>
        </div>
    }
    .into_any()
}

/// The listed requests from a place on.
pub fn listed(l: List, skip: usize, take: usize) -> Vec<Listed> {
    let rows = l.s.rows.get();
    let down = l.sort.get().down;
    l.s.sides.with(|sides| {
        l.orders.with(|orders| {
            let parts: Vec<(usize, &Side, &Ranked, _)> = sides
                .iter()
                .zip(orders.iter())
                .zip(rows)
                .enumerate()
                .filter(|(i, _)| shown(l, *i))
                .filter_map(|(i, ((side, ranked), range))| {
                    Some((i, side.as_deref()?, ranked, range))
                })
                .collect();
            page_of(&parts, down, skip, take)
        })
    })
}

fn total(l: List) -> usize {
    l.s.rows.with(|rows| {
        l.orders.with(|orders| {
            let each = orders.iter().zip(rows).enumerate();
            each.filter(|(i, _)| shown(l, *i))
                .map(|(i, (ranked, range))| {
                    let n =
                        l.s.sides
                            .with(|x| x.get(i).and_then(|x| Some(x.as_ref()?.n())));
                    if n == Some(ranked.rows.len()) {
                        return range.len();
                    }
                    let all = ranked.of_range(&[ranked.rows.len()], range);
                    all.first().copied().unwrap_or(0) as usize
                })
                .sum()
        })
    })
}

fn foot(l: List) -> AnyView {
    let (total, size, page) = (total(l), l.size.get(), l.page.get());
    let number = |n: usize| fmt::number(n as f64, 0);
    let pages = total.div_ceil(size.max(1));
    let files: Vec<String> = l.s.sides.with(|x| {
        let shown = x.iter().enumerate().filter(|(i, _)| shown(l, *i));
        shown
            .filter_map(|(_, x)| Some(x.as_ref()?.source.file.clone()))
            .collect()
    });
    let (first, last) = (page == 0, page + 1 >= pages);
    let turn = (pages > 1).then(|| {
        let at = format!("{} of {}", number(page + 1), number(pages));
        view! {
            <button class="btn btn-s" disabled=first on:click=move |_| l.page.update(|p| *p = p.saturating_sub(1))>"Back"</button>
            <span>{at}</span>
            <button class="btn btn-s" disabled=last on:click=move |_| l.page.update(|p| *p += 1)>"Next"</button>
        }
    });
    let [few, many] = SIZES;
    let longer = (total > few).then(|| {
        let (to, word) = if size == few {
            (many, format!("Show {} a page", number(many)))
        } else {
            (few, format!("Show {} a page", number(few)))
        };
        view! { <button class="btn btn-s" on:click=move |_| { l.size.set(to); l.page.set(0); }>{word}</button> }
    });
    view! { <div class="more">{turn} {longer} <span>{format!("From {}", fmt::list(&files))}</span></div> }.into_any()
}
