//! What the palette finds: views, what they can be turned to, findings, and what can be done.

use super::{atoms, bar, menus, reading, saving};
use crate::platform::page;
use crate::state::{App, Change, Layer, Sample};
use leptos::prelude::*;
use leptos::task::spawn_local;
use servelens_core::fmt;
use servelens_core::model::{Load, Metric, Stat};
use servelens_core::report::Format;
use servelens_core::url::{View, ViewState};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A line of the palette.
#[derive(Clone)]
pub struct Command {
    /// Head above it.
    pub group: &'static str,
    /// Icon.
    pub glyph: &'static str,
    /// What it does.
    pub name: String,
    /// Paler, at the right.
    pub about: String,
    /// Does it.
    pub act: Arc<dyn Fn() + Send + Sync>,
}

fn command(
    group: &'static str,
    glyph: &'static str,
    name: impl Into<String>,
    about: impl Into<String>,
    act: impl Fn() + Send + Sync + 'static,
) -> Command {
    Command {
        group,
        glyph,
        name: name.into(),
        about: about.into(),
        act: Arc::new(act),
    }
}

/// All commands, as the table is now.
pub fn commands(app: App) -> Vec<Command> {
    let mut all = views(app);
    all.extend(findings(app));
    all.extend(turns(app));
    all.extend(charts());
    all.extend(deeds(app));
    all
}

fn views(app: App) -> Vec<Command> {
    let view = |(i, v): (usize, View)| {
        command(
            "Go to",
            "arrow",
            v.label(),
            (i + 1).to_string(),
            move || app.look(|s| s.view = v),
        )
    };
    View::ALL.into_iter().enumerate().map(view).collect()
}

fn findings(app: App) -> Vec<Command> {
    app.analysis.with_untracked(|a| {
        let finding = |f: &servelens_core::audit::Finding| {
            let id = f.check.id();
            command(
                "Findings",
                atoms::grade(f.grade).1,
                &f.title,
                id,
                move || {
                    app.look(|s| {
                        s.view = View::Audit;
                        s.check = Some(id.to_owned());
                    });
                },
            )
        };
        a.findings.iter().map(finding).collect()
    })
}

/// What Compare and SLA can be turned to.
fn turns(app: App) -> Vec<Command> {
    let turn = |glyph, name: String, change: fn(&mut ViewState, Turn), to: Turn| {
        command("Show", glyph, name, "", move || app.look(|v| change(v, to)))
    };
    let mut all = Vec::new();
    for metric in [
        Metric::OutputThroughput,
        Metric::RequestThroughput,
        Metric::OutputThroughputPerUser,
        Metric::Ttft,
        Metric::Tpot,
        Metric::RequestLatency,
    ] {
        let name = format!("Compare: {}", metric.info().label);
        all.push(turn("chart", name, to_metric, Turn::Metric(metric)));
    }
    for stat in [Stat::Avg, Stat::P50, Stat::P90, Stat::P95, Stat::P99] {
        let name = format!("Compare latencies: {}", fmt::stat(stat));
        all.push(turn("chart", name, to_stat, Turn::Stat(stat)));
        let name = format!("SLA judges: {}", fmt::stat(stat));
        all.push(turn("tick", name, to_sla, Turn::Stat(stat)));
    }
    let loads: BTreeSet<u32> = app.workspace.with_untracked(|ws| {
        let points = ws.runs.iter().flat_map(|r| &r.points);
        points
            .filter(|p| p.records.is_some())
            .filter_map(|p| p.load.concurrency)
            .collect()
    });
    for c in loads {
        let name = format!("Requests at concurrency {c}");
        all.push(turn("clock", name, to_load, Turn::Load(c)));
    }
    for (metric, name) in [
        (Metric::Ttft, "Set the TTFT limit"),
        (Metric::Tpot, "Set the TPOT limit"),
        (Metric::RequestLatency, "Set the end-to-end limit"),
    ] {
        all.push(command("Do", "tick", name, "SLA", move || {
            app.look(|v| v.view = View::Sla);
            spawn_local(async move {
                page::breathe().await;
                page::focus(&format!("limit-{}", metric.id()));
            });
        }));
    }
    all
}

#[derive(Clone, Copy)]
enum Turn {
    Metric(Metric),
    Stat(Stat),
    Load(u32),
}

fn to_metric(v: &mut ViewState, to: Turn) {
    if let Turn::Metric(m) = to {
        (v.view, v.requests, v.metric) = (View::Compare, false, Some(m));
    }
}

fn to_stat(v: &mut ViewState, to: Turn) {
    if let Turn::Stat(s) = to {
        (v.view, v.requests, v.stat) = (View::Compare, false, Some(s));
    }
}

fn to_sla(v: &mut ViewState, to: Turn) {
    if let Turn::Stat(s) = to {
        (v.view, v.sla_stat) = (View::Sla, Some(s));
    }
}

fn to_load(v: &mut ViewState, to: Turn) {
    if let Turn::Load(c) = to {
        (v.view, v.requests) = (View::Compare, true);
        v.load = Some(Load {
            concurrency: Some(c),
            request_rate: None,
        });
    }
}

/// The charts of the view, each with its menu for saving.
fn charts() -> Vec<Command> {
    let chart = |(i, title): (usize, String)| {
        let name = format!("Save the chart: {title}");
        command("Charts here", "image", name, "PNG, SVG, CSV", move || {
            page::click_nth(SAVES, i)
        })
    };
    page::named(SAVES, "data-save")
        .into_iter()
        .enumerate()
        .map(chart)
        .collect()
}

/// The buttons that open a chart's menu for saving.
const SAVES: &str = "[data-save]";

fn deeds(app: App) -> Vec<Command> {
    let mut all = vec![
        command("Do", "plus", "Add files", "", || {
            page::click(bar::FILES_INPUT)
        }),
        command("Do", "plus", "Add a folder", "", bar::pick_folder),
        command("Do", "copy", "Paste a result or a table", "", move || {
            app.layer.set(Layer::Paste)
        }),
        command("Do", "arrow", "Undo the last step", "Ctrl Z", move || {
            app.apply(Change::Undo)
        }),
        command(
            "Do",
            "arrow",
            "Redo what was undone",
            "Ctrl ⇧ Z",
            move || app.apply(Change::Redo),
        ),
    ];
    for s in Sample::ALL {
        let name = format!("Open the sample: {}", s.label());
        all.push(command("Do", "chart", name, "", move || {
            reading::open_sample(app, s)
        }));
    }
    all.push(command(
        "Do",
        "link",
        "Copy link to this view",
        "",
        move || menus::copy_link(app),
    ));
    all.push(command("Do", "file", "Save session", "", move || {
        saving::session(app)
    }));
    for (name, format) in [
        ("Save the report as Markdown", Format::Markdown),
        ("Save the report as one HTML page", Format::Html),
        ("Save the analysis as JSON", Format::Json),
        ("Save the comparison as CSV", Format::Csv),
    ] {
        all.push(command("Do", "down", name, "", move || {
            saving::report(app, format)
        }));
    }
    all.push(command(
        "Do",
        "sun",
        "Change the theme: light or dark",
        "",
        move || bar::cycle_theme(app),
    ));
    all.push(command("Do", "x", "Clear the table", "", move || {
        app.clear()
    }));
    all.push(command("Do", "help", "Keyboard map", "?", move || {
        app.layer.set(Layer::Help)
    }));
    all
}
