use super::*;

/// Two users; user k's requests follow each other without a pause.
fn two_users() -> Requests {
    Requests {
        start_s: vec![0.0, 0.0, 1.0, 2.0, 3.0, 4.0],
        end_s: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        ttft_s: vec![0.5, 1.0, 0.5, 1.0, 1.5, 0.5],
        isl: vec![10.0; 6],
        osl: vec![2.0, 11.0, 16.0, 1.0, 6.0, 4.0],
        ..Requests::default()
    }
}

#[test]
fn figures_of_requests_follow_their_formulas() {
    let r = Records::new(&two_users(), Some(2)).unwrap();
    let all = r.all();
    assert_eq!(
        all.values(Metric::RequestLatency).unwrap(),
        [1.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    );
    // The request of one token has no TPOT.
    let tpot = all.values(Metric::Tpot).unwrap();
    assert_eq!(tpot, [0.5, 0.1, 0.1, 0.1, 0.5]);
    assert_eq!(all.values(Metric::RequestThroughput), None);
    assert_eq!(all.request_throughput().unwrap().rate, 1.0);
    assert_eq!(all.output_throughput().unwrap().rate, 40.0 / 6.0);
    assert_eq!(all.recomputed(Metric::Ttft).get(Stat::P50), Some(0.75));
    assert_eq!(all.recomputed(Metric::Ttft).get(Stat::Max), Some(1.5));
    assert_eq!(all.recomputed(Metric::Ttft).get(Stat::Stated), None);
}

#[test]
fn the_window_after_the_first_wave_has_its_own_clock() {
    let r = Records::new(&two_users(), Some(2)).unwrap();
    assert_eq!(r.warm_up().first_wave, Some(2));
    let w = r.without_first(2);
    assert_eq!((w.n(), w.begin_s(), w.wall_s()), (4, 2.0, 4.0));
    assert!(w.rests_on_few_waves());
    assert_eq!(w.request_throughput().unwrap().rate, 1.0);
    // 1 + 2 + 2 + 2 seconds of requests in 4 seconds.
    assert_eq!(w.in_flight(), Some(7.0 / 4.0));
}

#[test]
fn goodput_needs_every_limit() {
    let r = Records::new(&two_users(), Some(2)).unwrap();
    let limits = Limits {
        ttft_s: Some(1.0),
        tpot_s: Some(0.2),
        latency_s: None,
    };
    assert_eq!(
        r.all().within(limits).unwrap(),
        [false, true, true, true, false, false]
    );
    let g = r.all().goodput(limits).unwrap();
    assert_eq!((g.good, g.n, g.share, g.per_second), (3, 6, 0.5, Some(0.5)));
    assert_eq!(r.all().goodput(Limits::default()).unwrap().share, 1.0);
}

#[test]
fn concurrency_that_nobody_states_is_counted() {
    let r = Records::new(&two_users(), None).unwrap();
    assert_eq!(r.wave(), 2);
}

#[test]
fn records_out_of_order_are_put_in_order() {
    let mut shuffled = two_users();
    for column in [
        &mut shuffled.start_s,
        &mut shuffled.end_s,
        &mut shuffled.ttft_s,
        &mut shuffled.osl,
    ] {
        column.reverse();
    }
    assert_eq!(
        Records::new(&shuffled, Some(2)),
        Records::new(&two_users(), Some(2))
    );
}

#[test]
fn what_was_not_measured_has_no_figure_and_judges_no_limit() {
    let unstreamed = Requests {
        ttft_s: Vec::new(),
        ..two_users()
    };
    let r = Records::new(&unstreamed, Some(2)).unwrap();
    let w = r.without_first(1);
    assert_eq!(w.values(Metric::Ttft), None);
    assert_eq!(w.values(Metric::Tpot), None);
    assert!(w.recomputed(Metric::Tpot).is_empty());
    assert_eq!(w.values(Metric::Osl).map(|v| v.len()), Some(5));
    let of = |ttft_s, latency_s| {
        let limits = Limits {
            ttft_s,
            latency_s,
            tpot_s: None,
        };
        r.all().goodput(limits).map(|g| g.good)
    };
    assert_eq!(of(Some(1.0), None), None);
    assert_eq!(of(None, Some(1.5)), Some(1));
    let uncounted = Requests {
        osl: Vec::new(),
        ..two_users()
    };
    let r = Records::new(&uncounted, Some(2)).unwrap();
    assert!(r.all().output_throughput().is_none());
    assert!(r.all().request_throughput().is_some());
}

#[test]
fn ragged_or_empty_columns_are_no_records() {
    assert_eq!(Records::new(&Requests::default(), None), None);
    let mut ragged = two_users();
    ragged.osl.pop();
    assert_eq!(Records::new(&ragged, None), None);
}
