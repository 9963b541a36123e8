//! How wide a text is, so that labels can be placed before anything is drawn.
//!
//! Knows average advances of system sans faces; refuses to know a browser. A page passes its own
//! measure (`measureText`); export and tests use [`Estimate`], which is on the wide side on purpose.

/// Measures text.
pub trait Measure {
    /// Width in CSS pixels at a font size in CSS pixels; `semi` is weight 600.
    fn width(&self, text: &str, size: f64, semi: bool) -> f64;
}

/// Widths from a table of advances a little below those of DejaVu Sans, a wide face.
#[derive(Debug, Clone, Copy, Default)]
pub struct Estimate;

impl Measure for Estimate {
    fn width(&self, text: &str, size: f64, semi: bool) -> f64 {
        let em: f64 = text.chars().map(advance).sum();
        em * size * if semi { 1.16 } else { 1.0 }
    }
}

fn advance(c: char) -> f64 {
    match c {
        '\u{202F}' | '\u{2009}' | '\u{200A}' => 0.2,
        '\u{2060}' | '\u{200B}' => 0.0,
        'i' | 'l' | 'j' | '\'' | '’' | '|' | '.' | ',' | ':' | ';' | '!' | 'I' => 0.28,
        ' ' | '\u{A0}' | 'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' | '·' => 0.36,
        '0'..='9' => 0.62,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '←' | '→' | '…' | '—' => 0.9,
        '₂' => 0.38,
        'A'..='Z' => 0.69,
        _ => 0.59,
    }
}

/// No label is drawn longer than this, characters: what is longer is cut before it is measured.
const LONGEST: usize = 1000;

/// The text, cut with an ellipsis so that it fits `room` pixels. Measures a few times only, however long the text is.
pub fn fit(text: &str, room: f64, size: f64, semi: bool, measure: &dyn Measure) -> String {
    let kept: Vec<char> = text.chars().take(LONGEST).collect();
    let whole = kept.len() < LONGEST;
    if whole && measure.width(text, size, semi) <= room {
        return text.to_owned();
    }
    let cut = |n: usize| {
        let start: String = kept.iter().take(n).collect();
        format!("{}…", start.trim_end())
    };
    // The most characters that fit: a start that is longer is wider.
    let (mut fits, mut too_long) = (0, kept.len() + usize::from(!whole));
    while fits + 1 < too_long {
        let middle = usize::midpoint(fits, too_long);
        if measure.width(&cut(middle), size, semi) <= room {
            fits = middle;
        } else {
            too_long = middle;
        }
    }
    if fits == 0 && measure.width("…", size, semi) > room {
        return String::new();
    }
    cut(fits)
}

/// The text in as few lines of at most `room` pixels as it takes, of about equal length; broken at spaces, a single
/// long word stays whole.
pub fn wrap(text: &str, room: f64, size: f64, measure: &dyn Measure) -> Vec<String> {
    let fewest = greedy(text, room, size, measure);
    let mut best = fewest;
    let mut tighter = room;
    while best.len() > 1 && tighter > room * 0.5 {
        tighter -= room * 0.05;
        let next = greedy(text, tighter, size, measure);
        if next.len() > best.len() {
            break;
        }
        best = next;
    }
    best
}

fn greedy(text: &str, room: f64, size: f64, measure: &dyn Measure) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if measure.width(&format!("{line} {word}"), size, false) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_text_fits_and_says_so() {
        let cut = fit("AIC-configured system", 80.0, 12.5, true, &Estimate);
        assert!(cut.ends_with('…'));
        assert!(Estimate.width(&cut, 12.5, true) <= 80.0);
        assert_eq!(fit("AIC", 80.0, 12.5, true, &Estimate), "AIC");
        assert_eq!(fit("AIC", 1.0, 12.5, true, &Estimate), "");
    }

    /// Counts how often it is asked.
    struct Counting(std::cell::Cell<usize>);

    impl Measure for Counting {
        fn width(&self, text: &str, size: f64, semi: bool) -> f64 {
            self.0.set(self.0.get() + 1);
            Estimate.width(text, size, semi)
        }
    }

    #[test]
    fn a_label_of_any_length_is_measured_a_few_times() {
        for n in [20_000, 100_000] {
            let counting = Counting(std::cell::Cell::new(0));
            let cut = fit(&"x".repeat(n), 80.0, 12.5, true, &counting);
            let more = format!("{}x…", cut.trim_end_matches('…'));
            assert!(Estimate.width(&cut, 12.5, true) <= 80.0);
            assert!(Estimate.width(&more, 12.5, true) > 80.0);
            assert!(counting.0.get() < 20, "{}", counting.0.get());
        }
    }

    #[test]
    fn wrapping_keeps_every_word() {
        let text = "Output tokens/s per user (tokens/s ÷ concurrency), log₂";
        let lines = wrap(text, 200.0, 12.0, &Estimate);
        assert!(lines.len() > 1);
        assert_eq!(lines.join(" "), text);
        for line in &lines {
            assert!(Estimate.width(line, 12.0, false) <= 200.0);
        }
    }
}
