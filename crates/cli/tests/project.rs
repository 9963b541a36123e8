//! `project` and `sweep` as a person and a program use them, against the figures that AIConfigurator itself gives.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::{path, servelens};
use serde_json::Value;

fn json(arguments: &[&str]) -> Value {
    let (code, out, err) = servelens(arguments);
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).unwrap()
}

/// A refusal: exit code 2, the sentence on stderr and, for a program, in the answer.
fn refused(arguments: &[&str]) -> String {
    let (code, out, err) = servelens(arguments);
    assert_eq!(code, 2, "{arguments:?}: {out}");
    let sentence = err.trim().strip_prefix("servelens: ").unwrap().to_owned();
    assert!(sentence.ends_with('.'), "{sentence}");
    if arguments.contains(&"--json") && !out.is_empty() {
        let answer: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(answer["error"], sentence.as_str());
        assert_eq!(answer.as_object().unwrap().len(), 1);
    }
    sentence
}

const ANCHOR: [&str; 13] = [
    "project",
    "--model",
    "QWEN3_32B",
    "--tp",
    "8",
    "--batch",
    "12",
    "--isl",
    "4000",
    "--osl",
    "500",
    "--ctx-tokens",
    "8000",
];

#[test]
fn the_anchors() {
    for (rules, figure) in [("aic-0.2", "196.783"), ("aic-0.12", "234.557")] {
        let v = json(&[&ANCHOR[..], &["--rules", rules, "--json"]].concat());
        assert_eq!(
            format!("{:.3}", v["tokens_s_gpu"].as_f64().unwrap()),
            figure
        );
        assert_eq!(v["oom"], false);
        assert_eq!(v.as_object().unwrap().len(), 6);
        let (code, out, _) = servelens(&[&ANCHOR[..], &["--rules", rules]].concat());
        assert_eq!(code, 0);
        assert!(out.contains(figure) && out.contains("TTFT"), "{out}");
    }
}

#[test]
fn golden_points_come_back_in_order() {
    for (rules, name, count) in [
        ("aic-0.2", "aic-0.2-points.json", 438),
        ("aic-0.12", "aic-0.12-points.json", 131),
        ("aic-0.12", "aic-0.12-models.json", 40),
    ] {
        let path = path(&format!("golden/cost/{name}"));
        let file: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let theirs = file["points"].as_array().unwrap();
        let ours = json(&["project", "--rules", rules, "--points", &path, "--json"]);
        let ours = ours.as_array().unwrap();
        assert_eq!((ours.len(), theirs.len()), (count, count));
        for (a, t) in ours.iter().zip(theirs) {
            for (key, name, close) in [
                ("ttft_ms", "ttft", 1e-5),
                ("tpot_ms", "tpot", 1e-5),
                ("tokens_s_gpu", "tokens_s_gpu", 1e-5),
                ("tokens_s_user", "tokens_s_user", 1e-5),
                ("memory_gib", "memory", 1e-6),
            ] {
                // AIC prints 0 for what a static worker does not have.
                let (x, y) = (
                    a[key].as_f64().unwrap_or(0.0),
                    t["out"][name].as_f64().unwrap(),
                );
                assert!((x - y).abs() <= close * y, "{key} is {x}, AIC has {y}: {t}");
            }
            if let Some(oom) = t["out"]["oom"].as_bool() {
                assert_eq!(a["oom"], oom, "{t}");
            }
        }
    }
}

#[test]
fn what_cannot_be_projected_is_an_error_in_its_place() {
    let path = std::env::temp_dir().join(format!("servelens-points-{}.json", std::process::id()));
    std::fs::write(
        &path,
        r#"[{"batch": 1, "isl": 100, "osl": 10},
            {"batch": 1, "isl": 100, "osl": 10, "tp": 3},
            {"batch": 1, "isl": 100, "osl": 10, "kvcache": "float16"},
            {"batch": "many"},
            {"mode": "decode", "batch": 1, "isl": 100, "osl": 10}]"#,
    )
    .unwrap();
    let file = path.to_string_lossy().into_owned();
    let v = json(&["project", "--points", &file, "--json"]);
    let (code, table, _) = servelens(&["project", "--points", &file]);
    std::fs::remove_file(&path).unwrap();
    for i in [0, 4] {
        assert!(v[i]["error"].is_null() && v[i]["tokens_s_gpu"].is_f64());
    }
    assert!(v[4]["ttft_ms"].is_null());
    for i in 1..4 {
        assert!(v[i]["error"].as_str().unwrap().ends_with('.'));
        assert_eq!(v[i].as_object().unwrap().len(), 1);
    }
    assert_eq!((code, table.lines().count()), (0, 6));
}

#[test]
fn every_refusal_is_a_sentence() {
    for (arguments, word) in [
        (&["--tp", "3"][..], "divide"),
        (&["--kvcache", "float16"], "16-bit KV cache"),
        (&["--isl", "0"], "input length"),
        (&["--osl", "0"], "output length"),
        (&["--batch", "0"], "batch"),
        (&["--osl", "1"], "at least 2"),
        (&["--batch", "9000"], "beyond"),
        (&["--model", "gpt-7"], "gpt-7"),
        (&["--gemm", "nvfp4"], "nvfp4"),
        (&["--rules", "aic-9"], "aic-0.2"),
        (&["--system", "abacus"], "h200_sxm"),
        (&["--mode", "nap"], "nap"),
        (&["--rules", "aic-0.2", "--model", "QWEN3_8B"], "QWEN3_8B"),
        (
            &["--rules", "aic-0.2", "--mode", "prefill", "--isl", "15"],
            "from 16",
        ),
        (&["--isl", "-5"], "whole number"),
        (&["--isl", "many"], "whole number"),
        (&["--speed", "1"], "--speed"),
        (&["--isl"], "--isl"),
        (&["--isl", "1", "--isl", "2"], "twice"),
        (&["--points", "/no/such/file"], "cannot be read"),
        (&["--points", "x", "--tp", "2"], "--tp"),
        (&["loose"], "loose"),
    ] {
        let sentence = refused(&[&["project"], arguments, &["--json"]].concat());
        assert!(sentence.contains(word), "{arguments:?}: {sentence}");
    }
    for (arguments, word) in [
        (&["--gpus", "0"][..], "GPUs"),
        (&["--ttft", "0"], "first token"),
        (&["--tpot", "-1"], "between tokens"),
        (&["--ttft", "soon"], "milliseconds"),
        (&["--isl", "0"], "input length"),
        (&["--osl", "1"], "at least 2"),
        (&["--model", "gpt-7"], "gpt-7"),
        (&["--kvcache", "float16"], "16-bit KV cache"),
        (&["--batch", "4"], "--batch"),
    ] {
        let sentence = refused(&[&["sweep"], arguments, &["--json"]].concat());
        assert!(sentence.contains(word), "{arguments:?}: {sentence}");
    }
}

#[test]
fn the_published_sweeps() {
    for (rules, folder, counts, best) in [
        ("aic-0.2", "cli-0.2", (42, 16), (378.997, 812.475)),
        ("aic-0.12", "cli-0.12", (25, 4), (414.272, 478.350)),
    ] {
        let v = json(&[
            "sweep",
            "--rules",
            rules,
            "--model",
            "Qwen/Qwen3-32B",
            "--gpus",
            "8",
            "--isl",
            "4000",
            "--osl",
            "500",
            "--ttft",
            "300",
            "--tpot",
            "10",
            "--json",
        ]);
        assert_eq!(v["chosen"], "disagg");
        for (way, count, best) in [("agg", counts.0, best.0), ("disagg", counts.1, best.1)] {
            let front = v[way]["front"].as_array().unwrap();
            assert_eq!(front.len(), count);
            assert_eq!(v[way]["best"]["tokens/s/gpu_cluster"], best);
            let text =
                std::fs::read_to_string(path(&format!("golden/cost/{folder}/{way}_pareto.csv")))
                    .unwrap();
            let mut lines = text.lines();
            let header: Vec<&str> = lines.next().unwrap().split(',').collect();
            for key in front[0].as_object().unwrap().keys() {
                assert!(header.contains(&key.as_str()), "AIC has no column {key}");
            }
            for (row, line) in front.iter().zip(lines) {
                for (key, printed) in header.iter().zip(line.split(',')) {
                    // 0.12 prints columns of what the cost model does not cover; a model has several names.
                    let (Some(x), Ok(y)) = (
                        row.get(*key).and_then(Value::as_f64),
                        printed.parse::<f64>(),
                    ) else {
                        continue;
                    };
                    assert!(
                        (x - y).abs() <= 0.001_000_1_f64.max(2e-6 * y),
                        "{key} is {x}, AIC printed {y}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_sweep_for_people() {
    let (code, out, _) = servelens(&["sweep", "--rules", "aic-0.2"]);
    assert_eq!(code, 0);
    assert!(
        out.starts_with(
            "Disaggregated serving is chosen, disaggregated over aggregated is 2.144: "
        )
    );
    assert_eq!(
        out.lines().filter(|l| l.ends_with("best")).count(),
        2,
        "{out}"
    );
    let (code, out, _) = servelens(&["sweep", "--ttft", "1"]);
    assert_eq!(code, 0);
    assert!(
        out.starts_with("No configuration keeps both limits"),
        "{out}"
    );
}

#[test]
fn each_subcommand_has_help() {
    for name in ["project", "sweep"] {
        for flag in ["--help", "-h"] {
            let (code, out, _) = servelens(&[name, flag]);
            assert_eq!(code, 0);
            assert!(
                out.starts_with(&format!("Usage: servelens {name}")),
                "{out}"
            );
        }
    }
}
