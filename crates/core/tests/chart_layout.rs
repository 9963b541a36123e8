//! Whole charts laid out: nothing overlaps, nothing leaves the frame, whatever the data.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use proptest::prelude::*;
use servelens_core::chart::layout::Layout;
use servelens_core::chart::*;

fn chart(rows: &[Vec<(f64, f64)>], log_y: bool, limit: Option<f64>) -> ChartSpec {
    let loads: Vec<f64> = rows.iter().flatten().map(|p| p.0).collect();
    ChartSpec {
        x: AxisSpec {
            title: "Concurrency, log₂ scale".into(),
            scale: Scale::Log2,
            labelled: loads,
            ..AxisSpec::default()
        },
        y: AxisSpec {
            title: "TTFT, ms".into(),
            scale: if log_y {
                Scale::Log10
            } else {
                Scale::Linear { zero: true }
            },
            ..AxisSpec::default()
        },
        series: rows
            .iter()
            .enumerate()
            .map(|(i, row)| Series {
                slot: Slot::run(i as u8 + 1),
                marks: row
                    .iter()
                    .map(|(x, y)| Mark::measured(*x, *y).labelled(format!("{x:.0}")))
                    .collect(),
                end_label: Some((format!("Run number {i}"), "24 373".into())),
                ..Series::default()
            })
            .collect(),
        limits: limit
            .map(|value| Limit {
                id: "ttft".into(),
                across: Across::Y,
                value,
                below_is_within: true,
                label: "TTFT ≤ 300 ms".into(),
                hint: "drag to change".into(),
                grip: true,
            })
            .into_iter()
            .collect(),
        notes: vec![Note {
            x: rows[0][0].0,
            y: rows[0][0].1,
            text: "6.4 tokens a request".into(),
            beside: Beside::Below,
            ..Note::default()
        }],
        ..ChartSpec::default()
    }
}

fn row() -> impl Strategy<Value = Vec<(f64, f64)>> {
    proptest::collection::vec((1.0f64..512.0, 0.1f64..3e4), 1..7).prop_map(|mut points| {
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points
    })
}

fn tick_boxes(layout: &Layout) -> Vec<(f64, f64)> {
    layout
        .x_ticks
        .iter()
        .filter_map(|t| {
            let half = Estimate.width(t.label.as_ref()?, 12.0, false) / 2.0;
            Some((t.px - half, t.px + half))
        })
        .collect()
}

proptest! {
    #[test]
    fn labels_never_overlap_nor_leave(
        rows in proptest::collection::vec(row(), 1..6),
        width in 300.0f64..900.0,
        height in 210.0f64..400.0,
        log_y in any::<bool>(),
        limit in proptest::option::of(1.0f64..1e5),
    ) {
        let spec = chart(&rows, log_y, limit);
        let layout = layout(&spec, width, height);
        prop_assert!(layout.plot.width() > 40.0);
        for (i, a) in layout.labels.iter().enumerate() {
            prop_assert!(a.rect.left >= 0.0 && a.rect.right <= width + 1.0, "{:?}", a);
            prop_assert!(a.rect.top >= 0.0 && a.rect.bottom <= height, "{:?}", a);
            for b in layout.labels.iter().skip(i + 1) {
                prop_assert!(a.rect.overlap(&b.rect) < 1e-6, "{:?}\n{:?}", a, b);
            }
        }
        // Names in the margin: 34 px apart when they have two lines.
        let mut column: Vec<_> = layout.labels.iter().filter(|l| l.rect.left > layout.plot.right - 4.0).collect();
        column.sort_by(|a, b| a.rect.top.total_cmp(&b.rect.top));
        for pair in column.windows(2) {
            let same_column = pair[0].lines[0].at.x == pair[1].lines[0].at.x;
            if same_column && pair[0].lines.len() == 2 {
                prop_assert!(pair[1].rect.top - pair[0].rect.top >= 34.0 - 1e-6);
            }
        }
        for mark in layout.marks() {
            prop_assert!(layout.plot.contains(mark.home, 0.6));
            prop_assert!((mark.at.x - mark.home.x).abs() <= 5.0 + 1e-9);
        }
        let mut ticks = tick_boxes(&layout);
        ticks.sort_by(|a, b| a.0.total_cmp(&b.0));
        for pair in ticks.windows(2) {
            prop_assert!(pair[0].1 < pair[1].0);
        }
        // Every limit is named, whatever its value.
        if limit.is_some() {
            prop_assert!(layout.labels.iter().any(|l| l.lines[0].text.starts_with("TTFT")));
        }
    }

    #[test]
    fn zoomed_lines_keep_their_slope(lo in 1.0f64..100.0, ratio in 1.2f64..4.0) {
        let rows = vec![vec![(1.0, 10.0), (512.0, 100.0)]];
        let mut spec = chart(&rows, false, None);
        let slope = |spec: &ChartSpec| {
            let layout = layout(spec, 508.0, 248.0);
            let line = &layout.series[0].lines[0];
            let (a, b) = (line[0], line[line.len() - 1]);
            let value = |y| layout.y.value(y);
            let load = |x| layout.x.value(x).log2();
            (value(b.y) - value(a.y)) / (load(b.x) - load(a.x))
        };
        let whole = slope(&spec);
        spec.x.view = Some((lo, lo * ratio));
        let part = slope(&spec);
        prop_assert!((whole - part).abs() < 1e-6 * whole.abs(), "{whole} {part}");
    }
}

#[test]
fn an_empty_chart_keeps_its_frame_and_axes() {
    let spec = ChartSpec {
        empty: Some((
            "No run reports TPOT.".into(),
            "Per-request records would supply it.".into(),
        )),
        ..ChartSpec::default()
    };
    let layout = layout(&spec, 508.0, 248.0);
    assert!(layout.y_ticks.len() >= 3);
    let texts: Vec<String> = scene(&spec, &layout)
        .shapes
        .into_iter()
        .filter_map(|s| match s {
            Shape::Text(t) => Some(t.text),
            _ => None,
        })
        .collect();
    assert!(texts.iter().any(|t| t == "No run reports TPOT."));
}

#[test]
fn a_far_limit_does_not_squeeze_the_data() {
    let rows = vec![vec![(1.0, 10.0), (8.0, 20.0)]];
    let spec = chart(&rows, false, Some(5000.0));
    let layout = layout(&spec, 508.0, 248.0);
    assert!(layout.y.hi() < 40.0);
    assert_eq!(layout.limits[0], None);
    assert!(
        layout
            .labels
            .iter()
            .any(|l| l.lines.iter().any(|t| t.text == "above this scale"))
    );
}

#[test]
fn an_end_label_survives_zooming_past_the_last_mark() {
    let rows = vec![vec![(1.0, 10.0), (64.0, 60.0), (256.0, 90.0)]];
    let mut spec = chart(&rows, false, None);
    spec.x.view = Some((2.0, 128.0));
    let layout = layout(&spec, 508.0, 248.0);
    let name = layout
        .labels
        .iter()
        .find(|l| l.lines[0].text == "Run number 0")
        .expect("the name stands where the line leaves the frame");
    assert!(name.rect.left >= layout.plot.right - 1.0);
}
