//! Style sheets as the page gets them: one file with all that it imports, without comments and spare white space.

use std::fs;
use std::path::Path;

use crate::Result;

/// A style sheet with its imports in place.
///
/// # Errors
/// When a sheet cannot be read.
pub fn bundle(file: &Path) -> Result<String> {
    let read = |file: &Path| {
        fs::read_to_string(file).map_err(|e| format!("{} cannot be read: {e}.", file.display()))
    };
    let mut whole = String::new();
    for line in read(file)?.lines() {
        match import(line) {
            Some(name) => whole.push_str(&read(&file.with_file_name(name))?),
            None => whole.push_str(line),
        }
        whole.push('\n');
    }
    Ok(minified(&whole))
}

/// The file of a line such as `@import "base.css";`.
fn import(line: &str) -> Option<&str> {
    line.trim().strip_prefix("@import \"")?.strip_suffix("\";")
}

fn minified(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(comment) = rest.strip_prefix("/*") {
            rest = comment.split_once("*/").map_or("", |(_, after)| after);
            continue;
        }
        let end = match c {
            '"' => rest[1..].find('"').map_or(rest.len(), |at| at + 2),
            c => c.len_utf8(),
        };
        let (token, after) = rest.split_at(end);
        rest = after;
        match c {
            c if c.is_whitespace() => {
                if !out.ends_with([' ', '{', '}', ';', ',', ':']) && !out.is_empty() {
                    out.push(' ');
                }
            }
            '{' | '}' | ';' | ',' => {
                out.truncate(out.trim_end_matches(' ').len());
                if c == '}' {
                    out.truncate(out.trim_end_matches(';').len());
                }
                out.push(c);
            }
            _ => out.push_str(token),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::{import, minified};

    #[test]
    fn what_a_browser_does_not_need_goes() {
        let text = "/* About. */\n:root {\n  --font: a, \"B  C\";\n}\n\n.a > .b :hover, .c {\n  width: calc(1px + 2px); /* why */\n  content: \"; }\";\n}\n@media (max-width: 60rem) { .d { margin: 0 -1px; } }\n";
        assert_eq!(
            minified(text),
            ":root{--font:a,\"B  C\"}.a > .b :hover,.c{width:calc(1px + 2px);content:\"; }\"}@media (max-width:60rem){.d{margin:0 -1px}}"
        );
    }

    #[test]
    fn imports_are_told_from_rules() {
        assert_eq!(
            import("@import \"later/base.css\";"),
            Some("later/base.css")
        );
        assert_eq!(import(".a { content: \"@import\"; }"), None);
    }
}
