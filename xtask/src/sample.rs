//! Makes the third sample: the figures of a real experiment's files, without its prompts, answers, hosts and namespaces.
//!
//! What is kept is what the page reads: time stamps, the server's token counts, what the payloads asked for, which prompts are
//! the same, summaries, AIConfigurator's output, engine and deployment files. The report is that of the first sample, which restates
//! the published figures in words of this project.

#![allow(
    clippy::indexing_slicing,
    reason = "a value of JSON gives null for what it lacks, and only objects are written to"
)]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use serde_json::{Map, Value, json};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::Result;
use crate::options::Options;
use crate::places::Places;

/// The most that the sample may weigh.
const LIMIT: u64 = 250_000;
/// Where the sample stands, and the report that goes into it.
const SAMPLE: &str = "data/samples/experiment.zip";
const REPORT: &str = "data/samples/published-comparison.md";
/// Keys of YAML files that name people, clusters or secrets.
const PRIVATE: [&str; 6] = [
    "namespace",
    "envFromSecret",
    "imagePullSecrets",
    "serviceAccountName",
    "claimName",
    "secretKeyRef",
];

/// `cargo xtask sample ZIP`: reads the experiment's files and writes the sample.
///
/// # Errors
/// When a file cannot be read, is not what it was, or the sample grows too large.
pub fn sample(places: &Places, mut options: Options) -> Result {
    let source = options
        .command()
        .ok_or("The experiment's files are missing: `cargo xtask sample FILE.zip`.")?;
    options.finish()?;
    let file = File::open(&source).map_err(|e| format!("{source} cannot be read: {e}."))?;
    let mut archive = ZipArchive::new(file).map_err(|e| format!("{source}: {e}."))?;
    let path = places.root.join(SAMPLE);
    let out =
        File::create(&path).map_err(|e| format!("{} cannot be written: {e}.", path.display()))?;
    let mut out = ZipWriter::new(out);
    // The same files make the same bytes, whenever and where they are packed.
    let how = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(zip::DateTime::default());
    let mut put = |name: &str, bytes: &[u8]| -> Result {
        out.start_file(name, how)
            .map_err(|e| format!("{name}: {e}."))?;
        out.write_all(bytes).map_err(|e| format!("{name}: {e}."))
    };
    let mut names: Vec<String> = archive.file_names().map(str::to_owned).collect();
    names.sort();
    for name in names {
        let mut text = String::new();
        archive
            .by_name(&name)
            .map_err(|e| format!("{name}: {e}."))?
            .read_to_string(&mut text)
            .map_err(|e| format!("{name}: {e}."))?;
        if let Some(kept) = scrub(&name, &text)? {
            put(&name, kept.as_bytes())?;
        }
    }
    let report = places.root.join(REPORT);
    let text = std::fs::read(&report).map_err(|e| format!("{REPORT} cannot be read: {e}."))?;
    put("report.md", &text)?;
    out.finish().map_err(|e| format!("The sample: {e}."))?;
    let bytes = std::fs::metadata(&path).map_err(|e| e.to_string())?.len();
    println!("{SAMPLE}: {bytes} bytes");
    if bytes > LIMIT {
        return Err(format!(
            "The sample has {bytes} bytes; {LIMIT} are the most."
        ));
    }
    Ok(())
}

/// What is kept of a file; `None` where nothing is.
fn scrub(name: &str, text: &str) -> Result<Option<String>> {
    let file = Path::new(name)
        .file_name()
        .and_then(|f| f.to_str())
        .unwrap_or("");
    let ending = Path::new(name).extension().and_then(|e| e.to_str());
    let value = || serde_json::from_str::<Value>(text).map_err(|e| format!("{name}: {e}."));
    Ok(match (file, ending) {
        ("profile_export.json", _) => Some(raw(value()?)?.to_string()),
        ("profile_export_genai_perf.json", _) => Some(without_hosts(value()?).to_string()),
        // The JSON beside it says more.
        ("profile_export_genai_perf.csv", _) => None,
        (_, Some("json")) => Some(value()?.to_string()),
        (_, Some("yaml")) => Some(yaml(text)),
        (_, Some("csv")) => Some(text.to_owned()),
        // Scripts name hosts; the report is the first sample's.
        _ => None,
    })
}

/// Requests without prompts and answers. Equal prompts stay equal, and a part of an answer that was there stays there.
fn raw(mut export: Value) -> Result<Value> {
    let mut prompts: BTreeMap<String, usize> = BTreeMap::new();
    let experiments = export["experiments"].as_array_mut();
    for experiment in experiments.into_iter().flatten() {
        for request in experiment["requests"].as_array_mut().into_iter().flatten() {
            let text = |v: &Value, what: &str| {
                let text = v.as_str().ok_or(format!("A request has no {what}."))?;
                serde_json::from_str::<Value>(text)
                    .map_err(|e| format!("A {what} is no JSON: {e}."))
            };
            let mut payload = text(&request["request_inputs"]["payload"], "payload")?;
            for message in payload["messages"].as_array_mut().into_iter().flatten() {
                let next = prompts.len() + 1;
                let content = message["content"].to_string();
                let n = *prompts.entry(content).or_insert(next);
                message["content"] = json!(format!("prompt {n}"));
            }
            request["request_inputs"]["payload"] = json!(payload.to_string());
            for output in request["response_outputs"]
                .as_array_mut()
                .into_iter()
                .flatten()
            {
                let mut answer = text(&output["response"], "response")?;
                if let Value::Object(answer) = &mut answer {
                    answer.retain(|key, _| ["choices", "object", "usage"].contains(&key.as_str()));
                }
                for choice in answer["choices"].as_array_mut().into_iter().flatten() {
                    for part in ["content", "reasoning_content"] {
                        let there = choice["message"][part]
                            .as_str()
                            .is_some_and(|t| !t.is_empty());
                        if there {
                            choice["message"][part] = json!("…");
                        }
                    }
                }
                output["response"] = json!(answer.to_string());
            }
        }
    }
    if let Value::Object(export) = &mut export {
        export.retain(|key, _| ["experiments", "version", "service_kind"].contains(&key.as_str()));
    }
    Ok(export)
}

/// JSON without addresses.
fn without_hosts(value: Value) -> Value {
    match value {
        Value::Object(all) => {
            let kept = all
                .into_iter()
                .filter(|(key, v)| key != "url" && !v.as_str().is_some_and(names_a_host));
            Value::Object(
                kept.map(|(k, v)| (k, without_hosts(v)))
                    .collect::<Map<_, _>>(),
            )
        }
        Value::Array(all) => Value::Array(
            all.into_iter()
                .filter(|v| !v.as_str().is_some_and(names_a_host))
                .map(without_hosts)
                .collect(),
        ),
        other => other,
    }
}

fn names_a_host(text: &str) -> bool {
    text.contains("://") || text.contains(".svc") || text.contains(".cluster.local")
}

/// YAML without lines that name clusters or secrets; of a service's address its first word stays, by which a run finds its deployment.
fn yaml(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let key = line.trim_start().trim_start_matches("- ");
        let private = PRIVATE.iter().any(|p| {
            key.strip_prefix(p)
                .is_some_and(|rest| rest.starts_with(':'))
        });
        if private || line.contains("secret") || line.contains("_TOKEN") {
            continue;
        }
        match line.find(".svc") {
            Some(at) => {
                let head = line.get(..at).unwrap_or("");
                // `service.namespace.svc…`: the service.
                let service = head.rsplit_once('.').map_or(head, |(s, _)| s);
                out.push_str(service);
                if head.contains('"') {
                    out.push('"');
                }
            }
            None => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompts_and_answers_go_and_what_they_prove_stays() {
        let request = |prompt: &str, content: Value| {
            json!({
                "timestamp": 1,
                "request_inputs": {"payload": json!({"messages": [{"role": "user", "content": prompt}], "max_tokens": 5}).to_string()},
                "response_timestamps": [2],
                "response_outputs": [{"response": json!({
                    "id": "chatcmpl-7",
                    "choices": [{"message": {"content": content, "reasoning_content": "thoughts"}}],
                    "usage": {"completion_tokens": 5},
                }).to_string()}],
            })
        };
        let export = json!({
            "endpoint": "http://host.example",
            "experiments": [{"requests": [request("tell", Value::Null), request("tell", json!("said")), request("other", json!(""))]}],
        });
        let kept = raw(export).unwrap().to_string();
        for gone in ["tell", "said", "thoughts", "chatcmpl", "host.example"] {
            assert!(!kept.contains(gone), "“{gone}” is still in {kept}");
        }
        assert_eq!(kept.matches("prompt 1").count(), 2);
        assert_eq!(kept.matches("prompt 2").count(), 1);
        assert_eq!(kept.matches(r#"\"content\":null"#).count(), 1);
        assert_eq!(kept.matches(r#"\"content\":\"…\""#).count(), 1);
        assert_eq!(kept.matches("completion_tokens").count(), 3);
    }

    #[test]
    fn namespaces_secrets_and_hosts_go() {
        let kept = yaml(
            "metadata:\n  name: agg\n  namespace: jane\n  envFromSecret: token\n    name: hf-token-secret\n  - \"agg-frontend.jane.svc.cluster.local:8000\" # where\n",
        );
        assert_eq!(kept, "metadata:\n  name: agg\n  - \"agg-frontend\"\n");
    }
}
