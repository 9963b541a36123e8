//! UNDERCOUNT: whether the request times support the counted output length or the asked one.

use super::reproject::expected;
use super::{Case, Check, Finding, Grade, Question, Row};
use crate::align::impossible_ttft;
use crate::fmt;
use crate::model::Metric;
use crate::stats::ln;

pub(super) const UNDERCOUNT: Row = Row {
    title: "Tokens counted",
    tests: "Request times fit the output length that was counted.",
    needs: "a run without records whose counted outputs are far shorter than asked, and the cost tables",
    bears_on: &[Question::WhoWins, Question::Projection],
    weakest: "tokens may not all be counted",
    by_point: false,
    run: undercount,
};

/// Counted outputs below this share of the asked length are far shorter.
const FAR: f64 = 0.5;
/// So many times the other's mean error does a length fit worse before it is told.
const CLEAR: f64 = 2.0;

fn undercount(case: &Case<'_>) -> Vec<Finding> {
    let case = &case.for_projection();
    let none = |why: &str| vec![Finding::no_data(Check::Undercount, why)];
    let Some(run) = case.candidate else {
        return none("No candidate was measured");
    };
    let mut lines = Vec::new();
    let (mut at_asked, mut at_counted) = (Vec::new(), Vec::new());
    let (mut points, mut lengths, mut far) = (Vec::new(), Vec::new(), 0_usize);
    let mut asked_length = None;
    for (at, r, p) in case.points(run) {
        if p.evidence().is_none_or(|e| e.is_recorded()) {
            continue;
        }
        let asked = p.workload.osl.or_else(|| Some(case.key?.osl? as f64));
        let (Some(c), Some(asked), Some((osl, _)), Some(x)) = (
            p.load.concurrency,
            asked,
            r.value(p, Metric::Osl),
            p.reported(Metric::RequestThroughput),
        ) else {
            continue;
        };
        let wrong_times = impossible_ttft(p, case.thresholds.little_rounding).is_some();
        if osl >= FAR * asked || wrong_times {
            continue;
        }
        far += 1;
        let rate = |osl: f64| {
            let isl = r.value(p, Metric::Isl).map(|(v, _)| v);
            expected(case, run, isl, osl, c)?.requests_s
        };
        let (Some(long), Some(short)) = (rate(asked), rate(osl.round().max(2.0))) else {
            continue;
        };
        points.push(at);
        lengths.push(osl);
        asked_length = Some(asked);
        at_asked.push(ln(x / long).abs());
        at_counted.push(ln(x / short).abs());
        lines.push(format!(
            "concurrency {c}: {} req/s measured; projected {} at {} tokens ({}), {} at {} ({})",
            fmt::sig(x, 3),
            fmt::sig(long, 3),
            fmt::number(asked, 0),
            fmt::percent(x / long, 0),
            fmt::sig(short, 3),
            fmt::number(osl, 0),
            fmt::percent(x / short, 0)
        ));
    }
    let Some(asked) = asked_length else {
        return none(if far == 0 {
            "No counted output length is far below the asked one without records to tell"
        } else {
            "The cost tables do not cover the deployment, or none is projected"
        });
    };
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let (long, short) = (mean(&at_asked), mean(&at_counted));
    let (low, high) = super::length::span(lengths.into_iter());
    let counted = fmt::range(&super::length::whole(low), &super::length::whole(high));
    let asked = fmt::number(asked, 0);
    lines.push(format!(
        "mean |ln(measured ÷ projected)|: {} at the asked length, {} at the counted ones",
        fmt::sig(long, 2),
        fmt::sig(short, 2)
    ));
    let advice = "Add the raw export, or the server’s own token counts (usage): they settle it.";
    let found = if long * CLEAR < short {
        Finding::new(
            Check::Undercount,
            Grade::Warn,
            format!("The request times fit {asked} output tokens, not the {counted} counted"),
        )
        .so("The tokens were probably not all counted; answers with reasoning and no visible content are the usual cause.")
    } else if short * CLEAR < long {
        Finding::new(
            Check::Undercount,
            Grade::Info,
            format!("The request times fit the {counted} output tokens counted"),
        )
        .so("The outputs were probably as short as counted, so that mostly prefill was measured.")
        .harmless()
    } else {
        Finding::new(
            Check::Undercount,
            Grade::Warn,
            format!("Whether {counted} or {asked} output tokens were written is open"),
        )
        .so("The request times fit neither length clearly better than the other.")
    };
    vec![found.lines(lines).at(points).advise(advice)]
}
