//! What a tool means by its time per output token, told from the figures where its word does not tell.
//!
//! Knows the definitions; refuses to know any tool.

use crate::model::{Metric, Point, Stat, TpotDefinition};

/// How far two figures that should be the same may be apart.
const SAME: f64 = 0.01;
/// How far two definitions must be apart to be told from the figures.
const APART: f64 = 0.03;

/// Sets what the point's time per output token means, where its means of R, TTFT and OSL leave no doubt that the wait
/// for the first token is counted in; gives the note to that. `word` is what the tool calls it.
pub fn of_tpot(point: &mut Point, word: &str) -> Option<String> {
    let mean = |m| point.metrics.get(&m)?.stats.get(Stat::Avg);
    let (r, ttft) = (mean(Metric::RequestLatency)?, mean(Metric::Ttft)?);
    let (osl, tpot) = (mean(Metric::Osl)?, mean(Metric::Tpot)?);
    if osl <= 1.5 || tpot <= 0.0 {
        return None;
    }
    let (after, with) = ((r - ttft) / (osl - 1.0), r / osl);
    let near = |a: f64| (a - tpot).abs() <= SAME * tpot;
    let told = near(with) && !near(after) && (with - after).abs() > APART * tpot;
    if !told {
        return None;
    }
    point.tpot_definition = TpotDefinition::WithFirst;
    Some(format!(
        "The {word} in this file is the time of a request ÷ its output tokens, the wait for the first token counted in, as its figures show."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Stats;

    fn point(tpot: f64) -> Point {
        let mut p = Point::default();
        for (m, v) in [
            (Metric::RequestLatency, 1.0),
            (Metric::Ttft, 0.3),
            (Metric::Osl, 101.0),
            (Metric::Tpot, tpot),
        ] {
            p.measured(m, Stats::avg(v));
        }
        p
    }

    #[test]
    fn the_figures_tell_whether_the_first_token_is_counted_in() {
        let mut with = point(1.0 / 101.0);
        assert!(of_tpot(&mut with, "ITL").is_some());
        assert_eq!(with.tpot_definition, TpotDefinition::WithFirst);
        for other in [0.7 / 100.0, 0.008] {
            let mut p = point(other);
            assert_eq!(of_tpot(&mut p, "ITL"), None);
            assert_eq!(p.tpot_definition, TpotDefinition::AfterFirst);
        }
    }
}
