//! Files that would do harm: impossible figures, archives that unpack without end, odd encodings, hidden characters.

// In a test a failed step is the test's own message.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
#![allow(
    clippy::disallowed_methods,
    reason = "how long reading takes is what is tested"
)]
// Each test binary uses its own part of the shared helpers.
#![allow(dead_code)]

mod cases_support;

use cases_support::{account, files_under, ingest, root};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use servelens_core::model::{Severity, Workspace};
use std::io::Write;
use std::time::{Duration, Instant};

fn absorbed(files: &[(&str, &[u8])]) -> Workspace {
    let mut w = Workspace::default();
    w.absorb(ingest(files.iter().copied()));
    w
}

/// A genuine result of one load.
fn one() -> Vec<u8> {
    files_under(&root().join("genai-perf/0.0.16/nan"))
        .remove(0)
        .bytes
}

fn deflated(content: &[u8]) -> Vec<u8> {
    let mut e = DeflateEncoder::new(Vec::new(), Compression::best());
    e.write_all(content).unwrap();
    e.finish().unwrap()
}

fn crc(content: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(content);
    crc.sum()
}

/// An archive of one packed stretch that `n` entries of its directory name, in ZIP64 form where asked.
fn archive(n: u16, packed: &[u8], crc: u32, size: u32, zip64: bool) -> Vec<u8> {
    let name = b"a.json";
    let mut shared = Vec::new();
    for v in [20_u16, 0, 8, 0, 0] {
        shared.extend(v.to_le_bytes());
    }
    let sizes = if zip64 {
        [u32::MAX; 2]
    } else {
        [packed.len() as u32, size]
    };
    shared.extend(crc.to_le_bytes());
    for v in sizes {
        shared.extend(v.to_le_bytes());
    }
    shared.extend((name.len() as u16).to_le_bytes());
    let extra: Vec<u8> = if zip64 {
        let mut e = vec![1, 0, 24, 0];
        for v in [u64::from(size), packed.len() as u64, 0] {
            e.extend(v.to_le_bytes());
        }
        e
    } else {
        Vec::new()
    };
    let mut out = b"PK\x03\x04".to_vec();
    out.extend(&shared);
    out.extend([0, 0]);
    out.extend(name);
    out.extend(packed);
    let start = out.len();
    for _ in 0..n {
        out.extend(b"PK\x01\x02\x14\x00");
        out.extend(&shared);
        out.extend((extra.len() as u16).to_le_bytes());
        out.extend([0; 10]);
        out.extend(if zip64 { u32::MAX } else { 0 }.to_le_bytes());
        out.extend(name);
        out.extend(&extra);
    }
    let length = out.len() - start;
    if zip64 {
        let record = out.len() as u64;
        out.extend(b"PK\x06\x06");
        out.extend(44_u64.to_le_bytes());
        out.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        for v in [u64::from(n), u64::from(n), length as u64, start as u64] {
            out.extend(v.to_le_bytes());
        }
        out.extend(b"PK\x06\x07\0\0\0\0");
        out.extend(record.to_le_bytes());
        out.extend([1, 0, 0, 0]);
    }
    out.extend(b"PK\x05\x06\0\0\0\0");
    let (count, at) = if zip64 {
        (u16::MAX, u32::MAX)
    } else {
        (n, start as u32)
    };
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend((length as u32).to_le_bytes());
    out.extend(at.to_le_bytes());
    out.extend([0, 0]);
    out
}

#[test]
fn entries_that_overlap_are_refused_before_anything_is_unpacked() {
    let content = vec![b' '; 64 << 20];
    let packed = deflated(&content);
    let bomb = archive(20_000, &packed, crc(&content), content.len() as u32, false);
    let begun = Instant::now();
    let w = absorbed(&[("bomb.zip", &bomb)]);
    assert!(
        begun.elapsed() < Duration::from_secs(5),
        "{:?}",
        begun.elapsed()
    );
    let reason = w.files[0].reason.clone().unwrap();
    assert!(
        reason.starts_with("The archive's files overlap"),
        "{reason}"
    );
}

#[test]
fn damaged_data_spends_the_budget_too() {
    // 300 MiB that end in garbage: the second such member must not be unpacked to its end.
    let mut packed = deflated(&vec![b' '; 300 << 20]);
    let at = packed.len() - 4;
    packed.truncate(at);
    let zip = archive(1, &packed, 0, 300 << 20, false);
    let w = absorbed(&[("1.zip", &zip), ("2.zip", &zip), ("3.zip", &zip)]);
    let said: Vec<&str> = w.files.iter().filter_map(|f| f.reason.as_deref()).collect();
    assert!(
        said[0].starts_with("The compressed data is damaged"),
        "{said:?}"
    );
    assert!(said[1].starts_with("Unpacking stops here"), "{said:?}");
    assert!(said[2].starts_with("Unpacking stops here"), "{said:?}");
}

#[test]
fn zip64_and_gzip_of_several_members_are_read() {
    let content = one();
    let zip = archive(
        1,
        &deflated(&content),
        crc(&content),
        content.len() as u32,
        true,
    );
    assert_eq!(absorbed(&[("x.zip", &zip)]).runs.len(), 1);
    let gz = |part: &[u8]| {
        let mut e = GzEncoder::new(Vec::new(), Compression::best());
        e.write_all(part).unwrap();
        e.finish().unwrap()
    };
    let (a, b) = content.split_at(content.len() / 2);
    let mut both = gz(a);
    both.extend(gz(b));
    both.extend([0; 512]);
    assert_eq!(absorbed(&[("one.json.gz", &both)]).runs.len(), 1);
}

#[test]
fn every_unicode_encoding_reads_the_same() {
    let bytes = one();
    let text = String::from_utf8(bytes.clone()).unwrap();
    let want = account(&absorbed(&[("one.json", &bytes)]));
    let words = |mark: bool| -> Vec<u16> {
        let mark = mark.then_some(0xFEFF);
        mark.into_iter().chain(text.encode_utf16()).collect()
    };
    let all: Vec<Vec<u8>> = vec![
        words(true).iter().flat_map(|w| w.to_le_bytes()).collect(),
        words(true).iter().flat_map(|w| w.to_be_bytes()).collect(),
        words(false).iter().flat_map(|w| w.to_le_bytes()).collect(),
        words(false).iter().flat_map(|w| w.to_be_bytes()).collect(),
        "\u{feff}"
            .chars()
            .chain(text.chars())
            .flat_map(|c| (c as u32).to_le_bytes())
            .collect(),
        "\u{feff}"
            .chars()
            .chain(text.chars())
            .flat_map(|c| (c as u32).to_be_bytes())
            .collect(),
    ];
    for (i, bytes) in all.iter().enumerate() {
        assert_eq!(
            account(&absorbed(&[("one.json", bytes)])),
            want,
            "encoding {i}"
        );
    }
}

#[test]
fn negative_figures_are_refused_by_name() {
    let text = String::from_utf8(one()).unwrap();
    let mut json: serde_json::Value =
        serde_json::from_str(&text.replace("NaN", "null")).expect("JSON");
    json["time_to_first_token"] = serde_json::json!({"unit": "ms", "avg": -152.0});
    let w = absorbed(&[("one.json", json.to_string().as_bytes())]);
    assert!(w.runs.is_empty());
    let file = &w.files[0];
    assert_eq!((file.used, file.severity), (false, Severity::Error));
    let reason = file.reason.clone().unwrap();
    assert!(
        reason.contains("time to first token is negative (average −152.00 ms)"),
        "{reason}"
    );
}

#[test]
fn a_key_that_occurs_twice_is_an_error_with_its_place() {
    let text = String::from_utf8(one()).unwrap();
    let twice = text.trim_end().strip_suffix('}').unwrap().to_owned()
        + ","
        + text.trim_start().strip_prefix('{').unwrap();
    let w = absorbed(&[("dup.json", twice.as_bytes())]);
    assert!(w.runs.is_empty());
    let reason = w.files[0].reason.clone().unwrap();
    assert!(reason.contains("occurs twice"), "{reason}");
}

#[test]
fn nesting_without_end_is_refused() {
    let n = 1_000_000;
    let list = "[".repeat(n) + &"]".repeat(n);
    let object = "{\"a\":".repeat(n) + "1" + &"}".repeat(n);
    let text = String::from_utf8(one()).unwrap();
    let inside = text.trim_end().strip_suffix('}').unwrap().to_owned() + ",\"x\":" + &list + "}";
    let yaml = "version: '0.1'\nscenario:\n  a: ".to_owned() + &list + "\nmetrics:\n";
    for (name, bytes) in [
        ("l.json", &list),
        ("o.json", &object),
        ("i.json", &inside),
        ("y.yaml", &yaml),
    ] {
        let w = absorbed(&[(name, bytes.as_bytes())]);
        assert!(w.runs.is_empty() && w.files[0].reason.is_some(), "{name}");
    }
}

#[test]
fn names_hide_nothing_and_end() {
    let mut json: serde_json::Value = files_under(&root().join("vllm/0.11.0"))
        .iter()
        .find_map(|f| serde_json::from_slice(&f.bytes).ok())
        .expect("a result");
    json["label"] = format!("a\u{202e}b\u{1b}[2J{}", "x".repeat(20_000)).into();
    let w = absorbed(&[("d\u{202e}x/r.json", json.to_string().as_bytes())]);
    let run = &w.runs[0];
    assert!(
        run.label.starts_with("a�b�[2J") && run.label.chars().count() < 250,
        "{}",
        run.label
    );
    let all = account(&w);
    assert!(!all.contains(['\u{202e}', '\u{1b}']));
}

#[test]
fn thousands_of_files_take_seconds() {
    let text = String::from_utf8(
        files_under(&root().join("aiperf/0.5.0/slices"))
            .into_iter()
            .find(|f| f.path == "profile_export_aiperf.json")
            .expect("a summary")
            .bytes,
    )
    .unwrap();
    let id = serde_json::from_str::<serde_json::Value>(&text).expect("JSON")["benchmark_id"]
        .as_str()
        .map(str::to_owned)
        .expect("a key");
    let files: Vec<(String, String)> = (1..=2000)
        .map(|c| {
            let path = format!("run/concurrency_{c}/profile_export_aiperf.json");
            (path, text.replace(&id, &format!("{id}-{c}")))
        })
        .collect();
    let refs: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(p, t)| (p.as_str(), t.as_bytes()))
        .collect();
    let mut w = Workspace::default();
    let begun = Instant::now();
    w.absorb(ingest(refs.iter().copied()));
    let first = begun.elapsed();
    let n: usize = w.runs.iter().map(|r| r.points.len()).sum();
    assert_eq!(n, 2000);
    let begun = Instant::now();
    w.absorb(ingest(refs.iter().copied()));
    let again = begun.elapsed();
    // Without optimisation, on a machine that does other things, too; quadratic parsing of paths took minutes.
    assert!(
        first.max(again) < Duration::from_secs(60),
        "{first:?}, {again:?}"
    );
    eprintln!("2000 files: {first:?}, again {again:?}");
}
