//! How the figures of Accuracy are written, in charts, tables and sentences.

use super::Calibration;
use crate::accuracy::{LoadErrors, Quantity, SignedError};
use crate::audit::Reprojection;
use crate::calibrate::{Fit, Judged};
use crate::fmt;
use crate::units::Seconds;

/// A figure of a quantity in its table's unit.
pub fn shown(quantity: Quantity, si: f64) -> String {
    match quantity {
        Quantity::PerGpu | Quantity::PerGpuFull => fmt::sig(si, 4),
        _ => fmt::ms(Seconds(si))
            .trim_end_matches("ms")
            .trim_end()
            .to_owned(),
    }
}

/// The unit of [`shown`].
pub fn unit(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::PerGpu | Quantity::PerGpuFull => "tok/s/GPU",
        _ => "ms",
    }
}

/// An interval of the signed error, `−10.1 to +0.7 %`; empty where there is none.
pub fn error_interval(e: &SignedError) -> String {
    e.ratio_interval().map_or_else(String::new, |(low, high)| {
        format!(
            "{} to {}",
            fmt::change_table(low - 1.0).trim_end_matches(['%', fmt::NBSP]),
            fmt::change_table(high - 1.0)
        )
    })
}

/// A load's name: its concurrency, and its lengths where the loads have several.
pub fn load_name(fit: &Fit, judged: &Judged) -> String {
    let p = judged.pair;
    let several = fit
        .loads
        .iter()
        .any(|l| (l.pair.isl / p.isl - 1.0).abs() > 0.05 || (l.pair.osl / p.osl - 1.0).abs() > 0.1);
    if several {
        format!("{}, {} in", p.concurrency, fmt::number(p.isl, 0))
    } else {
        p.concurrency.to_string()
    }
}

/// What no single factor mends, one sentence; `None` where every figure errs to one side.
pub fn both_ways(c: &Calibration, equivalence: f64) -> Option<String> {
    let names: Vec<&str> = c
        .fits
        .iter()
        .filter(|f| {
            let beyond = |low: bool| {
                f.loads
                    .iter()
                    .any(|l| (l.before - 1.0).abs() > equivalence && (l.before < 1.0) == low)
            };
            beyond(true) && beyond(false)
        })
        .map(|f| f.quantity.in_sentence())
        .collect();
    (!names.is_empty()).then(|| {
        format!(
            "{} {} projected too low at some loads and too high at others, so that no single factor mends {}.",
            fmt::capital(&fmt::list(&names)),
            if names.len() == 1 { "is" } else { "are" },
            if names.len() == 1 { "it" } else { "them" }
        )
    })
}

/// What was projected again, one or two sentences.
pub fn about(r: &Reprojection) -> String {
    let doubt = if r.doubted.is_empty() {
        String::new()
    } else {
        format!(
            " The TTFT reported at {} contradicts the load there.",
            fmt::loads(&r.doubted)
        )
    };
    format!(
        "What {} expect for the work that was done: {}, {} in, {} out. The observed output length was {} tokens.{doubt}",
        r.by,
        r.setup,
        fmt::number(r.isl, 0),
        fmt::number(r.osl, 0),
        fmt::range(&fmt::sig(r.observed.0, 3), &fmt::sig(r.observed.1, 3))
    )
}

/// How the error of the request time is made up, as arithmetic; `None` where a part is missing.
pub fn parts(at: &LoadErrors) -> Option<String> {
    let p = at.parts()?;
    let of = |q| at.of(q);
    let (ttft, whole) = (of(Quantity::Ttft)?, of(Quantity::RequestTime)?);
    let ms = |s: f64| fmt::ms(Seconds(s));
    let signed = |s: f64| {
        let sign = if s > 0.0 { "+" } else { "" };
        format!("{sign}{}", ms(s))
    };
    Some(format!(
        "{} − {} = {} to the first token · {} − {} = {} over {} tokens · together {} of {}",
        shown(Quantity::Ttft, ttft.projected),
        shown(Quantity::Ttft, ttft.measured),
        signed(p.first_s),
        shown(Quantity::RequestTime, whole.projected - ttft.projected),
        shown(Quantity::RequestTime, whole.measured - ttft.measured),
        signed(p.decode_s),
        fmt::number(at.expected.osl, 0),
        signed(p.total_s),
        ms(whole.measured)
    ))
}

/// What the factors were fitted to, two sentences.
pub fn fitted(c: &Calibration, run: &str) -> String {
    let loads = c.fits.iter().map(|f| f.loads.len()).max().unwrap_or(0);
    format!(
        "Factors fitted to {} of {run}, each projected again at its observed lengths by {}. Judged on the load that was left out.",
        fmt::counted(loads, "load", "loads"),
        c.by
    )
}
