//! What must hold of every comparison whose requests are known.

#![allow(
    clippy::unwrap_used,
    reason = "a failed unwrap is the test's own message"
)]

mod closed_loop;
mod known;
mod support;

use known::{both, point, requests, run};
use proptest::prelude::*;
use servelens_core::analysis::Analysis;
use servelens_core::audit::Question;
use support::pair;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn swapping_the_sides_turns_every_sign_and_nothing_else(seed in 0u64..1000, slow in 0.5f64..2.0, n in 20usize..200) {
        let a = || run("A", vec![point(requests(seed, n, 8, slow), 8)]);
        let b = || run("B", vec![point(requests(seed + 1, n, 8, 1.0), 8)]);
        let (x, c) = both(&pair(a(), b()));
        let (y, d) = both(&pair(b(), a()));
        for (p, q) in c.rows.iter().zip(&d.rows) {
            prop_assert_eq!(&p.candidate, &q.baseline);
            prop_assert_eq!(&p.baseline, &q.candidate);
            prop_assert!((p.ratio * q.ratio - 1.0).abs() < 1e-12);
            prop_assert_eq!(p.reading(0.05), q.reading(0.05));
            prop_assert_eq!(p.interval.is_some(), q.interval.is_some());
            if let (Some(i), Some(j)) = (p.interval, q.interval) {
                prop_assert!((i.low.unwrap() * j.high.unwrap() - 1.0).abs() < 1e-9);
            }
            if let (Some(t), Some(u)) = (p.pairs, q.pairs) {
                prop_assert!((t.shift + u.shift).abs() < 1e-9);
                prop_assert!((t.delta + u.delta).abs() < 1e-12);
                prop_assert!((t.p - u.p).abs() < 1e-9);
            }
        }
        // The verdict names the same system, or neither, with the same trust.
        let named = |a: &Analysis| {
            let l = a.verdict.line(Question::WhoWins).unwrap();
            (l.sentence.replace("between A and B", "between B and A"), l.badge, l.checks.clone())
        };
        prop_assert_eq!(named(&x), named(&y));
        prop_assert_eq!(x.verdict.line(Question::Sla), y.verdict.line(Question::Sla));
    }

    #[test]
    fn another_unit_of_time_changes_no_verdict(seed in 0u64..1000, slow in 0.5f64..2.0, k in 0.01f64..100.0) {
        let with = |k: f64| {
            pair(
                run("A", vec![point(requests(seed, 150, 8, slow * k), 8)]),
                run("B", vec![point(requests(seed + 1, 150, 8, k), 8)]),
            )
        };
        let ((x, c), (y, d)) = (both(&with(1.0)), both(&with(k)));
        for (p, q) in c.rows.iter().zip(&d.rows) {
            prop_assert!((p.ratio / q.ratio - 1.0).abs() < 1e-9);
            // Right at an edge the rounding of a product may decide.
            let at_edge = p.interval.is_some_and(|i| {
                [i.low, i.high].into_iter().flatten().any(|b| [1.0, 1.05, 1.0 / 1.05].iter().any(|e: &f64| (b / e - 1.0).abs() < 1e-6))
            });
            prop_assert!(at_edge || p.reading(0.05) == q.reading(0.05));
            if let (Some(t), Some(u)) = (p.pairs, q.pairs) {
                prop_assert!((t.delta - u.delta).abs() < 1e-3);
                prop_assert!((t.p - u.p).abs() < 1e-2);
            }
        }
        let said = |a: &Analysis| a.verdict.lines.iter().map(|l| (l.sentence.clone(), l.badge, l.checks.clone())).collect::<Vec<_>>();
        prop_assert_eq!(said(&x), said(&y));
    }
}
