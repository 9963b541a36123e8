//! Names from files as they may be shown: in a terminal, a report, a command to copy.
//!
//! Knows characters that move the cursor, hide or turn around what stands beside them; refuses to know what a name means.

use super::parsed::Series;

/// Names are cut to this many characters; no one reads more, and everything that draws them pays for each.
pub const LONGEST: usize = 200;

/// Whether a character changes how others are shown, or what a terminal does.
fn hides(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

/// A name on one line without such characters, each replaced by `�`.
pub fn name(text: &str) -> String {
    text.chars()
        .map(|c| {
            if hides(c) {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect()
}

/// The same, cut to [`LONGEST`].
pub fn short(text: &str) -> String {
    let clean = name(text);
    if clean.chars().nth(LONGEST).is_none() {
        return clean;
    }
    let cut: String = clean.chars().take(LONGEST).collect();
    format!("{cut}…")
}

/// Cleans the names that a series brings.
pub fn series(series: &mut Series) {
    let d = &mut series.deployment;
    let q = &mut d.quantization;
    for text in [
        &mut series.label,
        &mut series.part,
        &mut series.tool_version,
        &mut d.model,
        &mut d.system,
        &mut d.backend,
        &mut d.backend_version,
        &mut q.gemm,
        &mut q.kvcache,
        &mut q.fmha,
        &mut q.comm,
    ]
    .into_iter()
    .flatten()
    {
        if text.len() > LONGEST || text.chars().any(hides) {
            *text = short(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_shown_and_what_is_long_is_cut() {
        assert_eq!(name("a\u{202e}gnp.json\u{1b}[2J\n"), "a�gnp.json�[2J�");
        assert_eq!(name("Qwen3 32B – größer, 日本"), "Qwen3 32B – größer, 日本");
        assert_eq!(short(&"é".repeat(20_000)).chars().count(), LONGEST + 1);
    }
}
