//! The report the product grew from, dropped as it is, against the findings that it must raise.

#![allow(
    clippy::unwrap_used,
    reason = "a failed unwrap is the test's own message"
)]

mod common;
mod support;

use servelens_core::analysis::{Analysis, Options, analyse};
use servelens_core::audit::{Check, CostProjector, Finding, Grade, Question};
use servelens_core::cost::RuleSet;
use servelens_core::cost::pack::Subset;
use servelens_core::findings::Badge;
use servelens_core::fmt::plain;
use servelens_core::model::{Metric, Provenance};
use servelens_core::report::{Format, build, render};
use servelens_core::sla::Mark;
use std::sync::{Arc, OnceLock};
use support::seed;

fn analysis() -> Analysis {
    static MODEL: OnceLock<Arc<CostProjector>> = OnceLock::new();
    let model = MODEL.get_or_init(|| {
        let engine = common::engine(RuleSet::Aic02, Subset::Qwen3_32B);
        Arc::new(CostProjector::new(Arc::new(engine)))
    });
    let options = Options {
        projector: Some(model.clone()),
        ..Options::default()
    };
    analyse(&seed(), &options)
}

/// All lines of the findings of one check and grade.
fn lines(a: &Analysis, check: Check, grade: Grade) -> String {
    let found: Vec<&Finding> = a
        .findings
        .iter()
        .filter(|f| f.check == check && f.grade == grade)
        .collect();
    assert!(!found.is_empty(), "{check:?} does not {grade:?}");
    let all: Vec<String> = found
        .iter()
        .flat_map(|f| {
            let mut out = vec![f.title.clone(), f.consequence.clone()];
            out.extend(f.arithmetic.clone());
            out.extend(f.quotes.iter().map(|q| format!("{}: {}", q.line, q.text)));
            out
        })
        .collect();
    plain(&all.join("\n"))
}

#[track_caller]
fn holds(text: &str, wanted: &[&str]) {
    for w in wanted {
        assert!(text.contains(w), "“{w}” is missing in:\n{text}");
    }
}

/// Concurrencies that the findings of a check touch on the candidate.
fn touched(a: &Analysis, check: Check, grade: Grade) -> Vec<u32> {
    let ws = seed();
    let mut out: Vec<u32> = a
        .findings
        .iter()
        .filter(|f| f.check == check && f.grade == grade)
        .flat_map(|f| &f.points)
        .filter(|p| Some(p.run) == a.candidate)
        .filter_map(|p| ws.runs.get(p.run)?.points.get(p.point)?.load.concurrency)
        .collect();
    out.sort_unstable();
    out.dedup();
    out
}

#[test]
fn the_table_of_implied_figures() {
    let a = analysis();
    // C, tokens a request of either side, R of either side, token, request and length ratio.
    let golden = [
        (1, 21.95, 9.00, 2.50, 1.00, 0.976, 0.400, 2.439),
        (10, 15.89, 20.36, 3.41, 10.42, 2.381, 3.052, 0.780),
        (50, 6.40, 14.16, 16.56, 12.47, 0.340, 0.753, 0.452),
        (100, 16.49, 11.03, 18.12, 14.84, 1.225, 0.819, 1.495),
        (250, 10.87, 12.70, 25.93, 22.94, 0.757, 0.884, 0.856),
    ];
    assert_eq!(a.comparison.rows.len(), golden.len());
    for (row, (c, la, lb, ra, rb, t, x, l)) in a.comparison.rows.iter().zip(golden) {
        assert_eq!(row.concurrency, c);
        let near = |got: f64, want: f64, half: f64| {
            assert!((got - want).abs() <= half, "{c}: {got} against {want}");
        };
        let osl = &row.cells[&Metric::Osl];
        near(osl.candidate.as_ref().unwrap().value, la, 0.005);
        near(osl.baseline.as_ref().unwrap().value, lb, 0.005);
        let r = &row.cells[&Metric::RequestLatency];
        near(r.candidate.as_ref().unwrap().value, ra, 0.005);
        near(r.baseline.as_ref().unwrap().value, rb, 0.005);
        let i = row.identity.unwrap();
        near(i.tokens, t, 0.0005);
        near(i.requests, x, 0.0005);
        near(i.length, l, 0.0005);
        assert!(i.residual.abs() < 1e-12);
    }
}

#[test]
fn golden_1_far_fewer_tokens_are_counted_than_asked() {
    let a = analysis();
    let text = lines(&a, Check::OslTarget, Grade::Block);
    holds(
        &text,
        &[
            "6-22 output tokens a request are counted, against about 500 asked",
            "8.78 ÷ 0.40 = 21.95",
            "104.80 ÷ 9.64 = 10.87",
            "1.3-4.4 % of 500",
        ],
    );
    assert_eq!(
        touched(&a, Check::OslTarget, Grade::Block),
        [1, 10, 50, 100, 250]
    );
}

#[test]
fn golden_2_a_whole_system_is_divided_by_one_gpu() {
    holds(
        &lines(&analysis(), Check::Unit, Grade::Block),
        &[
            "“53 % accuracy”",
            "104.80 ÷ 196.783 = 53.3 %",
            "104.80 ÷ (196.783 × 8 = 1574.26) = 6.66 %",
            "73: AIC Predicted",
            "74: Actual Best Achieved",
            "75: Accuracy",
        ],
    );
}

#[test]
fn golden_3_the_projected_load_was_never_run() {
    let a = analysis();
    holds(
        &lines(&a, Check::Point, Grade::Block),
        &[
            "12, was never run",
            "= 42.14 tok/s",
            "42.14 ÷ 1574.26 = 2.7 %",
        ],
    );
    assert_eq!(touched(&a, Check::Point, Grade::Block), [10, 50]);
    let line = a.verdict.line(Question::Projection).unwrap();
    assert_eq!(line.badge, Badge::NotComparable);
    assert!(
        !line.sentence.contains('%') && !line.reason.contains('%'),
        "{line:?}"
    );
}

#[test]
fn golden_4_agreeing_request_rates_are_a_coincidence() {
    holds(
        &lines(&analysis(), Check::Point, Grade::Block),
        &[
            "2.93 measured against 2.748 projected (107 %)",
            "against 3.155 projected",
            "did 3 % of the decode",
            "coincidence",
        ],
    );
}

#[test]
fn golden_5_little() {
    let a = analysis();
    holds(
        &lines(&a, Check::Little, Grade::Block),
        &[
            "1 ÷ 0.40 = 2.50 s < TTFT 2.761 s",
            "1 ÷ 1.00 = 1.00 s < TTFT 9.997 s",
            "10.0 requests in flight",
            "mislabelled",
        ],
    );
    assert_eq!(touched(&a, Check::Little, Grade::Block), [1]);
    holds(
        &lines(&a, Check::Little, Grade::Pass),
        &["= 235.0", "= 234.0"],
    );
    assert_eq!(touched(&a, Check::Little, Grade::Pass), [250]);
}

#[test]
fn golden_6_the_loss_in_requests_at_1_is_output_length() {
    holds(
        &lines(&analysis(), Check::OslParity, Grade::Block),
        &[
            "requests/s -60.0 % is output length",
            "113.9 against 111.1 ms a token",
        ],
    );
}

#[test]
fn golden_7_signs_and_lengths() {
    let a = analysis();
    holds(
        &lines(&a, Check::Sign, Grade::Warn),
        &["concurrency 100", "tokens/s +22.5 % · requests/s -18.1 %"],
    );
    assert_eq!(touched(&a, Check::Sign, Grade::Warn), [100]);
    assert_eq!(
        touched(&a, Check::OslParity, Grade::Block),
        [1, 10, 50, 100, 250]
    );
    holds(
        &lines(&a, Check::OslTarget, Grade::Block),
        &[
            "10 → 50: tokens/s 46.55 → 19.33",
            "from 15.89 to 6.40 tokens",
        ],
    );
}

#[test]
fn golden_8_requests_stall_while_the_load_grows() {
    holds(
        &lines(&analysis(), Check::Mono, Grade::Warn),
        &[
            "1.00 → 0.96 req/s for 10 × the load",
            "2.93 → 3.02 req/s for 5 × the load",
        ],
    );
}

#[test]
fn golden_9_only_an_implied_tpot_can_be_judged_and_fails() {
    let a = analysis();
    let tpot = |run: Option<usize>| {
        let s = a.sla.systems.iter().find(|s| Some(s.run) == run).unwrap();
        let row = s.rows.iter().find(|r| r.concurrency == 250).unwrap();
        let j = row.marks[&Metric::Tpot].clone();
        assert_eq!(j.mark, Mark::Fail);
        let f = j.figure.unwrap();
        assert_eq!(f.provenance, Provenance::Derived);
        (f.value * 1e3).round()
    };
    assert_eq!((tpot(a.candidate), tpot(a.baseline)), (158.0, 125.0));
    assert!(a.sla.systems.iter().all(|s| s.highest.is_none()));
    // The TTFTs at 1 are past the limit, but contradict their load: they are not judged.
    for s in &a.sla.systems {
        assert_eq!(s.rows[0].marks[&Metric::Ttft].mark, Mark::Blocked);
        assert_eq!(s.rows[0].within, None);
    }
    holds(
        &lines(&a, Check::Text, Grade::Warn),
        &[
            "TPOT meets its limit, but gives no TPOT",
            "158 ms, implied",
            "125 ms, implied",
        ],
    );
}

#[test]
fn golden_10_the_overestimation_is_a_shortfall() {
    holds(
        &lines(&analysis(), Check::Text, Grade::Warn),
        &[
            "“Overestimation 47 %” is a shortfall",
            "= 87.8 %",
            "= 15.0×",
        ],
    );
}

#[test]
fn golden_11_claims_that_the_tables_contradict() {
    holds(
        &lines(&analysis(), Check::Text, Grade::Warn),
        &[
            "recommends AIC-Configured for concurrency up to 100",
            "tokens/s at 2 of 5 loads and requests/s at 1 of 5 loads",
            "is best at concurrency 10-100",
            "-66.0 % at 50",
            "highest tokens/s: 104.80 at 250",
            "108: Use AIC-configured systems for workloads with concurrency ≤ 100",
            "67: AIC-configured system performs best at concurrency 10-100",
        ],
    );
}

#[test]
fn golden_12_the_projected_configuration_is_not_the_best_of_its_sweep() {
    holds(
        &lines(&analysis(), Check::Select, Grade::Warn),
        &[
            "TP8 at concurrency 28: 346.4 tok/s/GPU",
            "TP4 at concurrency 16: 379.0 tok/s/GPU",
            "disaggregated at concurrency 64: 812.5 tok/s/GPU",
            "against 196.8",
        ],
    );
}

#[test]
fn golden_13_what_is_not_said_and_what_changed_together() {
    let a = analysis();
    holds(
        &lines(&a, Check::Meta, Grade::Warn),
        &[
            "runtime, quantization and TP",
            "Baseline: GPU count (a guess is used), precision, number of requests, duration, failed requests, which statistic the latencies are",
        ],
    );
    holds(
        &lines(&a, Check::Meta, Grade::Info),
        &["comm = FP8; AIC: comm = half"],
    );
}

#[test]
fn golden_14_what_holds() {
    let a = analysis();
    holds(
        &lines(&a, Check::Text, Grade::Pass),
        &[
            "All 10 improvement percentages recompute",
            "5 × tokens/s, 5 × requests/s",
        ],
    );
    holds(
        &lines(&a, Check::Roof, Grade::Pass),
        &["43600 prefill tok/s"],
    );
}

#[test]
fn the_work_that_was_done_projected_again() {
    holds(
        &lines(&analysis(), Check::Reproject, Grade::Info),
        &[
            "7-66 %",
            "4000 in and 16 out",
            "0.40 ÷ 5.90 req/s = 7 %",
            "2.93 ÷ 13.48 req/s = 22 %",
            "3.02 ÷ 14.69 req/s = 21 %",
            "5.52 ÷ 14.69 req/s = 38 %",
            "9.64 ÷ 14.69 req/s = 66 %",
        ],
    );
}

#[test]
fn the_three_answers() {
    let a = analysis();
    let said: Vec<(Badge, String, String)> = a
        .verdict
        .lines
        .iter()
        .map(|l| {
            (
                l.badge,
                plain(&format!("{} {}", l.sentence, l.reason)),
                plain(&l.evidence),
            )
        })
        .collect();
    let want = [
        (
            Badge::NotComparable,
            "No winner can be named. AIC-Configured at 10 and Baseline at 50 and 250 lead on both rates, and outputs differ in length by 14-144 % throughout.",
            "4 findings",
        ),
        (
            Badge::Caution,
            "No reported load meets TTFT ≤ 300 ms, on either system. At concurrency 250 TTFT is 24.4 s and 21.5 s, 81 and 72 times the limit. TPOT was not reported; 158 ms and 125 ms are implied.",
            "2 of 5 loads report TTFT",
        ),
        (
            Badge::NotComparable,
            "The projection cannot be checked with this run. It assumes 500 output tokens at concurrency 12. The run counted 6-22 tokens a request and never ran 12.",
            "3 conditions fail",
        ),
    ];
    assert_eq!(said, want.map(|(b, s, e)| (b, s.to_owned(), e.to_owned())));
    let next = &a.next[0];
    assert_eq!(next.why, "Test the projection at its own operating point");
    holds(
        &next.aiperf,
        &[
            "-m Qwen/Qwen3-32B ",
            "--concurrency 12 ",
            "--isl 4000",
            "--osl 500",
            "ignore_eos:true",
            "http://localhost:8000",
        ],
    );
}

#[test]
fn without_the_cost_tables_the_checks_that_need_them_say_so() {
    let a = analyse(&seed(), &Options::default());
    for check in [Check::Select, Check::Reproject] {
        holds(&lines(&a, check, Grade::NoData), &["cost tables"]);
    }
}

#[test]
fn the_report_says_what_the_findings_say_and_nothing_of_the_claims() {
    let a = analysis();
    let report = build(&seed(), &a);
    let titles: Vec<&str> = report.sections.iter().map(|s| s.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "Summary",
            "Configuration",
            "Projection",
            "Comparison",
            "Further findings",
            "Accuracy",
            "SLA",
            "Limitations",
            "Recommendations",
            "Commands",
            "Technical notes",
            "Evidence"
        ]
    );
    let md = plain(&render(&report, Format::Markdown, None));
    holds(
        &md,
        &[
            "No winner can be named.",
            "~~+138.1~~",
            "| 104.80 | 138.41 |",
            "`OSL-PARITY`",
            "fails, 24373 ms",
        ],
    );
    // Nothing is said twice: an answer stands on the first page only, a command in the appendix only.
    for line in &a.verdict.lines {
        assert_eq!(
            md.matches(&plain(&line.sentence)).count(),
            1,
            "{}",
            line.sentence
        );
    }
    for next in &a.next {
        assert_eq!(
            md.matches(&plain(&next.aiperf)).count(),
            1,
            "{}",
            next.aiperf
        );
    }
    // Every id that a sentence rests on is either a table or a finding of this analysis.
    let html = render(&report, Format::Html, None);
    for id in html
        .split("href=\"#")
        .skip(1)
        .filter_map(|s| s.split('"').next())
    {
        assert!(
            html.contains(&format!("id=\"{id}\"")),
            "#{id} leads nowhere"
        );
    }
    assert!(!html.contains("<script") && !html.contains("http://www"));
    let json: serde_json::Value =
        serde_json::from_str(&render(&report, Format::Json, None)).unwrap();
    assert_eq!(json["verdict"]["who_wins"]["badge"], "not-comparable");
    assert_eq!(json["checks"][0]["id"], "OSL-TARGET");
    assert_eq!(json["comparison"]["rows"].as_array().unwrap().len(), 5);
    let csv = render(&report, Format::Csv, None);
    assert!(csv.is_ascii(), "CSV has plain characters");
    holds(
        &csv,
        &["4000,500,10,output_throughput,tok/s,avg,46.55,19.55,measured,measured,"],
    );
    let columns = csv.lines().next().unwrap().split(',').count();
    assert!(csv.lines().all(|l| l.split(',').count() == columns));
}
