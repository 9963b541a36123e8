//! What must hold of every comparison.

#![allow(
    clippy::unwrap_used,
    reason = "a failed unwrap is the test's own message"
)]

use proptest::prelude::*;
use servelens_core::align::power_law;
use servelens_core::analysis::{Analysis, Options, analyse};
use servelens_core::audit::Question;
use servelens_core::compare::Outcome;
use servelens_core::findings::Badge;
use servelens_core::model::{
    Deployment, Load, Metric, Point, Provenance, Role, Run, RunKind, Stat, Stats, Tool, Workspace,
};

#[derive(Debug, Clone)]
struct Row {
    concurrency: u32,
    tokens: f64,
    requests: f64,
    ttft: f64,
    tpot: Option<f64>,
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (
        1_u32..400,
        0.1_f64..5000.0,
        0.01_f64..100.0,
        0.001_f64..30.0,
        prop::option::of(0.0001_f64..1.0),
    )
        .prop_map(|(concurrency, tokens, requests, ttft, tpot)| Row {
            concurrency,
            tokens,
            requests,
            ttft,
            tpot,
        });
    prop::collection::vec(row, 1..6)
}

fn run(label: &str, role: Role, rows: &[Row]) -> Run {
    let points = rows
        .iter()
        .map(|r| {
            let mut p = Point {
                load: Load {
                    concurrency: Some(r.concurrency),
                    request_rate: None,
                },
                ..Point::default()
            };
            p.measured(Metric::OutputThroughput, Stats::avg(r.tokens));
            p.measured(Metric::RequestThroughput, Stats::avg(r.requests));
            p.measured(Metric::Ttft, Stats::of(Stat::Avg, r.ttft));
            if let Some(tpot) = r.tpot {
                p.measured(Metric::Tpot, Stats::of(Stat::Avg, tpot));
            }
            p
        })
        .collect();
    Run {
        id: label.to_owned(),
        label: label.to_owned(),
        tool: Tool::AiPerf,
        tool_version: None,
        kind: RunKind::Measured,
        role,
        role_is_guess: false,
        deployment: Deployment::default(),
        points,
        files: Vec::new(),
        notes: Vec::new(),
    }
}

fn compared(a: &[Row], b: &[Row]) -> Analysis {
    let ws = Workspace {
        runs: vec![run("a", Role::Candidate, a), run("b", Role::Baseline, b)],
        ..Workspace::default()
    };
    analyse(&ws, &Options::default())
}

fn swap(o: Outcome) -> Outcome {
    match o {
        Outcome::Candidate => Outcome::Baseline,
        Outcome::Baseline => Outcome::Candidate,
        Outcome::NoDifference => Outcome::NoDifference,
    }
}

proptest! {
    #[test]
    fn a_system_against_itself_is_no_practical_difference(a in rows()) {
        let x = compared(&a, &a);
        for row in &x.comparison.rows {
            for (metric, cell) in &row.cells {
                let c = cell.change.unwrap();
                prop_assert_eq!(c.ratio, Some(1.0));
                prop_assert_eq!(c.absolute, 0.0);
                if metric.improves(1.0, 2.0).is_some() {
                    prop_assert_eq!(c.outcome, Some(Outcome::NoDifference));
                }
            }
        }
        prop_assert!(x.comparison.crossovers.is_empty());
        let who = x.verdict.line(Question::WhoWins).unwrap();
        prop_assert!(who.sentence.contains("no practical difference"), "{}", who.sentence);
    }

    #[test]
    fn swapping_the_roles_inverts_ratios_and_winners_and_nothing_else(a in rows(), b in rows()) {
        let (x, y) = (compared(&a, &b).comparison, compared(&b, &a).comparison);
        prop_assert_eq!(x.rows.len(), y.rows.len());
        for (r, s) in x.rows.iter().zip(&y.rows) {
            prop_assert_eq!((r.concurrency, r.matched), (s.concurrency, s.matched));
            for (metric, c) in &r.cells {
                let d = &s.cells[metric];
                prop_assert_eq!(&c.candidate, &d.baseline);
                prop_assert_eq!(&c.baseline, &d.candidate);
                prop_assert_eq!(c.change.is_some(), d.change.is_some());
                if let (Some(c), Some(d)) = (c.change, d.change) {
                    prop_assert!((c.ratio.unwrap() * d.ratio.unwrap() - 1.0).abs() < 1e-12);
                    prop_assert_eq!(c.absolute, -d.absolute);
                    prop_assert_eq!(c.outcome.map(swap), d.outcome);
                }
            }
        }
        prop_assert_eq!(x.crossovers.len(), y.crossovers.len());
        for (metric, l) in &x.crossovers {
            let m = &y.crossovers[metric];
            prop_assert_eq!(l.len(), m.len());
            for (p, q) in l.iter().zip(m) {
                prop_assert!((p.concurrency - q.concurrency).abs() < 1e-9 * p.concurrency);
                prop_assert_eq!(p.between, q.between);
            }
        }
    }

    #[test]
    fn another_unit_on_both_sides_changes_no_winner(a in rows(), b in rows(), k in 0.01_f64..100.0) {
        let scaled = |rows: &[Row]| -> Vec<Row> {
            rows.iter()
                .map(|r| Row { tokens: r.tokens * k, requests: r.requests * k, ..r.clone() })
                .collect()
        };
        let x = compared(&a, &b).comparison;
        let y = compared(&scaled(&a), &scaled(&b)).comparison;
        for (r, s) in x.rows.iter().zip(&y.rows) {
            for metric in [Metric::OutputThroughput, Metric::RequestThroughput] {
                let both = (&r.cells.get(&metric), &s.cells.get(&metric));
                let (Some(c), Some(d)) = both else { continue };
                let (Some(c), Some(d)) = (c.change, d.change) else { continue };
                // Right at the edge of the band the rounding of the product may decide.
                let edge = (c.ratio.unwrap().ln().abs() - 1.05_f64.ln()).abs() < 1e-9;
                prop_assert!(edge || c.outcome == d.outcome);
            }
        }
    }

    #[test]
    fn an_interpolated_figure_lies_between_its_neighbours(a in rows(), b in rows()) {
        let x = compared(&a, &b).comparison;
        for row in &x.rows {
            for (metric, cell) in &row.cells {
                let sides = [(&cell.candidate, &a), (&cell.baseline, &b)];
                for (figure, rows) in sides {
                    let Some(f) = figure else { continue };
                    if f.provenance != Provenance::Interpolated || *metric != Metric::OutputThroughput {
                        continue;
                    }
                    let values: Vec<f64> = rows.iter().map(|r| r.tokens).collect();
                    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
                    let high = values.iter().copied().fold(0.0, f64::max);
                    prop_assert!((low..=high).contains(&f.value));
                    let loads: Vec<u32> = rows.iter().map(|r| r.concurrency).collect();
                    prop_assert!(loads.iter().any(|c| *c < row.concurrency));
                    prop_assert!(loads.iter().any(|c| *c > row.concurrency));
                }
            }
        }
    }

    #[test]
    fn the_line_stays_within_its_ends(
        c0 in 1_u32..1000, step in 1_u32..1000, t in 0.0_f64..=1.0,
        v0 in 1e-6_f64..1e6, v1 in 1e-6_f64..1e6,
    ) {
        let (a, b) = (f64::from(c0), f64::from(c0 + step));
        let v = power_law(a, b, v0, v1, a + (b - a) * t).unwrap();
        prop_assert!(v >= v0.min(v1) && v <= v0.max(v1));
        for (c, ends) in [(a, v0), (b, v1)] {
            let v = power_law(a, b, v0, v1, c).unwrap();
            prop_assert!((v / ends - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn nothing_ever_names_a_winner_over_a_block(a in rows(), b in rows()) {
        let x = compared(&a, &b);
        let who = x.verdict.line(Question::WhoWins).unwrap();
        let unequal = |row: &servelens_core::compare::Row| {
            row.identity.is_some_and(|i| i.length.max(1.0 / i.length) > 1.05 + 1e-9)
        };
        let matched: Vec<_> = x.comparison.rows.iter().filter(|r| r.matched).collect();
        if !matched.is_empty() && matched.iter().all(|r| unequal(r)) {
            prop_assert_eq!(who.badge, Badge::NotComparable, "{}", who.sentence);
        }
    }

    #[test]
    fn whatever_is_missing_every_question_gets_a_whole_sentence(
        seeds in prop::collection::vec((0_u32..5, prop::collection::vec(prop::option::of(0.0_f64..50.0), 6), 0_u64..20), 0..8),
        roles in prop::collection::vec(0_usize..4, 3),
        limit in prop::option::of(0.0001_f64..10.0),
        pasted: bool,
    ) {
        let metrics = [
            Metric::OutputThroughput, Metric::RequestThroughput, Metric::Osl,
            Metric::Ttft, Metric::Tpot, Metric::RequestLatency,
        ];
        let mut ws = Workspace::default();
        for (i, role) in roles.iter().enumerate() {
            let mut r = run(&format!("run {i}"), Role::ALL[*role], &[]);
            if *role == 2 {
                r.kind = RunKind::Projected;
            }
            for (j, (c, values, n)) in seeds.iter().enumerate() {
                if j % 3 != i {
                    continue;
                }
                let mut p = Point::default();
                p.load.concurrency = (*c > 0).then_some(*c);
                p.requests = Some(*n);
                p.errors = (*n % 2 == 0).then_some(*n / 4);
                p.workload.osl = values[0];
                for (m, v) in metrics.iter().zip(values) {
                    if let Some(v) = v {
                        p.measured(*m, Stats::avg(*v));
                    }
                }
                r.points.push(p);
            }
            ws.runs.push(r);
        }
        if pasted {
            ws.texts.push(servelens_core::model::PastedText {
                file: "t.md".to_owned(),
                text: include_str!("../../../tests/cases/table/seed/typical/aic-benchmark-analysis.md").to_owned(),
            });
        }
        ws.sla.ttft = limit.map(servelens_core::units::Seconds);
        ws.sla.stat = Stat::Avg;
        let a = analyse(&ws, &Options::default());
        prop_assert_eq!(a.verdict.lines.len(), 3);
        for l in &a.verdict.lines {
            prop_assert!(l.sentence.ends_with('.'), "{:?}", l);
            prop_assert!(l.reason.is_empty() || l.reason.ends_with('.'), "{:?}", l);
            for text in [&l.sentence, &l.reason, &l.evidence] {
                prop_assert!(!text.contains("NaN") && !text.contains("inf"), "{}", text);
            }
        }
        // Every check speaks: a finding, a pass, or that it lacks data and what it needs.
        for check in servelens_core::audit::Check::ALL.iter().copied() {
            let mut of = a.findings.iter().filter(|f| f.check == check).peekable();
            prop_assert!(ws.runs.is_empty() && !pasted || of.peek().is_some(), "{:?} is silent", check);
            for f in of {
                use servelens_core::audit::Grade;
                prop_assert!(f.grade != Grade::NoData || f.consequence.starts_with("The check needs"), "{:?}", f);
                let weighty = matches!(f.grade, Grade::Block | Grade::Warn);
                prop_assert!(!weighty || !f.arithmetic.is_empty(), "{:?}", f);
            }
        }
        for f in &a.findings {
            for line in f.arithmetic.iter().chain([&f.title, &f.consequence]) {
                prop_assert!(!line.contains("NaN") && !line.contains(" inf"), "{}", line);
            }
        }
        let report = servelens_core::report::build(&ws, &a);
        for format in [
            servelens_core::report::Format::Markdown,
            servelens_core::report::Format::Html,
            servelens_core::report::Format::Json,
            servelens_core::report::Format::Csv,
        ] {
            let text = servelens_core::report::render(&report, format, None);
            prop_assert!(!text.contains("NaN"), "{}", text);
        }
    }

    #[test]
    fn no_pasted_text_brings_the_audit_down(
        noise in "[|0-9.,%+~≤>µ\u{202f}€ \\n#*`a-z-]{0,200}",
        cut in 0.0_f64..1.0,
    ) {
        let seed = include_str!("../../../tests/cases/table/seed/typical/aic-benchmark-analysis.md");
        let at = (seed.len() as f64 * cut) as usize;
        let at = (at..seed.len()).find(|i| seed.is_char_boundary(*i)).unwrap_or(0);
        let (head, tail) = seed.split_at(at);
        let ws = Workspace {
            texts: vec![servelens_core::model::PastedText {
                file: "t.md".to_owned(),
                text: format!("{head}{noise}{tail}"),
            }],
            ..Workspace::default()
        };
        let a = analyse(&ws, &Options::default());
        prop_assert!(a.findings.iter().any(|f| f.check == servelens_core::audit::Check::Text));
    }
}
