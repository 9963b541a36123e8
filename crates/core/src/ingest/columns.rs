//! Completed requests as flat columns in order of completion.
//!
//! Knows times; refuses to know any file format.

use crate::model::Requests;

/// A completed request as a file gives it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Row {
    /// What the file calls it.
    pub number: u32,
    /// Request sent, ns since some epoch.
    pub start_ns: u64,
    /// End to end, s.
    pub latency_s: f64,
    /// TTFT, s; absent where answers were not streamed.
    pub ttft_s: Option<f64>,
    /// Input tokens, when stated.
    pub isl: Option<f64>,
    /// Output tokens; absent where nobody counted them.
    pub osl: Option<f64>,
}

/// The columns, ordered by completion and counted from the earliest start. A column is
/// empty when any request lacks its figure.
pub fn columns(rows: &[Row], errors: u64) -> Requests {
    from(zero(rows), rows, errors)
}

/// The same, with the requests that the tool marks as warm-up apart.
pub fn with_warm_up(rows: &[Row], warm_up: &[Row], errors: u64) -> Requests {
    let mut out = columns(rows, errors);
    if !warm_up.is_empty() {
        out.warm_up = Some(Box::new(from(zero(rows), warm_up, 0)));
    }
    out
}

fn zero(rows: &[Row]) -> u64 {
    rows.iter().map(|r| r.start_ns).min().unwrap_or(0)
}

fn from(zero: u64, rows: &[Row], errors: u64) -> Requests {
    // Below 2^53 ns (104 days) the difference is exact.
    let start = |r: &Row| {
        if r.start_ns >= zero {
            (r.start_ns - zero) as f64 * 1e-9
        } else {
            (zero - r.start_ns) as f64 * -1e-9
        }
    };
    // The bits of a number that is not negative order as it does.
    let least = rows.iter().map(start).fold(0.0, f64::min);
    let mut order: Vec<(u64, usize)> = rows
        .iter()
        .enumerate()
        .map(|(i, r)| ((start(r) - least + r.latency_s).max(0.0).to_bits(), i))
        .collect();
    if !order.is_sorted() {
        order.sort_unstable();
    }
    let full = |figure: fn(&Row) -> Option<f64>| rows.iter().all(|r| figure(r).is_some());
    let columns = [full(|r| r.ttft_s), full(|r| r.osl), full(|r| r.isl)];
    let mut out = Requests {
        errors,
        ..Requests::default()
    };
    for r in order.iter().filter_map(|(_, i)| rows.get(*i)) {
        out.number.push(r.number);
        out.start_s.push(start(r));
        out.end_s.push(start(r) + r.latency_s);
        let [ttft, osl, isl] = columns;
        out.ttft_s.extend(r.ttft_s.filter(|_| ttft));
        out.osl.extend(r.osl.filter(|_| osl));
        out.isl.extend(r.isl.filter(|_| isl));
    }
    out
}
