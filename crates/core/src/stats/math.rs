//! Elementary functions that give the same bits everywhere: the standard library takes the
//! platform's, whose last digit differs between processors and WebAssembly.

/// Natural logarithm.
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}
/// e to a power.
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}
/// ln(1 + x).
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}
/// A power.
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}
