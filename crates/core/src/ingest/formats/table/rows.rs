//! From tables to load points: which cell is which figure of which system.
//!
//! Knows rows and columns; refuses to know files and roles.

use super::blocks::Table;
use super::heads::{Column, Named, column, default_stat, fits, metric, metric_of};
use super::shape::{concurrency, figures, fractional, systems_in_heads, turned};
use crate::ingest::error::ReadError;
use crate::ingest::quantity::{Dimension, Quantity, count, quantity};
use crate::model::{Gpus, Load, Metric, Point, Source, Stat, Stats, Workload};
use crate::units::{Seconds, Unit};

/// The points of one system, from one or more tables of a text.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// Name in the table; empty when nothing names it.
    pub label: String,
    /// Points in the order of first mention.
    pub points: Vec<Point>,
    /// Model, when a column gives it.
    pub model: Option<String>,
    /// GPUs, when a column gives them.
    pub gpus: Option<Gpus>,
}

/// Everything that the tables of one text hold.
#[derive(Debug, Default)]
pub struct Drafts {
    /// One for each system.
    pub all: Vec<Draft>,
    /// The first table that holds metrics but no load.
    pub refused: Option<ReadError>,
    /// What a reader should know.
    pub notes: Vec<String>,
    file: String,
}

/// One figure on its way into a point.
struct Figure {
    metric: Metric,
    stat: Stat,
    value: f64,
}

impl Drafts {
    /// Nothing read yet.
    pub fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            ..Self::default()
        }
    }

    /// Reads one table; `heading` is the text above it, `default_label` the name of its system
    /// when no column names one.
    pub fn read(&mut self, table: &Table, heading: &str, default_label: &str) {
        let mut columns: Vec<Column> = table.head.iter().map(|h| column(h)).collect();
        let stats = columns
            .iter()
            .filter(|c| matches!(c, Column::Stat(_)))
            .count();
        if stats > 0 && !columns.contains(&Column::Concurrency) {
            self.read_statistics(table, &columns, default_label);
            return;
        }
        if let Some(turned) = turned(table, &columns) {
            self.read(&turned, heading, default_label);
            return;
        }
        let has_metric = columns.iter().any(|c| matches!(c, Column::Metric(_)));
        let named_rows = columns.contains(&Column::SystemName);
        for (at, c) in columns.iter_mut().enumerate() {
            // A column of words among metrics names the system.
            if has_metric && !named_rows && matches!(c, Column::Words(_)) && !figures(table, at) {
                *c = Column::SystemName;
            }
            // Rates that a run reports are a load only where no figure is in that column.
            if matches!(c, Column::AskedIsl | Column::AskedOsl) && fractional(table, at) {
                let metric = if *c == Column::AskedIsl {
                    Metric::Isl
                } else {
                    Metric::Osl
                };
                *c = Column::Metric(Named {
                    metric,
                    stat: None,
                    factor: None,
                    rest: String::new(),
                });
            }
        }
        if !columns
            .iter()
            .any(|c| matches!(c, Column::Concurrency | Column::RequestRate))
        {
            // Prose and code have commas too: only heads that are mostly known make a table.
            let known = columns
                .iter()
                .filter(|c| !matches!(c, Column::Words(_)))
                .count();
            let rates = table
                .rows
                .iter()
                .flat_map(|(_, row)| row)
                .filter_map(|c| quantity(c));
            if (has_metric && known * 2 >= columns.len())
                || rates.into_iter().any(|q| metric_of(q.dimension).is_some())
            {
                self.refused.get_or_insert(ReadError::NoLoadColumn {
                    line: table.line,
                    heads: table.head.clone(),
                });
            }
            return;
        }
        let systems = systems_in_heads(&columns);
        let about = metric(heading);
        for (line, row) in &table.rows {
            self.read_row(&Row {
                line: *line,
                cells: row,
                columns: &columns,
                systems,
                about: about.as_ref(),
                default_label,
            });
        }
    }

    fn read_row(&mut self, row: &Row<'_>) {
        let mut point = Point::default();
        let mut label = row.default_label.to_owned();
        let (mut model, mut gpus) = (None, None);
        for (cell, column) in row.cells.iter().zip(row.columns) {
            let number = quantity(cell);
            let whole = number.and_then(|q| count(q.written));
            match column {
                Column::Concurrency => point.load.concurrency = concurrency(cell),
                Column::RequestRate => point.load.request_rate = number.map(|q| q.written),
                Column::AskedIsl => point.workload.isl = number.map(|q| q.written),
                Column::AskedOsl => point.workload.osl = number.map(|q| q.written),
                Column::SystemName if !cell.is_empty() => label.clone_from(cell),
                Column::Model if !cell.is_empty() => model = Some(cell.clone()),
                Column::Gpus => {
                    gpus = whole.filter(|n| *n > 0).map(|count| Gpus {
                        count,
                        guess: false,
                    })
                }
                Column::Requests => point.requests = whole.map(u64::from),
                Column::Errors => point.errors = whole.map(u64::from),
                Column::Duration(factor) => {
                    point.duration = number.map(|q| {
                        Seconds(if q.dimension == Dimension::Time {
                            q.si
                        } else {
                            q.written * factor
                        })
                    });
                }
                _ => {}
            }
        }
        if point.load == Load::default() {
            return;
        }
        point.source = Source {
            file: self.file.clone(),
            place: format!("line {}", row.line),
        };
        // A point of this row is the same for all columns of a system.
        let mut chosen: Vec<(String, usize)> = Vec::new();
        for (cell, column) in row.cells.iter().zip(row.columns) {
            let Some(q) = quantity(cell) else { continue };
            let (system, figure) = match column {
                Column::Metric(named) => {
                    let system = if row.systems && !named.rest.is_empty() {
                        &named.rest
                    } else {
                        &label
                    };
                    (system, self.figure(named, q))
                }
                Column::Words(head) => (head, self.system_figure(row.about, q, row.line)),
                _ => continue,
            };
            let Some(figure) = figure else { continue };
            let draft = self.draft(system);
            if model.is_some() {
                draft.model.clone_from(&model);
            }
            if gpus.is_some() {
                draft.gpus = gpus;
            }
            let at = match chosen.iter().find(|(s, _)| s == system) {
                Some((_, at)) => *at,
                None => {
                    let at = place(draft, &point, &figure);
                    chosen.push((system.clone(), at));
                    at
                }
            };
            if let Some(p) = draft.points.get_mut(at) {
                set(p, &figure);
            }
        }
    }

    /// A table whose rows are metrics and whose columns are statistics: one point.
    fn read_statistics(&mut self, table: &Table, columns: &[Column], label: &str) {
        let mut point = Point {
            source: Source {
                file: self.file.clone(),
                place: format!("line {}", table.line),
            },
            ..Point::default()
        };
        for (_, row) in &table.rows {
            let Some(name) = row.first() else { continue };
            let average = row
                .iter()
                .zip(columns)
                .find(|(_, c)| **c == Column::Stat(Stat::Avg))
                .and_then(|(cell, _)| quantity(cell));
            match column(name) {
                Column::Requests => {
                    point.requests = average.and_then(|q| count(q.written)).map(u64::from)
                }
                Column::Errors => {
                    point.errors = average.and_then(|q| count(q.written)).map(u64::from)
                }
                Column::Duration(factor) => {
                    point.duration = average.map(|q| Seconds(q.written * factor))
                }
                _ => {}
            }
            let named = match metric(name) {
                // A word that is left over makes it another metric: “Effective …”, “Prefill …”.
                Some(named) if named.rest.is_empty() && named.stat.is_none() => named,
                _ => continue,
            };
            if point.metrics.contains_key(&named.metric) {
                continue;
            }
            for (cell, column) in row.iter().zip(columns) {
                if let (Column::Stat(stat), Some(q)) = (column, quantity(cell)) {
                    let named = Named {
                        stat: Some(*stat),
                        ..named.clone()
                    };
                    if let Some(figure) = self.figure(&named, q) {
                        set(&mut point, &figure);
                    }
                }
            }
        }
        if point.metrics.is_empty() {
            return;
        }
        let draft = self.draft(label);
        // Further tables of the same print-out are about the same point.
        match draft.points.iter_mut().find(|p| p.load == point.load) {
            Some(known) => {
                for (metric, measure) in point.metrics {
                    known.metrics.entry(metric).or_insert(measure);
                }
                known.requests = known.requests.or(point.requests);
                known.errors = known.errors.or(point.errors);
                known.duration = known.duration.or(point.duration);
            }
            None => draft.points.push(point),
        }
    }

    fn figure(&mut self, named: &Named, q: Quantity) -> Option<Figure> {
        if !fits(q.dimension, named.metric) {
            return None;
        }
        let value = match q.dimension {
            Dimension::None | Dimension::Other => {
                q.written * named.factor.unwrap_or_else(|| self.unstated(named.metric))
            }
            _ => q.si,
        };
        Some(Figure {
            metric: named.metric,
            stat: named.stat.unwrap_or_else(|| default_stat(named.metric)),
            value,
        })
    }

    /// A figure in a column that only names its system: its unit or the heading says the metric.
    fn system_figure(&mut self, about: Option<&Named>, q: Quantity, line: usize) -> Option<Figure> {
        if let Some(named) = about
            && fits(q.dimension, named.metric)
        {
            return self.figure(
                &Named {
                    rest: String::new(),
                    ..named.clone()
                },
                q,
            );
        }
        let metric = metric_of(q.dimension);
        if metric.is_none() && q.dimension == Dimension::None {
            self.note(format!(
                "Line {line} has figures without a unit under a heading that names no metric; they are left out."
            ));
        }
        let metric = metric?;
        Some(Figure {
            metric,
            stat: default_stat(metric),
            value: q.si,
        })
    }

    /// The factor for a figure without any unit: latencies are taken as milliseconds, and said so.
    fn unstated(&mut self, metric: Metric) -> f64 {
        if metric.unit() != Unit::Seconds {
            return 1.0;
        }
        self.note(format!(
            "No unit is given for {}; it is read as milliseconds.",
            metric.info().short
        ));
        1e-3
    }

    fn note(&mut self, sentence: String) {
        if !self.notes.contains(&sentence) && self.notes.len() < 20 {
            self.notes.push(sentence);
        }
    }

    /// The draft of that name, made when new.
    pub fn draft(&mut self, label: &str) -> &mut Draft {
        let at = match self.all.iter().position(|d| d.label == label) {
            Some(at) => at,
            None => {
                self.all.push(Draft {
                    label: label.to_owned(),
                    ..Draft::default()
                });
                self.all.len() - 1
            }
        };
        // The index is valid: it was found or just made.
        #[allow(clippy::indexing_slicing)]
        &mut self.all[at]
    }
}

/// One row with what is known about its columns.
struct Row<'a> {
    line: usize,
    cells: &'a [String],
    columns: &'a [Column],
    systems: bool,
    about: Option<&'a Named>,
    default_label: &'a str,
}

/// The point of this load that has no such figure yet, made when there is none.
fn place(draft: &mut Draft, like: &Point, figure: &Figure) -> usize {
    let free = |p: &Point| {
        p.metrics
            .get(&figure.metric)
            .is_none_or(|m| m.stats.get(figure.stat).is_none())
    };
    let same = |p: &Point| {
        p.load == like.load && (like.workload == Workload::default() || p.workload == like.workload)
    };
    match draft.points.iter().position(|p| same(p) && free(p)) {
        Some(at) => {
            if let Some(p) = draft.points.get_mut(at) {
                p.requests = p.requests.or(like.requests);
                p.errors = p.errors.or(like.errors);
                p.duration = p.duration.or(like.duration);
            }
            at
        }
        None => {
            draft.points.push(like.clone());
            draft.points.len() - 1
        }
    }
}

fn set(point: &mut Point, figure: &Figure) {
    let mut stats = point
        .metrics
        .get(&figure.metric)
        .map_or_else(Stats::new, |m| m.stats.clone());
    stats.set(figure.stat, figure.value);
    point.measured(figure.metric, stats);
}

/// Adds a figure that a sentence states for one concurrency; makes the point when it is new.
pub fn state(
    draft: &mut Draft,
    file: &str,
    line: usize,
    concurrency: u32,
    metric: Metric,
    value: f64,
) {
    let point = Point {
        load: Load {
            concurrency: Some(concurrency),
            request_rate: None,
        },
        source: Source {
            file: file.to_owned(),
            place: format!("line {line}"),
        },
        ..Point::default()
    };
    let figure = Figure {
        metric,
        stat: default_stat(metric),
        value,
    };
    let at = place(draft, &point, &figure);
    if let Some(p) = draft.points.get_mut(at) {
        set(p, &figure);
    }
}
