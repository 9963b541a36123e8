//! The three answers on small runs: what is named, what is withheld, and how sure it is.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed step is the test's own message"
)]

mod support;

use servelens_core::analysis::{Options, analyse};
use servelens_core::audit::Question;
use servelens_core::figures;
use servelens_core::findings::Badge;
use servelens_core::fmt::plain;
use servelens_core::model::{Metric, Run, Stat, Stats, Workspace};
use servelens_core::units::Seconds;
use support::{pair, run_of};

/// A run whose outputs have a length, with enough requests that nothing else is in doubt.
fn run(label: &str, rows: &[(u32, f64)], osl: f64) -> Run {
    let rows: Vec<(u32, f64, f64)> = rows.iter().map(|(c, x)| (*c, x * osl, *x)).collect();
    let mut run = run_of(label, &rows);
    for p in &mut run.points {
        let c = p.load.concurrency.unwrap();
        p.requests = Some(u64::from(c) * 100 + 1000);
        p.errors = Some(0);
    }
    run
}

#[track_caller]
fn answer(ws: &Workspace, question: Question) -> (Badge, String, String) {
    let a = analyse(ws, &Options::default());
    let l = a.verdict.line(question).unwrap();
    assert!(l.sentence.ends_with('.'), "{l:?}");
    (l.badge, plain(&l.sentence), plain(&l.reason))
}

#[track_caller]
fn who(a: Run, b: Run) -> (Badge, String, String) {
    answer(&pair(a, b), Question::WhoWins)
}

#[test]
fn one_side_leads_at_every_load() {
    let (badge, sentence, reason) = who(
        run("A", &[(1, 1.0), (8, 6.0)], 100.0),
        run("B", &[(1, 1.5), (8, 9.0)], 100.0),
    );
    assert_eq!(sentence, "B leads at every load, from 1 to 8.");
    assert_eq!(
        reason,
        "Tokens/s -33 % and -33 % at 1 and 8. There is no interval: one run a side can’t tell drift from difference. Output lengths match."
    );
    assert_eq!(badge, Badge::Caution);
}

#[test]
fn the_lead_changes_hands() {
    let (_, sentence, _) = who(
        run("A", &[(1, 2.0), (8, 9.0), (64, 20.0)], 100.0),
        run("B", &[(1, 1.0), (8, 9.1), (64, 40.0)], 100.0),
    );
    assert_eq!(
        sentence,
        "A leads at concurrency 1, neither at 8 and B at 64."
    );
    let a = analyse(
        &pair(
            run("A", &[(1, 2.0), (16, 8.0)], 100.0),
            run("B", &[(1, 1.0), (16, 12.0)], 100.0),
        ),
        &Options::default(),
    );
    // Twice as much at 1, two thirds at 16: the ratio is 1 where its logarithm has fallen by ln 2.
    let x = &a.comparison.crossovers[&Metric::RequestThroughput][0];
    let at = 16_f64.powf(2_f64.ln() / 3_f64.ln());
    assert!((x.concurrency - at).abs() < 1e-9, "{x:?}");
}

#[test]
fn a_lead_that_changes_often_is_counted() {
    let (a, b): (Vec<_>, Vec<_>) = (1..=7)
        .map(|c| {
            let odd = f64::from(c % 2);
            ((c, 1.0 + odd), (c, 2.0 - odd))
        })
        .unzip();
    assert_eq!(
        who(run("A", &a, 100.0), run("B", &b, 100.0)).1,
        "The lead changes 6 times over 7 loads: A at 4 and B at 3."
    );
    // One load fewer, and every range is told.
    let six = |rows: &[(u32, f64)]| rows.get(..6).map(<[_]>::to_vec).unwrap();
    assert_eq!(
        who(run("A", &six(&a), 100.0), run("B", &six(&b), 100.0)).1,
        "A leads at concurrency 1, B at 2, A at 3, B at 4, A at 5 and B at 6."
    );
}

#[test]
fn a_front_of_many_loads_names_its_ends_only() {
    let labels = |loads: u32| -> Vec<String> {
        let rows: Vec<_> = (1..=loads).map(|c| (c, f64::from(c).powf(0.9))).collect();
        let ws = pair(run("A", &rows, 100.0), run("B", &rows, 100.0));
        let chart = figures::front(&ws, &analyse(&ws, &Options::default()), false);
        let marks = &chart.series[0].marks;
        assert_eq!(marks.len(), loads as usize, "all are on the front");
        marks.iter().filter_map(|m| m.label.clone()).collect()
    };
    assert_eq!(labels(40).len(), 40);
    // By a user's speed: the heaviest load is the slowest.
    assert_eq!(labels(41), ["41", "1"]);
}

#[test]
fn small_differences_name_nobody() {
    let (badge, sentence, _) = who(
        run("A", &[(1, 1.00), (8, 6.0)], 100.0),
        run("B", &[(1, 1.04), (8, 5.8)], 100.0),
    );
    assert_eq!(
        sentence,
        "There is no practical difference between A and B at every load, from 1 to 8."
    );
    assert_eq!(badge, Badge::Caution);
}

#[test]
fn a_load_with_unequal_outputs_is_left_out() {
    let mut a = run("A", &[(1, 2.0), (8, 9.0)], 100.0);
    a.points[1].measured(Metric::OutputThroughput, Stats::avg(450.0));
    let (badge, sentence, reason) = who(a, run("B", &[(1, 1.0), (8, 5.0)], 100.0));
    assert_eq!(sentence, "A leads at concurrency 1.");
    assert!(
        reason.ends_with(
            "Concurrency 8 is left out: the two systems wrote different amounts at concurrency 8."
        ),
        "{reason}"
    );
    assert_eq!(badge, Badge::Caution);
}

#[test]
fn equal_but_wrong_lengths_leave_the_requests_to_decide() {
    let mut ws = pair(
        run("A", &[(1, 2.0), (8, 9.0)], 40.0),
        run("B", &[(1, 1.0), (8, 5.0)], 40.0),
    );
    ws.context.osl = Some(100.0);
    let (badge, sentence, reason) = answer(&ws, Question::WhoWins);
    assert_eq!(sentence, "A leads at every load, from 1 to 8.");
    assert!(
        reason.starts_with("Requests/s +100 % and +80 %"),
        "{reason}"
    );
    assert!(reason.contains("tokens decide nothing"), "{reason}");
    assert_eq!(badge, Badge::Caution);
}

#[test]
fn no_load_in_common() {
    let (badge, sentence, _) = who(
        run("A", &[(1, 2.0), (8, 9.0)], 100.0),
        run("B", &[(4, 2.0)], 100.0),
    );
    assert_eq!(sentence, "The two systems have no measured load in common.");
    assert_eq!(badge, Badge::NoData);
    let (_, sentence, reason) = who(run("A", &[(1, 2.0)], 100.0), run("B", &[(4, 2.0)], 100.0));
    assert_eq!(sentence, "The two systems have no load in common.");
    assert!(
        reason.contains("ran concurrency 1, the baseline concurrency 4"),
        "{reason}"
    );
}

fn with_ttft(label: &str, rows: &[(u32, f64)]) -> Run {
    let mut r = run(
        label,
        &rows
            .iter()
            .map(|(c, _)| (*c, f64::from(*c)))
            .collect::<Vec<_>>(),
        100.0,
    );
    for (p, (_, ttft)) in r.points.iter_mut().zip(rows) {
        let mut s = Stats::of(Stat::P95, *ttft);
        s.set(Stat::P99, ttft * 1.05);
        s.set(Stat::Max, ttft * 1.1);
        p.measured(Metric::Ttft, s);
    }
    r
}

#[test]
fn the_sla_is_met_up_to_a_load() {
    let mut ws = pair(
        with_ttft("A", &[(1, 0.10), (8, 0.20), (64, 0.90)]),
        with_ttft("B", &[(1, 0.10), (8, 0.20), (64, 0.25)]),
    );
    assert_eq!(answer(&ws, Question::Sla).1, "No limit is set.");
    ws.sla.ttft = Some(Seconds::from_ms(300.0));
    let (badge, sentence, reason) = answer(&ws, Question::Sla);
    assert_eq!(
        sentence,
        "A meets the SLA up to 8, B at every load, up to 64."
    );
    assert_eq!(
        reason,
        "A’s p95 TTFT at 8 is 200 ms, 100 ms under its limit; at 64 its TTFT is 900 ms against 300 ms. B’s p95 TTFT at 64 is 250 ms, 50 ms under its limit."
    );
    assert_eq!(badge, Badge::Sound);
    // Forty requests cannot rule out that one in twenty is late.
    ws.runs[0].points[1].requests = Some(40);
    assert_eq!(answer(&ws, Question::Sla).0, Badge::Caution);
}

#[test]
fn a_lower_load_that_fails_is_not_hidden_by_up_to() {
    let mut ws = pair(
        with_ttft("A", &[(1, 0.40), (8, 0.20)]),
        with_ttft("B", &[(1, 0.40), (8, 0.50)]),
    );
    ws.sla.ttft = Some(Seconds::from_ms(300.0));
    assert_eq!(
        answer(&ws, Question::Sla).1,
        "A meets the SLA at concurrency 8, B at no load."
    );
}

#[test]
fn no_load_meets_the_limit() {
    let mut ws = pair(
        with_ttft("A", &[(1, 0.40), (8, 0.60)]),
        with_ttft("B", &[(1, 0.90), (8, 1.50)]),
    );
    ws.sla.ttft = Some(Seconds::from_ms(300.0));
    let (badge, sentence, reason) = answer(&ws, Question::Sla);
    assert_eq!(
        sentence,
        "No reported load meets TTFT ≤ 300 ms, on either system."
    );
    assert_eq!(
        reason,
        "At concurrency 1 p95 TTFT is 400 ms and 900 ms, 1.3 and 3.0 times the limit."
    );
    assert_eq!(badge, Badge::Sound);
}

#[test]
fn every_sentence_survives_odd_labels() {
    let a = analyse(
        &pair(
            run("<b>|*x*", &[(1, 2.0)], 100.0),
            run("\"; rm -rf ~", &[(1, 1.0)], 100.0),
        ),
        &Options::default(),
    );
    let ws = pair(
        run("<b>|*x*", &[(1, 2.0)], 100.0),
        run("\"; rm -rf ~", &[(1, 1.0)], 100.0),
    );
    let report = servelens_core::report::build(&ws, &a);
    let html = servelens_core::report::render(&report, servelens_core::report::Format::Html, None);
    assert!(!html.contains("<b>|") && html.contains("&lt;b&gt;|"));
    let md =
        servelens_core::report::render(&report, servelens_core::report::Format::Markdown, None);
    assert!(md.contains("\\<b\\>\\|\\*x\\*") && !md.contains("| <b>"));
}

#[test]
fn a_model_name_cannot_leave_its_word_in_a_command() {
    let mut ws = pair(run("A", &[(1, 2.0)], 40.0), run("B", &[(1, 1.0)], 100.0));
    for r in &mut ws.runs {
        r.deployment.model = Some("x'; curl evil".to_owned());
    }
    let a = analyse(&ws, &Options::default());
    assert!(
        a.next[0].aiperf.contains(r"-m 'x'\''; curl evil' --"),
        "{}",
        a.next[0].aiperf
    );
}
