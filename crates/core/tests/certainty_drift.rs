//! A server that drifts must not win against itself, and a real difference must be found where
//! the runs are long enough. `cargo run --release -p servelens-core --example drift` prints the
//! whole table of `docs/STATISTICS.md`; this holds its corners on fewer pairs.

#![allow(
    clippy::unwrap_used,
    reason = "a failed unwrap is the test's own message"
)]

mod closed_loop;
mod drift;
mod known;
mod support;

use drift::{server, tally};

const DECODE_S: f64 = 2.0;
const PAIRS: u32 = 60;

#[test]
fn drift_is_seldom_a_sound_lead() {
    let mut named = 0.0;
    for (n, users, sigma, tau_s, lengths) in [
        (40, 4, 0.1, 8.0, 0.0),
        (100, 10, 0.2, 8.0, 0.0),
        (200, 10, 0.1, 8.0, 0.5),
        (200, 40, 0.2, 5.0, 0.0),
        (400, 10, 0.2, 5.0, 0.0),
    ] {
        let s = server(n, users, sigma, tau_s / DECODE_S, lengths);
        let t = tally(s, DECODE_S, 1.0, PAIRS, 31);
        named += t.named;
        // Of 60 pairs at 5 % each, seven or more have a chance of 3 %.
        assert!(
            t.sound <= 6.0,
            "n {n}, C {users}, {sigma}, {tau_s} s: {t:?}"
        );
    }
    // The pairs are far apart: chance alone gives a side the lead in half of them.
    assert!(named > 0.5 * 5.0 * f64::from(PAIRS), "{named}");
}

#[test]
fn ten_per_cent_are_found_in_long_steady_runs() {
    let t = tally(server(400, 10, 0.0, 1.0, 0.0), DECODE_S, 1.1, PAIRS, 32);
    assert!(
        t.named >= 0.95 * t.pairs && t.sound >= 0.95 * t.pairs,
        "{t:?}"
    );
    // A short run names the same side, with caution.
    let t = tally(server(40, 10, 0.0, 1.0, 0.0), DECODE_S, 1.1, PAIRS, 33);
    assert!(
        t.sound <= 0.1 * t.pairs && t.named >= 0.7 * t.pairs,
        "{t:?}"
    );
}
