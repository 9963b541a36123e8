//! Prints how often a lead is called Sound where nothing differs, and where 10 % do: the table of
//! `docs/STATISTICS.md`. `cargo run --release -p servelens-core --example drift`, about a minute.

#![allow(clippy::print_stdout, reason = "the table is what it is for")]
#![allow(
    clippy::unwrap_used,
    dead_code,
    reason = "its parts are those of the tests"
)]

#[path = "../tests/closed_loop/mod.rs"]
mod closed_loop;
#[path = "../tests/drift/mod.rs"]
mod drift;
#[path = "../tests/known/mod.rs"]
mod known;
#[path = "../tests/support/mod.rs"]
mod support;

use drift::{Tally, server, tally};

/// Seconds of an average decode.
const DECODE_S: f64 = 2.0;
const PAIRS: u32 = 300;
/// Requests and concurrency.
const SIZES: [(usize, usize); 8] = [
    (40, 4),
    (40, 10),
    (100, 4),
    (100, 10),
    (200, 10),
    (400, 10),
    (400, 40),
    (200, 40),
];
/// Standard deviation of ln speed, and how long it remembers itself, seconds.
const DRIFTS: [(f64, f64); 7] = [
    (0.0, 1.0),
    (0.1, 1.0),
    (0.1, 5.0),
    (0.1, 8.0),
    (0.2, 1.0),
    (0.2, 5.0),
    (0.2, 8.0),
];

fn row(name: &str, tallies: &[Tally], of: impl Fn(&Tally) -> f64) {
    let cells: Vec<String> = tallies
        .iter()
        .map(|t| format!("{:.1}", t.percent(of(t))))
        .collect();
    println!("| {name} | {} |", cells.join(" | "));
}

fn main() {
    let sizes: Vec<String> = SIZES.iter().map(|(n, c)| format!("n {n}, C {c}")).collect();
    for lengths in [0.0, 0.5] {
        println!(
            "\nSigma of ln output length {lengths}\n\n| pairs | {} |",
            sizes.join(" | ")
        );
        println!("|---|{}", "--:|".repeat(SIZES.len()));
        for (sigma, tau_s) in DRIFTS {
            let all = SIZES.map(|(n, users)| {
                let s = server(n, users, sigma, tau_s / DECODE_S, lengths);
                tally(s, DECODE_S, 1.0, PAIRS, 7)
            });
            let name = format!("drift {:.0} %, τ {tau_s} s", 100.0 * sigma);
            row(&format!("{name}: false Sound"), &all, |t| t.sound);
            row(&format!("{name}: named"), &all, |t| t.named);
        }
        let all = SIZES
            .map(|(n, users)| tally(server(n, users, 0.0, 1.0, lengths), DECODE_S, 1.1, PAIRS, 8));
        row("steady, 10 % faster: named", &all, |t| t.named);
        row("steady, 10 % faster: Sound", &all, |t| t.sound);
        row("steady, 10 % faster: has an interval", &all, |t| {
            t.intervals
        });
    }
}
