//! Sliders over several powers of ten: equal ways are equal ratios, and every stop is a round value.

/// The two ends of a slider.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slider {
    /// Least value, above zero.
    pub least: f64,
    /// Largest value.
    pub most: f64,
    /// Whether only whole values make sense.
    pub whole: bool,
}

/// Stops of a slider, the first of which is 0.
pub const STOPS: u32 = 400;

impl Slider {
    /// Over whole numbers.
    pub const fn whole(least: u32, most: u32) -> Self {
        Self {
            least: least as f64,
            most: most as f64,
            whole: true,
        }
    }

    /// The stop nearest to a value; the ends for values beyond.
    pub fn stop(self, value: f64) -> u32 {
        let share = (value.max(self.least) / self.least).ln() / (self.most / self.least).ln();
        (share.clamp(0.0, 1.0) * f64::from(STOPS)).round() as u32
    }

    /// The value of a stop, to two significant digits, or three from the leading 1.
    pub fn value(self, stop: u32) -> f64 {
        if stop >= STOPS {
            return self.most;
        }
        let share = f64::from(stop) / f64::from(STOPS);
        let exact = self.least * (self.most / self.least).powf(share);
        let unit = 10f64.powf((exact * 1.000_001).log10().floor() - 1.0);
        let unit = if exact / unit < 20.0 {
            unit / 2.0
        } else {
            unit
        };
        let unit = if self.whole { unit.max(1.0) } else { unit };
        // The division keeps 0.1-like units from leaving a tail of digits.
        let round = (exact / unit).round() / (1.0 / unit);
        round.clamp(self.least, self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_reached_and_stops_are_round() {
        let s = Slider::whole(1, 512);
        assert_eq!(s.value(0), 1.0);
        assert_eq!(s.value(STOPS), 512.0);
        assert_eq!(s.stop(1.0), 0);
        assert_eq!(s.stop(1e9), STOPS);
        for stop in 0..=STOPS {
            assert_eq!(s.value(stop).fract(), 0.0, "{stop}");
        }
        let price = Slider {
            least: 0.1,
            most: 100.0,
            whole: false,
        };
        for stop in 0..=STOPS {
            let text = price.value(stop).to_string();
            assert!(text.len() <= 6, "{text}");
        }
    }

    #[test]
    fn values_rise_and_lead_back() {
        for s in [Slider::whole(1, 1024), Slider::whole(16, 131_072)] {
            for stop in 1..=STOPS {
                assert!(s.value(stop) >= s.value(stop - 1));
                assert!(s.value(stop) >= s.least && s.value(stop) <= s.most);
                let back = s.value(s.stop(s.value(stop)));
                assert!(
                    (back / s.value(stop) - 1.0).abs() < 0.06
                        || (back - s.value(stop)).abs() <= 1.0
                );
            }
        }
    }
}
