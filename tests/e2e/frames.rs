//! What a frame costs while a pointer moves: brushing and limits over many requests, marks of a chart with many points.
//!
//! Counted is the time of its processor that the page's main thread uses, so that other programs on the machine don't count.
//! A frame has 16 ms; layout and painting are printed beside the scripts, as a browser without a GPU does both by hand.

use std::fmt::Write as _;
use std::time::Duration;

use crate::{RUN, opened, silent};
use servelens_tests::browser::{Page, fresh_folder};

const ABOUT: &str = "[data-testid=listing-about]";

/// A vLLM result with the figures of many requests, in the tool's own form.
fn detailed(n: usize, delay: f64) -> String {
    let (mut ttft, mut itl, mut start, mut lens, mut outs) = (
        String::new(),
        String::new(),
        String::new(),
        String::new(),
        String::new(),
    );
    let mut state = 5_u64;
    let mut slots = [0.0_f64; 64];
    for i in 0..n {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let r = (state >> 33) as f64 / f64::from(1_u32 << 31);
        let (t, g) = (0.05 + delay * r * r, 0.4 + 0.1 * r);
        let comma = if i == 0 { "" } else { "," };
        let slot = &mut slots[i % 64];
        write!(ttft, "{comma}{t:.6}").unwrap();
        write!(itl, "{comma}[{g:.6}]").unwrap();
        write!(start, "{comma}{:.6}", 100.0 + *slot).unwrap();
        write!(lens, "{comma}1000").unwrap();
        write!(outs, "{comma}50").unwrap();
        *slot += t + g;
    }
    format!(
        r#"{{"date":"20261124-000000","backend":"vllm","model_id":"m","num_prompts":{n},"request_rate":"inf","max_concurrency":64,"duration":{:.3},"completed":{n},"total_input_tokens":{},"total_output_tokens":{},"request_throughput":{:.3},"output_throughput":{:.3},"input_lens":[{lens}],"output_lens":[{outs}],"ttfts":[{ttft}],"itls":[{itl}],"start_times":[{start}],"errors":[],"mean_ttft_ms":100.0,"p99_ttft_ms":300.0}}"#,
        slots[0],
        n * 1000,
        n * 50,
        n as f64 / slots[0],
        n as f64 * 50.0 / slots[0],
    )
}

/// Forty moves of the brush, each followed by its frame.
const MOVES: &str = "
    const done = arguments[arguments.length - 1];
    const canvas = [...document.querySelectorAll('[data-testid=timeline] canvas')].at(-1);
    const box = canvas.getBoundingClientRect();
    const send = (kind, x) => canvas.dispatchEvent(new PointerEvent(kind, {
      bubbles: true, cancelable: true, pointerId: 1, button: 0, buttons: 1, pointerType: 'mouse',
      clientX: box.left + x * box.width, clientY: box.top + 90 }));
    (async () => {
      send('pointerdown', 0.3);
      for (let i = 0; i < 40; i++) {
        send('pointermove', 0.35 + i * 0.01);
        await new Promise(requestAnimationFrame);
      }
      send('pointerup', 0.75);
      done(40);
    })();";

/// Milliseconds of its processor that the page's main thread has used, in scripts and in all; other programs on the
/// machine don't count.
fn used(page: &Page) -> (f64, f64) {
    let metrics = page
        .cdp("Performance.getMetrics", serde_json::json!({}))
        .unwrap();
    let of = |name: &str| {
        let all = metrics["metrics"].as_array().unwrap();
        let found = all.iter().find(|m| m["name"] == name).unwrap();
        found["value"].as_f64().unwrap() * 1e3
    };
    (of("ScriptDuration"), of("TaskDuration"))
}

/// A page with two runs of a hundred thousand requests each, and limits on both times.
fn many() -> Page {
    let page = Page::start()
        .unwrap()
        .with_patience(Duration::from_secs(60));
    page.open("#verdict?ttft=150&tpot=9.5").unwrap();
    page.wait_count(RUN, 3).unwrap();
    let folder = fresh_folder("many").unwrap();
    for (name, delay) in [("aic", 0.3), ("baseline", 0.6)] {
        std::fs::create_dir_all(folder.join(name)).unwrap();
        std::fs::write(folder.join(name).join("c64.json"), detailed(100_000, delay)).unwrap();
    }
    page.drop_paths(&[&folder.join("aic"), &folder.join("baseline")], None)
        .unwrap();
    page.wait_count(RUN, 2).unwrap();
    let _ = std::fs::remove_dir_all(&folder);
    page
}

/// What the main thread uses for a frame while a script moves something forty times: in scripts, and in all. The script
/// says to how many different places.
fn a_frame(page: &Page, moves: &str) -> (f64, f64) {
    page.frames().unwrap();
    page.cdp(
        "Performance.enable",
        serde_json::json!({ "timeDomain": "threadTicks" }),
    )
    .unwrap();
    let before = used(page);
    let places = page.js_async(moves).unwrap();
    let after = used(page);
    assert!(places.as_u64() > Some(15), "{places} places");
    ((after.0 - before.0) / 40.0, (after.1 - before.1) / 40.0)
}

/// Moves something forty times: the scripts of a frame must leave room in its 16 ms.
fn is_short(page: &Page, what: &str, moves: &str) {
    let (script, all) = a_frame(page, moves);
    let told =
        format!("{what}: {script:.1} ms of scripts a frame, {all:.1} ms with layout and painting.");
    eprintln!("{told}");
    assert!(script <= 16.0, "{told}");
}

#[test]
fn a_frame_of_brushing_a_hundred_thousand_requests_is_short() {
    let page = many();
    page.click(".tabs a[href='#compare']").unwrap();
    page.click(".subtabs a:last-child").unwrap();
    page.wait_text(ABOUT, "100\u{202f}000 of aic").unwrap();
    is_short(&page, "Brushing 2 × 100 000 requests", MOVES);
    page.keep("requests-100000").unwrap();
    silent(&page);
}

/// Presses and moves on the first chart, one frame each, until the limit follows; leaves `drag`, which moves it.
const FIND: &str = "
    const done = arguments[arguments.length - 1];
    const canvas = document.querySelector('.plot canvas');
    const box = canvas.getBoundingClientRect();
    const field = document.getElementById('limit-ttft');
    const send = (kind, y) => canvas.dispatchEvent(new PointerEvent(kind, {
      bubbles: true, cancelable: true, pointerId: 1, button: 0, buttons: 1, pointerType: 'mouse',
      clientX: box.left + 0.5 * box.width, clientY: box.top + y }));
    const frame = () => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));
    (async () => {
      const first = field.value;
      for (let y = 20; y < box.height - 20; y += 4) {
        send('pointerdown', y);
        send('pointermove', y + 2);
        await frame();
        if (field.value !== first) {
          window.drag = async () => {
            const seen = new Set();
            for (let i = 0; i < 40; i++) {
              send('pointermove', y + 60 - 3 * i);
              await new Promise(requestAnimationFrame);
              seen.add(field.value);
            }
            send('pointerup', y - 60);
            return seen.size;
          };
          return done(true);
        }
        send('pointerup', y + 2);
      }
      done(false);
    })();";

const DRAG: &str = "window.drag().then(arguments[arguments.length - 1])";

#[test]
fn a_frame_of_dragging_a_limit_over_a_hundred_thousand_requests_is_short() {
    let page = many();
    page.click(".tabs a[href='#sla']").unwrap();
    page.wait_text("[data-testid=goodput]", "of 100\u{202f}000")
        .unwrap();
    let before = page.text("[data-testid=goodput]").unwrap();
    assert_eq!(page.js_async(FIND).unwrap(), true);
    is_short(&page, "Dragging a limit over 2 × 100 000 requests", DRAG);
    let after = page.text("[data-testid=goodput]").unwrap();
    assert_ne!(before, after, "the counts follow the line");
    page.keep("sla-100000").unwrap();
    silent(&page);
}

/// A report with two systems at thousands of loads.
fn long_table(loads: u32) -> String {
    let mut out = "# A long sweep\n\n| Concurrency | New | Old |\n|---|---|---|\n".to_owned();
    for c in 1..=loads {
        let rate = |shift: u32| f64::from((c * 7919 + shift) % 997) / 10.0 + f64::from(c) / 50.0;
        writeln!(
            out,
            "| {c} | {:.2} tokens/s | {:.2} tokens/s |",
            rate(0),
            rate(500)
        )
        .unwrap();
    }
    out
}

const HOVER: &str = "
    const done = arguments[arguments.length - 1];
    const canvas = document.querySelector('.plot canvas');
    const box = canvas.getBoundingClientRect();
    (async () => {
      const seen = new Set();
      for (let i = 0; i < 40; i++) {
        canvas.dispatchEvent(new PointerEvent('pointermove', {
          bubbles: true, cancelable: true, pointerId: 1, pointerType: 'mouse',
          clientX: box.left + (0.3 + i * 0.015) * box.width, clientY: box.top + 0.5 * box.height }));
        await new Promise(requestAnimationFrame);
        seen.add(document.querySelector('[data-testid=read]')?.innerText);
      }
      done(seen.size);
    })();";

#[test]
fn a_redraw_of_ten_thousand_points_is_short() {
    let page = opened();
    let folder = fresh_folder("long").unwrap();
    std::fs::write(folder.join("report.md"), long_table(5000)).unwrap();
    page.drop_paths(&[&folder.join("report.md")], None).unwrap();
    page.wait_count(RUN, 2).unwrap();
    let _ = std::fs::remove_dir_all(&folder);
    page.wait_text("[data-testid=tray]", "10\u{202f}000 points")
        .unwrap();
    is_short(&page, "Redrawing 10 000 points", HOVER);
    page.keep("points-10000").unwrap();
    silent(&page);
}
