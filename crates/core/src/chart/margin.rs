//! The right margin and which line ends go into it.
//!
//! Knows which labels stand beside the plot; refuses to place them.

use super::axis::forward;
use super::layout::{NAME, TEXT};
use super::spec::{Across, ChartSpec, Mark, MarkKind, Series};
use super::text::Measure;

/// From a line's last mark to its name.
pub(super) const BESIDE_MARK: f64 = 11.0;
/// From the plot's edge to a limit's name, past the grip.
pub(super) const BESIDE_GRIP: f64 = 16.0;

/// Whether the line goes through a mark.
pub(super) fn joined(mark: &Mark) -> bool {
    !matches!(mark.kind, MarkKind::Interpolated | MarkKind::Excluded)
}

/// Whether a series' line ends in the last 15 % of the full range of x, so that its label goes into the margin.
pub(super) fn ends_right(series: &Series, spec: &ChartSpec, full: (f64, f64)) -> bool {
    let on_axis = |v| forward(spec.x.scale, v);
    let last = series.marks.iter().rfind(|m| joined(m)).map(|m| m.x);
    let (Some(last), Some(lo), Some(hi)) =
        (last.and_then(on_axis), on_axis(full.0), on_axis(full.1))
    else {
        return false;
    };
    last - lo >= 0.85 * (hi - lo)
}

/// The right margin: 20 px, or what the line ends and limits need (112 px for two-line labels, as far as there is room).
pub(super) fn right_margin(
    spec: &ChartSpec,
    width: f64,
    inset: f64,
    full: (f64, f64),
    measure: &dyn Measure,
) -> f64 {
    let narrow = width < 420.0;
    let most = if narrow {
        width * 0.32
    } else {
        (width * 0.3).min(180.0)
    };
    let mut need: f64 = 20.0;
    for series in spec.series.iter().filter(|s| !s.hidden) {
        let Some((name, value)) = &series.end_label else {
            continue;
        };
        if !ends_right(series, spec, full) {
            continue;
        }
        let wide = measure
            .width(name, NAME, true)
            .max(measure.width(value, TEXT, false));
        let least = if value.is_empty() {
            40.0
        } else if narrow {
            96.0
        } else {
            112.0
        };
        need = need.max((BESIDE_MARK - inset + wide + 2.0).min(most).max(least));
    }
    for limit in spec.limits.iter().filter(|l| l.across == Across::Y) {
        let wide =
            measure
                .width(&limit.label, TEXT, true)
                .max(measure.width(&limit.hint, TEXT, false));
        // A limit is never cut: it would read as another one.
        let most = (width * 0.42).max(most);
        let least = if narrow { 96.0 } else { 112.0 };
        need = need.max((BESIDE_GRIP + wide + 2.0).min(most).max(least));
    }
    need.ceil()
}
