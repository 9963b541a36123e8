//! The rules: from a file's text to its offending lines, each with its number.

use std::collections::{BTreeMap, BTreeSet};

use crate::paths::{lines, paths, words};

/// Crates of the browser: named in `src/platform` only, and never by the core.
const BROWSER: [&str; 3] = ["web_sys", "js_sys", "gloo"];

/// Imports of top-level modules that the rules do not allow.
pub fn imports(rules: &BTreeMap<&str, &[&str]>, module: &[String], text: &str) -> Vec<String> {
    let own = module.first().map_or("", String::as_str);
    // lib.rs only declares modules; helpers for tests may see everything.
    if own.is_empty() || own == "testing" {
        return Vec::new();
    }
    let Some(allowed) = rules.get(own) else {
        return vec![format!(
            "1: the module {own} has no rule; add it to tests/arch/main.rs"
        )];
    };
    let found: BTreeSet<String> = paths(module, text)
        .into_iter()
        .filter_map(|(number, path)| {
            let target = path.first()?.as_str();
            let fine = target == own || !rules.contains_key(target) || allowed.contains(&target);
            (!fine)
                .then(|| format!("{number}: {own} imports {target}, which does not stand below it"))
        })
        .collect();
    found.into_iter().collect()
}

/// Imports of one format by another.
pub fn strangers(formats: &BTreeSet<String>, module: &[String], text: &str) -> Vec<String> {
    let Some(own) = module.get(2) else {
        return Vec::new();
    };
    paths(module, text)
        .into_iter()
        .filter_map(|(number, path)| match path.as_slice() {
            [a, b, other, ..]
                if a == "ingest" && b == "formats" && other != own && formats.contains(other) =>
            {
                Some(format!(
                    "{number}: the format {own} imports the format {other}"
                ))
            }
            _ => None,
        })
        .collect()
}

/// Lines that name a crate of the browser.
pub fn browser(text: &str) -> Vec<String> {
    lines(text)
        .filter(|(_, line)| {
            BROWSER
                .iter()
                .any(|name| words(line).any(|word| word == *name))
        })
        .map(|(number, line)| format!("{number}: {}", line.trim()))
        .collect()
}

/// Lines with a `style` attribute; `style:prop=` is fine.
pub fn styles(text: &str) -> Vec<String> {
    lines(text)
        .filter(|(_, line)| {
            line.split("style=")
                .zip(line.split("style=").skip(1))
                .any(|(before, _)| before.is_empty() || before.ends_with([' ', '\t']))
        })
        .map(|(number, line)| format!("{number}: {}", line.trim()))
        .collect()
}

pub fn too_long(text: &str, limit: usize) -> Vec<String> {
    let count = text.lines().count();
    if count > limit {
        vec![format!(
            "{count}: the file has {count} lines; the limit is {limit}"
        )]
    } else {
        Vec::new()
    }
}

/// Names under which two packages build a program: the later one overwrites the other. Each manifest comes with its
/// path and whether a `src/main.rs` lies beside it, which is a program of the package's name unless a `[[bin]]` takes it.
pub fn equal_programs(manifests: &[(String, String, bool)]) -> Vec<String> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    let mut found = Vec::new();
    for (file, text, has_main) in manifests {
        let (mut section, mut package, mut programs, mut taken) = ("", "", Vec::new(), false);
        for line in text.lines().map(str::trim) {
            if line.starts_with('[') {
                section = line;
            } else if let Some((key, value)) = line.split_once('=') {
                let value = value.trim().trim_matches('"');
                match (section, key.trim()) {
                    ("[package]", "name") => package = value,
                    ("[[bin]]", "name") => programs.push(value),
                    ("[[bin]]", "path") => taken |= value == "src/main.rs",
                    _ => {}
                }
            }
        }
        if *has_main && !taken {
            programs.push(package);
        }
        for name in programs {
            if let Some(other) = seen.insert(name.to_owned(), file) {
                found.push(format!("{file}: builds {name}, as {other} does"));
            }
        }
    }
    found
}

/// Lines with an absolute path of a developer's machine.
pub fn machine_paths(text: &str) -> Vec<String> {
    // Written in two parts, or this file would offend itself.
    let roots = [
        ["/wo", "rk/"],
        ["/ro", "ot/"],
        ["/tm", "p/"],
        ["/ho", "me/"],
    ]
    .map(|parts| parts.concat());
    let starts = |line: &str, root: &String| {
        line.match_indices(root.as_str()).any(|(at, _)| {
            !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._~-}$".contains(c))
        })
    };
    text.lines()
        .enumerate()
        .filter(|(_, line)| roots.iter().any(|root| starts(line, root)))
        .map(|(number, line)| {
            format!(
                "{}: {}",
                number + 1,
                line.trim().chars().take(160).collect::<String>()
            )
        })
        .collect()
}

#[cfg(test)]
mod can_fail {
    use super::*;
    use crate::core_rules;

    fn module(path: &str) -> Vec<String> {
        path.split("::").map(str::to_owned).collect()
    }

    #[test]
    fn two_programs_of_one_name() {
        let manifest = |file: &str, text: &str| (file.to_owned(), text.to_owned(), true);
        let page = "[package]\nname = \"page\"\n";
        let tool = "[package]\nname = \"tool\"\n[[bin]]\nname = \"page\"\npath = \"src/main.rs\"\n";
        let other = tool.replace("[[bin]]\nname = \"page\"", "[[bin]]\nname = \"tool\"");
        let of = |tool: &str| equal_programs(&[manifest("a", page), manifest("b", tool)]);
        assert_eq!(of(tool).len(), 1);
        assert!(of(&other).is_empty());
    }

    #[test]
    fn imports_in_every_spelling() {
        let rules = core_rules();
        for text in [
            "use crate::report::Report;",
            "use crate::{units::Seconds, report::Report};",
            "use crate::{\n    units::Seconds,\n    report::{Report, build},\n};",
            "fn f() { crate::report::build(); }",
            "use super::report::Report;",
        ] {
            let found = imports(&rules, &module("model"), text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].contains("model imports report"), "{found:?}");
        }
        assert_eq!(
            imports(
                &rules,
                &module("ingest::formats::x"),
                "use super::super::super::audit::Check;"
            )
            .len(),
            1
        );
        assert_eq!(imports(&rules, &module("brand_new"), "").len(), 1);
    }

    #[test]
    fn allowed_imports_comments_and_tests_are_fine() {
        let rules = core_rules();
        let text = "// see crate::report\nuse crate::units::Seconds;\nuse super::units::Ms;\n#[cfg(test)]\nmod tests {\n    use crate::report::Report;\n}\n";
        assert_eq!(
            imports(&rules, &module("model"), text),
            Vec::<String>::new()
        );
    }

    #[test]
    fn formats_that_know_each_other() {
        let formats: BTreeSet<String> = ["aiperf", "genai_perf"].map(str::to_owned).into();
        for (own, text) in [
            ("ingest::formats::aiperf", "use super::genai_perf::parse;"),
            (
                "ingest::formats::aiperf::rows",
                "use super::super::genai_perf::parse;",
            ),
            (
                "ingest::formats::aiperf",
                "use crate::ingest::formats::{genai_perf};",
            ),
        ] {
            assert_eq!(strangers(&formats, &module(own), text).len(), 1, "{text}");
        }
        assert_eq!(
            strangers(
                &formats,
                &module("ingest::formats::aiperf::rows"),
                "use super::columns; use crate::ingest::formats::aiperf::x;"
            )
            .len(),
            0
        );
    }

    #[test]
    fn browser_style_length_and_machine_paths() {
        assert_eq!(browser("use web_sys::Window;\nlet gloomy = 1;\n").len(), 1);
        assert_eq!(
            styles("<p style=\"color: red\">\n<p style:left=x>\n<p data-style=\"x\">\n").len(),
            1
        );
        assert_eq!(too_long(&"x\n".repeat(501), 500).len(), 1);
        assert_eq!(too_long(&"x\n".repeat(500), 500).len(), 0);
        let path = ["see /tm", "p/x and https://example.org/ho", "me/"].concat();
        assert_eq!(machine_paths(&path).len(), 1);
        assert_eq!(
            machine_paths(&["https://example.org/ho", "me/x"].concat()).len(),
            0
        );
    }
}
