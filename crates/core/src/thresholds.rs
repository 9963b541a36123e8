//! Every threshold of the audit, and how a person turns it.

use serde::{Deserialize, Serialize};

macro_rules! thresholds {
    ($($(#[doc = $about:literal])+ $field:ident = $default:literal, $key:literal, $label:literal, $unit:ident, $low:literal..=$high:literal;)+) => {
        /// Every threshold of the audit in one place; shares, not percentages.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Thresholds {
            $($(#[doc = $about])+ pub $field: f64,)+
        }

        impl Default for Thresholds {
            fn default() -> Self {
                Self { $($field: $default,)+ }
            }
        }

        /// Every threshold as it is typed, in the order of the panel.
        pub const KNOBS: [Knob; [$($default),+].len()] = [
            $(Knob {
                key: $key,
                label: $label,
                unit: Unit::$unit,
                range: ($low, $high),
                field: |t| &mut t.$field,
            },)+
        ];
    };
}

thresholds! {
    /// Half-width of the band of practical equivalence.
    equivalence = 0.05, "equal", "Differences up to this are none", Percent, 0.0..=1000.0;
    /// OSL-TARGET: distance of observed from asked length that warns.
    target_warn = 0.05, "osl-warn", "Output length off its target warns from", Percent, 0.0..=1000.0;
    /// OSL-TARGET: distance that blocks.
    target_block = 0.20, "osl-block", "Output length off its target blocks from", Percent, 0.0..=1000.0;
    /// OSL-PARITY: distance of the two lengths from each other that blocks.
    parity_block = 0.05, "parity", "Output lengths apart block from", Percent, 0.0..=1000.0;
    /// LITTLE: distance of X·R from C that warns.
    little_warn = 0.10, "little", "Requests in flight off the load warn from", Percent, 0.0..=1000.0;
    /// LITTLE: excess of a TTFT over C ÷ X that rounding may explain.
    little_rounding = 0.02, "rounding", "TTFT past the whole request blocks from", Percent, 0.0..=100.0;
    /// TOKENS: distance of tokens/s from X × OSL that warns.
    tokens_warn = 0.02, "tokens", "Tokens/s off requests/s × length warns from", Percent, 0.0..=1000.0;
    /// RECOUNT, PUBLISHED and CAP: distance of a figure from the recorded one that counts.
    recount = 0.02, "recount", "A figure off the records warns from", Percent, 0.0..=1000.0;
    /// MONO: gain in requests/s that counts as none.
    mono_gain = 0.05, "stall", "Gain in requests/s that counts as a stall", Percent, 0.0..=100.0;
    /// MONO: growth of the load from which a missing gain counts.
    mono_load = 2.0, "growth", "Growth of the load from which a stall counts", Times, 1.0..=1000.0;
    /// SHORT: requests for each request in flight below which a run is short.
    short_waves = 10.0, "waves", "Requests for each one in flight, at least", Times, 0.0..=10000.0;
    /// SHORT: durations in request times below which a run is short.
    short_times = 5.0, "duration", "Duration in request times, at least", Times, 0.0..=10000.0;
    /// NOISE: how much wider an interval is taken that rests on few waves.
    noise_widen = 2.0, "widen", "Intervals on few waves are taken wider by", Times, 1.0..=100.0;
    /// ERRORS: share of failed requests that blocks.
    errors_block = 0.01, "errors", "Failed requests block from", Percent, 0.0..=100.0;
    /// UNIT: distance of a ratio from the GPU count that makes it suspect.
    unit_near = 0.05, "unit", "A ratio this near the GPU count is suspect", Percent, 0.0..=100.0;
    /// SELECT: lead of another configuration that counts.
    select_lead = 0.05, "select", "Lead of another configuration that counts", Percent, 0.0..=1000.0;
}

/// The unit in which a threshold is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Per cent of one.
    Percent,
    /// Times.
    Times,
}

impl Unit {
    /// As it stands beside the figure.
    pub fn word(self) -> &'static str {
        match self {
            Self::Percent => "%",
            Self::Times => "×",
        }
    }
}

/// One threshold as a person types it.
#[derive(Debug, Clone, Copy)]
pub struct Knob {
    /// Key in links and on the command line.
    pub key: &'static str,
    /// What it decides, a few words.
    pub label: &'static str,
    /// Unit of the typed value.
    pub unit: Unit,
    range: (f64, f64),
    field: fn(&mut Thresholds) -> &mut f64,
}

impl Knob {
    /// The knob of a key.
    pub fn of(key: &str) -> Option<&'static Self> {
        KNOBS.iter().find(|k| k.key == key)
    }

    /// The value as typed.
    pub fn typed(&self, thresholds: &Thresholds) -> f64 {
        let mut copy = *thresholds;
        let value = *(self.field)(&mut copy);
        let shown = match self.unit {
            Unit::Percent => value * 100.0,
            Unit::Times => value,
        };
        (shown * 1e6).round() / 1e6
    }

    /// Sets it from a typed number, `%` or `×` allowed after it.
    ///
    /// # Errors
    /// One sentence that says what is expected.
    pub fn set(&self, thresholds: &mut Thresholds, typed: &str) -> Result<(), String> {
        let number = typed
            .trim()
            .trim_end_matches(['%', '×', 'x'])
            .trim()
            .replace(',', ".");
        let (low, high) = self.range;
        let value = number
            .parse::<f64>()
            .ok()
            .filter(|v| (low..=high).contains(v))
            .ok_or_else(|| format!("A number from {low} to {high} is needed."))?;
        *(self.field)(thresholds) = match self.unit {
            Unit::Percent => value / 100.0,
            Unit::Times => value,
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_knob_turns_one_threshold_and_reads_it_back() {
        let mut keys = std::collections::BTreeSet::new();
        for knob in &KNOBS {
            assert!(keys.insert(knob.key), "{} twice", knob.key);
            let mut t = Thresholds::default();
            let before = knob.typed(&t);
            knob.set(&mut t, "7.5").unwrap();
            assert_eq!(knob.typed(&t), 7.5);
            let others = KNOBS
                .iter()
                .filter(|k| k.typed(&t) != k.typed(&Thresholds::default()));
            assert_eq!(others.count(), 1, "{}", knob.key);
            knob.set(&mut t, &before.to_string()).unwrap();
            assert_eq!(t, Thresholds::default(), "{}", knob.key);
        }
    }

    #[test]
    fn nonsense_is_refused_with_the_range() {
        let mut t = Thresholds::default();
        let knob = Knob::of("osl-block").unwrap();
        for wrong in ["", "-1", "many", "NaN", "1e9"] {
            assert!(
                knob.set(&mut t, wrong)
                    .unwrap_err()
                    .contains("from 0 to 1000"),
                "{wrong}"
            );
        }
        knob.set(&mut t, " 30 % ").unwrap();
        assert_eq!(t.target_block, 0.3);
    }
}
