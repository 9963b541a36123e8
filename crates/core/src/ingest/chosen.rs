//! What AIC chose, and the limits that the names of its folders state.

use super::assemble::ReadFile;
use crate::model::{Context, LimitSource, Metric, Point, Run, StatedLimits, Tool};

/// Says which serving mode AIC 0.5 and later put first, which they write nowhere: the higher
/// rate per GPU of the two best rows, where both modes use all the GPUs given.
pub fn choose(runs: &[Run], context: &mut Context) {
    let (Some(total), None) = (context.total_gpus, &context.chosen) else {
        return;
    };
    let mut modes: Vec<(bool, f64)> = Vec::new();
    for run in runs.iter().filter(|r| r.tool == Tool::Aic) {
        let Some(first) = run.points.first() else {
            continue;
        };
        let whole = first.gpus.is_some_and(|g| total % g == 0);
        let rate = first.reported(Metric::OutputThroughputPerGpu);
        if let (true, Some(setup), Some(rate)) = (whole, &first.setup, rate) {
            modes.push((setup.disagg, rate));
        }
    }
    if let [(false, agg), (true, disagg)] = modes.as_slice() {
        context.chosen = Some(if disagg > agg { "disagg" } else { "agg" }.to_owned());
    }
}

/// Whether a projected point is the one that AIC's file of results names as its choice.
pub fn is_chosen(point: &Point, context: &Context) -> bool {
    let same = || {
        let chosen = context.chosen.as_deref()? == "disagg";
        let rate = point.reported(Metric::OutputThroughputPerGpu)?;
        let same = (rate / context.chosen_rate? - 1.0).abs() < 1e-4;
        Some(same && point.setup.as_ref()?.disagg == chosen)
    };
    same() == Some(true)
}

/// AIC's own choice, where its file of results says which; else the projected point with the highest rate per GPU that
/// keeps the limits asked for; the highest of all when none does.
pub fn best<'a>(run: &'a Run, context: &Context) -> Option<&'a Point> {
    if let Some(point) = run.points.iter().find(|p| is_chosen(p, context)) {
        return Some(point);
    }
    let keeps = |p: &&Point| {
        let under = |m, limit: Option<crate::units::Seconds>| match (limit, p.reported(m)) {
            (Some(limit), Some(v)) => v <= limit.0,
            _ => true,
        };
        under(Metric::Ttft, context.ttft) && under(Metric::Tpot, context.tpot)
    };
    let rate = |p: &&Point| run.value(p, Metric::OutputThroughputPerGpu).map(|v| v.0);
    let top = |points: Vec<&'a Point>| {
        points
            .into_iter()
            .fold(None, |best: Option<&Point>, p| match best {
                Some(b) if rate(&b) >= rate(&p) => Some(b),
                _ => Some(p),
            })
    };
    top(run.points.iter().filter(keeps).collect()).or_else(|| top(run.points.iter().collect()))
}

/// Limits in the names of AIC's output folders, one a folder.
pub fn limits_in_paths(files: &[ReadFile]) -> Vec<StatedLimits> {
    let mut out: Vec<StatedLimits> = Vec::new();
    for file in files {
        let aic = file.series.iter().any(|s| s.tool == Tool::Aic);
        let mut context = Context::default();
        asked_in_path(&file.path, &mut context);
        let folder = file
            .path
            .split('/')
            .find(|part| part.contains("_ttft"))
            .unwrap_or_default();
        if aic && context.ttft.is_some() && !out.iter().any(|l| l.file == folder) {
            out.push(StatedLimits {
                source: LimitSource::FolderName,
                file: folder.to_owned(),
                ttft: context.ttft,
                tpot: context.tpot,
            });
        }
    }
    out
}

/// Lengths and limits in the name of AIC's output folder: `…_isl4000_osl500_ttft300_tpot10_…`.
pub fn asked_in_path(path: &str, context: &mut Context) {
    use crate::units::Seconds;
    let find = |word: &str| -> Option<f64> {
        path.split(['_', '/'])
            .find_map(|part| part.strip_prefix(word)?.parse().ok())
            .filter(|v: &f64| *v > 0.0)
    };
    let (Some(ttft), Some(tpot)) = (find("ttft"), find("tpot")) else {
        return;
    };
    context.fill_from(&Context {
        isl: find("isl"),
        osl: find("osl"),
        ttft: Some(Seconds::from_ms(ttft)),
        tpot: Some(Seconds::from_ms(tpot)),
        ..Context::default()
    });
}
