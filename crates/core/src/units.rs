//! Units. Inside the core everything is SI: seconds, bytes, tokens per second.
//!
//! Milliseconds exist only at the edges, through [`Seconds::from_ms`] and [`Unit::shown`].

use serde::{Deserialize, Serialize};

/// A duration in seconds. Never NaN; may be any finite value.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub f64);

impl Seconds {
    /// From milliseconds.
    pub fn from_ms(ms: f64) -> Self {
        Self(ms / 1e3)
    }
    /// In milliseconds.
    pub fn ms(self) -> f64 {
        self.0 * 1e3
    }
}

/// The SI unit in which a metric is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Seconds, shown in milliseconds.
    Seconds,
    /// Tokens per second, whole system.
    TokensPerSecond,
    /// Tokens per second for each GPU.
    TokensPerSecondPerGpu,
    /// Tokens per second that one user sees.
    TokensPerSecondPerUser,
    /// Requests per second, whole system.
    RequestsPerSecond,
    /// Tokens.
    Tokens,
}

impl Unit {
    /// The unit as it is written beside a shown figure.
    pub fn label(self) -> &'static str {
        match self {
            Self::Seconds => "ms",
            Self::TokensPerSecond => "tok/s",
            Self::TokensPerSecondPerGpu => "tok/s/GPU",
            Self::TokensPerSecondPerUser => "tok/s per user",
            Self::RequestsPerSecond => "req/s",
            Self::Tokens => "tokens",
        }
    }
    /// An SI value in the unit of [`Unit::label`].
    pub fn shown(self, si: f64) -> f64 {
        match self {
            Self::Seconds => si * 1e3,
            _ => si,
        }
    }
    /// The inverse of [`Unit::shown`].
    pub fn from_shown(self, shown: f64) -> f64 {
        match self {
            Self::Seconds => shown / 1e3,
            _ => shown,
        }
    }
}
