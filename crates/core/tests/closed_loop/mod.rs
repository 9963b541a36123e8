//! A simulated closed loop, and the random numbers that drive it. Knows no statistics.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::collections::VecDeque;

/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers everywhere.
pub struct Rng(pub u64);

impl Rng {
    pub fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64 + 1e-17
    }
    pub fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
    pub fn autoregression(&mut self, rho: f64, n: usize) -> Vec<f64> {
        let mut x = self.normal();
        let fresh = (1.0 - rho * rho).sqrt();
        (0..n)
            .map(|_| {
                x = rho * x + fresh * self.normal();
                x
            })
            .collect()
    }
}

/// A closed loop: `users` requests always in flight until `n` were sent.
#[derive(Clone, Copy)]
pub struct Server {
    pub n: usize,
    pub users: usize,
    /// Prefill time as a share of an average decode, for all users together.
    pub prefill: f64,
    /// Sigma of ln(decode work).
    pub scatter: f64,
    /// Sigma of ln(speed).
    pub drift: f64,
    /// How long the speed remembers itself, in average decodes.
    pub memory: f64,
    /// Sigma of ln(output length), to which decode work is proportional; 0 where all are equal.
    pub lengths: f64,
}

/// One user, steady, without a prefill queue.
pub const STEADY: Server = Server {
    n: 100,
    users: 1,
    prefill: 0.0,
    scatter: 0.0,
    drift: 0.0,
    memory: 1.0,
    lengths: 0.0,
};

/// Completed requests in order of completion.
pub struct Records {
    pub end: Vec<f64>,
    pub latency: Vec<f64>,
    pub ttft: Vec<f64>,
    /// Output length over its average.
    pub length: Vec<f64>,
}

impl Server {
    pub fn run(self, rng: &mut Rng) -> Records {
        const STEP: f64 = 0.2;
        let forget = (-STEP / self.memory).exp();
        let (mut now, mut work_done, mut weather, mut next_weather) =
            (0.0, 0.0, rng.normal(), STEP);
        let mut waiting: VecDeque<f64> = (0..self.users).map(|_| 0.0).collect();
        let mut sent = self.users;
        let mut in_prefill: Option<(f64, f64)> = None;
        let mut decoding: Vec<(f64, f64, f64, f64)> = Vec::new();
        let mut out = Records {
            end: vec![],
            latency: vec![],
            ttft: vec![],
            length: vec![],
        };
        while out.end.len() < self.n {
            if in_prefill.is_none()
                && let Some(start) = waiting.pop_front()
            {
                let share = self.prefill / self.users as f64;
                in_prefill = Some((now + share * (0.8 + 0.4 * rng.uniform()), start));
            }
            let load = decoding.len() as f64 / self.users as f64;
            let speed = (self.drift * weather).exp() / (0.3 + 0.7 * load);
            let (first, until) = decoding
                .iter()
                .enumerate()
                .min_by(|a, b| a.1.0.total_cmp(&b.1.0))
                .map_or((0, f64::INFINITY), |(i, d)| {
                    (i, now + (d.0 - work_done) / speed)
                });
            let prefilled = in_prefill.map_or(f64::INFINITY, |p| p.0);
            let changes = if self.drift > 0.0 {
                next_weather
            } else {
                f64::INFINITY
            };
            let next = until.min(prefilled).min(changes);
            if !decoding.is_empty() {
                work_done += (next - now) * speed;
            }
            now = next;
            if now == until {
                let (work, start, ttft, length) = decoding.swap_remove(first);
                work_done = work;
                out.end.push(now);
                out.latency.push(now - start);
                out.ttft.push(ttft);
                out.length.push(length);
                if sent < self.n {
                    waiting.push_back(now);
                    sent += 1;
                }
            } else if now == prefilled {
                if let Some((_, start)) = in_prefill.take() {
                    let mut around_one =
                        |sigma: f64| (sigma * rng.normal() - 0.5 * sigma * sigma).exp();
                    let work = around_one(self.scatter);
                    let length = if self.lengths > 0.0 {
                        around_one(self.lengths)
                    } else {
                        1.0
                    };
                    decoding.push((work_done + work * length, start, now - start, length));
                }
            } else {
                next_weather += STEP;
                weather = forget * weather + (1.0 - forget * forget).sqrt() * rng.normal();
            }
        }
        out
    }
}
