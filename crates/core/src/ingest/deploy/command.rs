//! Command lines: in scripts, in logs, and in the containers of a manifest.
//!
//! Knows words, quotes, defaults of variables and the names of engines; runs nothing.

use super::settings::{Field, NAMES, Settings};
use super::{Kind, Link, Piece, Read, Service, documents, host};
use crate::ingest::quantity::count;
use crate::model::Engine;
use std::collections::BTreeMap;

/// What starts an engine: words that follow each other, the engine, whether Dynamo stands before it.
const STARTS: &[(&[&str], Engine, bool)] = &[
    (&["dynamo.trtllm"], Engine::TrtLlm, true),
    (&["dynamo.vllm"], Engine::Vllm, true),
    (&["dynamo.sglang"], Engine::Sglang, true),
    (&["trtllm-serve"], Engine::TrtLlm, false),
    (&["tensorrt_llm.commands.serve"], Engine::TrtLlm, false),
    (&["vllm", "serve"], Engine::Vllm, false),
    (&["vllm.entrypoints.openai.api_server"], Engine::Vllm, false),
    (&["sglang.launch_server"], Engine::Sglang, false),
    (&["sglang", "serve"], Engine::Sglang, false),
];

/// The engine that a container's image is made for.
pub fn engine_of_image(image: &str) -> Option<Engine> {
    let image = image.to_ascii_lowercase();
    let has = |w: &str| image.contains(w);
    if has("tensorrt") || has("trtllm") {
        Some(Engine::TrtLlm)
    } else if has("sglang") {
        Some(Engine::Sglang)
    } else if has("vllm") {
        Some(Engine::Vllm)
    } else {
        None
    }
}

/// Words of a line with quotes taken off; what follows ` #` is a remark.
fn words(line: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => {
                if let Some(next) = chars.next() {
                    word.get_or_insert_default().push(next);
                }
            }
            (None, '#') if word.is_none() => break,
            (None, c) if c.is_whitespace() => out.extend(word.take()),
            (None, '(' | ')' | ';' | '&' | '|') => {
                out.extend(word.take());
                out.push(c.to_string());
            }
            _ => word.get_or_insert_default().push(c),
        }
    }
    out.extend(word);
    out
}

/// Puts the values of known variables in: `$X`, `${X}`, `${X:-default}`.
fn expand(word: &str, variables: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = word;
    while let Some(at) = rest.find('$') {
        out.push_str(rest.get(..at).unwrap_or_default());
        let tail = rest.get(at + 1..).unwrap_or_default();
        let (name, default, after) = if let Some(body) = tail.strip_prefix('{') {
            let (inside, after) = body.split_once('}').unwrap_or((body, ""));
            let (name, default) = inside.split_once(":-").unwrap_or((inside, ""));
            (name, default.trim_matches(['"', '\'']), after)
        } else {
            let end = tail
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                .unwrap_or(tail.len());
            let (name, after) = tail.split_at(end);
            (name, "", after)
        };
        match variables.get(name) {
            Some(value) => out.push_str(value),
            None if !default.is_empty() => out.push_str(default),
            // What is not known stays visible as such.
            None => out.push('$'),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What the words of a command set; `None` when they start no engine.
pub fn engine(words: &[String]) -> Option<Settings> {
    let base = |w: &String| w.rsplit('/').next().unwrap_or_default().to_owned();
    let names: Vec<String> = words.iter().map(base).collect();
    let (at, engine, dynamo) = STARTS.iter().find_map(|(start, engine, dynamo)| {
        let at = names
            .windows(start.len())
            .position(|w| w.iter().zip(*start).all(|(a, b)| a == b))?;
        Some((at + start.len(), *engine, *dynamo))
    })?;
    let mut out = options(words.get(at..).unwrap_or_default());
    // What an array of arguments held before the program was called.
    out.fill(&options(words.get(..at).unwrap_or_default()));
    if out.model.is_none()
        && let Some(first) = words.get(at).filter(|w| !w.starts_with('-'))
    {
        out.set(Field::Model, first);
    }
    out.engine = Some(engine);
    out.dynamo = dynamo;
    Some(out)
}

/// The options among words that matter.
fn options(words: &[String]) -> Settings {
    let mut out = Settings::default();
    let mut served = None;
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let Some(option) = word.strip_prefix("--").or_else(|| word.strip_prefix('-')) else {
            continue;
        };
        let (name, inline) = match option.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (option, None),
        };
        let name = name.replace('-', "_");
        let Some((key, field)) = NAMES.iter().find(|(n, _)| *n == name) else {
            continue;
        };
        let value = inline.or_else(|| words.get(at).filter(|w| !w.starts_with('-')).cloned());
        let value = value.unwrap_or_default();
        if *key == "served_model_name" {
            served = Some(value);
        } else {
            out.set(*field, &value);
        }
    }
    // The name that clients use is the checkpoint's only where nothing else is.
    if let (None, Some(name)) = (&out.model, served) {
        out.set(Field::Model, &name);
    }
    out
}

/// What a benchmark measures and how it is called.
pub fn link(words: &[String]) -> Option<Link> {
    let after = |names: &[&str]| {
        let at = words.iter().position(|w| names.contains(&w.as_str()))?;
        words.get(at + 1).cloned()
    };
    Some(Link {
        benchmark: after(&["--benchmark-name"])?,
        host: host(&after(&["--endpoint-url", "-u", "--url"])?)?,
    })
}

/// Reads a shell script or a log.
pub fn script(text: &str, path: &str, out: &mut Read) {
    let joined = text.replace("\\\r\n", " ").replace("\\\n", " ");
    let mut variables: BTreeMap<String, String> = BTreeMap::new();
    let mut services: Vec<Service> = Vec::new();
    let mut loose: Option<Settings> = None;
    let mut array: Vec<String> = Vec::new();
    let mut within: Option<(String, String)> = None;
    let mut open = false;
    for line in joined.lines() {
        if let Some((end, body)) = &mut within {
            if line.trim() == end.as_str() {
                let body = std::mem::take(body);
                within = None;
                let flats = documents(&body).unwrap_or_default();
                loose = flats.iter().find_map(Settings::of_engine).or(loose);
            } else {
                body.push_str(line);
                body.push('\n');
            }
            continue;
        }
        if let Some((_, mark)) = line.split_once("<<") {
            let mark = mark.trim_start_matches('-').trim();
            let mark = mark.split_whitespace().next().unwrap_or_default();
            within = Some((mark.trim_matches(['\'', '"']).to_owned(), String::new()));
            continue;
        }
        let found: Vec<String> = words(line).iter().map(|w| expand(w, &variables)).collect();
        let assigned = found
            .iter()
            .find(|w| *w != "export")
            .and_then(|w| w.split_once('='));
        if let Some((name, value)) = assigned
            && !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && found.len() < 4
        {
            variables.insert(name.to_owned(), value.to_owned());
            open = value.is_empty() && found.iter().any(|w| w == "(");
            if open {
                array.clear();
            }
        }
        if open || line.trim_start().starts_with("--") {
            array.extend(
                found
                    .iter()
                    .filter(|w| w.starts_with('-') || !w.contains('='))
                    .cloned(),
            );
            open &= !found.iter().any(|w| w == ")");
        }
        let mut command = array.clone();
        command.extend(found.iter().cloned());
        if let Some(settings) = engine(&command).filter(|_| engine(&found).is_some()) {
            array.clear();
            let role = if settings.prefill {
                "PREFILL"
            } else {
                "DECODE"
            };
            let number = |key: &str| {
                let of = |role: &str| variables.get(&format!("{role}_{key}"));
                let text = of(role).or_else(|| of("AGG"))?;
                text.parse::<f64>().ok().and_then(count)
            };
            services.push(Service {
                replicas: number("WORKERS"),
                gpus: number("GPU"),
                prefill: settings.prefill,
                settings,
            });
        } else if let Some(link) = link(&found) {
            out.links.push(link);
        }
    }
    for service in &mut services {
        if let Some(loose) = &loose {
            service.settings.fill(loose);
        }
    }
    if !services.is_empty() {
        out.pieces.push(Piece {
            file: path.to_owned(),
            services,
            kind: Kind::Script,
            ..Piece::default()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Read {
        let mut out = Read::default();
        script(text, "run.sh", &mut out);
        out
    }

    #[test]
    fn commands_of_each_engine_are_known() {
        let one = |text: &str| read(text).pieces[0].services[0].settings.clone();
        let s = one(
            "vllm serve Qwen/Qwen3-32B --tensor-parallel-size 4 --max-num-seqs=64 --quantization fp8 --no-enable-prefix-caching",
        );
        assert_eq!(s.engine, Some(Engine::Vllm));
        assert_eq!(
            (s.tp, s.max_batch, s.block_reuse),
            (Some(4), Some(64), Some(false))
        );
        assert_eq!(s.model.as_deref(), Some("Qwen/Qwen3-32B"));
        let s = one(
            "python3 -m sglang.launch_server --model-path a/b \\\n  --tp 2 --max-running-requests 8 --disable-radix-cache",
        );
        assert_eq!(s.engine, Some(Engine::Sglang));
        assert_eq!(
            (s.tp, s.max_batch, s.block_reuse),
            (Some(2), Some(8), Some(false))
        );
        let s =
            one("export M=${M:-\"a/b-FP8\"}\ntrtllm-serve \"$M\" --tp_size 8 --max_batch_size 12");
        assert_eq!((s.tp, s.max_batch), (Some(8), Some(12)));
        assert_eq!(s.model.as_deref(), Some("a/b-FP8"));
    }

    #[test]
    fn workers_of_a_script_are_counted_by_its_variables() {
        let r = read(
            "AGG_GPU=4\nAGG_WORKERS=2\npython3 -m dynamo.trtllm --model-path a/b --extra-engine-args /x/agg_config.yaml &",
        );
        let s = &r.pieces[0].services[0];
        assert_eq!((s.replicas, s.gpus), (Some(2), Some(4)));
        assert!(s.settings.dynamo);
        assert_eq!(s.settings.file.as_deref(), Some("/x/agg_config.yaml"));
    }

    #[test]
    fn a_script_that_starts_no_engine_says_nothing() {
        assert_eq!(
            read("export HF_TOKEN=secret\necho vllm is nice\n"),
            Read::default()
        );
    }
}
