//! The tables of Accuracy: each is also the twin or the neighbour of a chart.

use crate::ui::atoms::{Cell, Column, Table};
use servelens_core::accuracy::{LoadErrors, Quantity};
use servelens_core::audit::Reprojection;
use servelens_core::calibrate::{Advice, Fit};
use servelens_core::findings::{
    Accuracy, Calibration, Condition, error_interval, factor_name, load_name, shown, unit,
};
use servelens_core::fmt;
use servelens_core::model::Metric;

fn column(head: &str, unit: &str) -> Column {
    Column {
        head: head.into(),
        unit: unit.into(),
        ..Column::default()
    }
}

fn text(head: &str) -> Column {
    Column {
        head: head.into(),
        text: true,
        ..Column::default()
    }
}

fn muted(words: &str) -> Cell {
    Cell {
        muted: true,
        ..Cell::new(words)
    }
}

/// What must hold before an error is given.
pub fn conditions(all: &[Condition]) -> Table {
    let rows = all
        .iter()
        .map(|c| {
            let (flag, word) = match c.holds {
                Some(true) => (("k-ok", "ok"), "Matches"),
                Some(false) => (("k-nc", "nc"), "Fails"),
                None => (("k-warn", "warn"), "Not known"),
            };
            vec![
                Cell::new(c.matter.name()),
                Cell::new(c.projection.clone()),
                Cell::new(c.measurement.clone()),
                muted(&c.difference),
                Cell {
                    flag: Some(flag),
                    ..Cell::new(word)
                },
            ]
        })
        .collect();
    Table {
        caption: "Conditions".into(),
        columns: [
            "Condition",
            "Projection",
            "Measurement",
            "Difference",
            "Result",
        ]
        .map(text)
        .into(),
        rows,
    }
}

/// Every quantity at the projection's own load, with its interval or why there is none.
pub fn errors(at: &LoadErrors) -> Table {
    let rows = at
        .errors
        .iter()
        .map(|e| {
            vec![
                Cell::new(e.quantity.label()),
                muted(unit(e.quantity)),
                Cell::new(shown(e.quantity, e.projected)),
                Cell::new(shown(e.quantity, e.measured)),
                Cell::new(fmt::change_table(e.error())),
                Cell::new(fmt::ratio(e.ratio())),
                match &e.interval {
                    Ok(_) => Cell::new(error_interval(e)),
                    Err(why) => muted(why),
                },
            ]
        })
        .collect();
    Table {
        caption: "Signed error of each figure".into(),
        columns: vec![
            text("Figure"),
            text("Unit"),
            column("Projected", ""),
            column("Measured", ""),
            column("Error", ""),
            column("Ratio", "projected ÷ measured"),
            text("95 % interval of the error"),
        ],
        rows,
    }
}

/// Signed error by load, with the mean absolute error and the bias.
pub fn by_load(a: &Accuracy) -> Table {
    let columns: Vec<Column> = std::iter::once(text("Figure"))
        .chain(a.by_load.iter().map(|l| {
            let how = if l.recomputed {
                "recomputed"
            } else {
                "reported"
            };
            column(&format!("at {}", l.expected.concurrency), how)
        }))
        .chain([column("Mean absolute", "%"), column("Bias", "%")])
        .collect();
    let bare = |v: f64| percent(&fmt::change_table(v));
    let rows = Quantity::ALL
        .into_iter()
        .filter_map(|q| {
            let mean = a.overall.iter().find(|o| o.quantity == q)?;
            let mut row = vec![Cell::new(q.label())];
            row.extend(a.by_load.iter().map(|l| {
                l.of(q)
                    .map_or_else(Cell::missing, |e| Cell::new(bare(e.error())))
            }));
            row.push(Cell::new(fmt::number(mean.mape * 100.0, 1)));
            row.push(Cell::new(bare(mean.bias)));
            Some(row)
        })
        .collect();
    Table {
        caption: "Signed error by concurrency, percent".into(),
        columns,
        rows,
    }
}

/// A percentage without its sign, for a column that says it.
fn percent(words: &str) -> String {
    words.trim_end_matches(['%', fmt::NBSP]).to_owned()
}

/// Requests/s at each load, measured and re-projected.
pub fn reprojection(r: &Reprojection) -> Table {
    let digits = fmt::column_decimals(
        r.loads
            .iter()
            .map(|l| Metric::RequestThroughput.unit().shown(l.measured_s)),
    );
    let rows = r
        .loads
        .iter()
        .map(|l| {
            vec![
                Cell::new(l.expected.concurrency.to_string()),
                Cell::new(fmt::number(l.requests_s, 2)),
                Cell::new(fmt::number(l.measured_s, digits)),
                Cell::new(fmt::number(l.share() * 100.0, 0)),
            ]
        })
        .collect();
    Table {
        caption: "Requests/s by concurrency, re-projected and measured".into(),
        columns: vec![
            column("Concurrency", ""),
            column("Re-projected", "req/s"),
            column("Measured", "req/s"),
            column("Ratio", "%"),
        ],
        rows,
    }
}

/// Every load as projected and as calibrated, each over the measured figure.
pub fn loads(c: &Calibration) -> Table {
    let rows = c
        .fits
        .iter()
        .flat_map(|f| f.loads.iter().map(move |l| (f, l)))
        .map(|(f, l)| {
            vec![
                Cell::new(format!("{} at {}", f.quantity.label(), load_name(f, l))),
                Cell::new(shown(f.quantity, l.pair.projected)),
                Cell::new(shown(f.quantity, l.pair.measured)),
                Cell::new(fmt::change_table(l.before - 1.0)),
                Cell::new(fmt::change_table(l.after - 1.0)),
                Cell::new(fmt::change_table(l.left_out - 1.0)),
            ]
        })
        .collect();
    Table {
        caption: "Each load, as projected and calibrated".into(),
        columns: vec![
            text("Load"),
            column("Projected", "ms"),
            column("Measured", "ms"),
            column("Error", "as projected"),
            column("Error", "fitted to all"),
            column("Error", "left out"),
        ],
        rows,
    }
}

/// The mean errors of each factor, with the advice.
pub fn factors(c: &Calibration) -> Table {
    Table {
        caption: "Calibration error".into(),
        columns: vec![
            Column {
                unit: "absolute".into(),
                ..text("Mean error, %")
            },
            column("Before", ""),
            column("After", ""),
            column("Left out", ""),
            text(""),
        ],
        rows: c.fits.iter().map(factor).collect(),
    }
}

fn factor(f: &Fit) -> Vec<Cell> {
    let number = |v: f64| Cell::new(fmt::number(v * 100.0, 1));
    let flag = match f.advice {
        Advice::Keep | Advice::NotNeeded => ("k-ok", "ok"),
        Advice::DontUse => ("k-warn", "warn"),
    };
    vec![
        Cell {
            detail: match f.quantity {
                Quantity::RequestTime => format!("× {}", fmt::sig(f.factor, 3)),
                _ => format!("{} × {}", factor_name(f), fmt::sig(f.factor, 3)),
            },
            ..Cell::new(f.quantity.label())
        },
        number(f.before),
        number(f.after),
        number(f.left_out),
        Cell {
            flag: Some(flag),
            ..Cell::new(f.advice.word())
        },
    ]
}
