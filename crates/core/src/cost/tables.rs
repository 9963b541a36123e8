//! Measured figures as they come out of a CSV or a pack: sorted keys and decimal latencies, nothing derived.

use super::arch::Arch;
use super::error::CostError;
use super::hardware::Hardware;
use super::rules::RuleSet;

/// A latency of up to six significant decimal digits, kept exactly.
///
/// The code is `(exponent + 12) * 900000 + mantissa - 100000` for `mantissa * 10^exponent` microseconds with a
/// mantissa of six digits, so it grows with the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Micros(u32);

const SPAN: u32 = 900_000;
const BIAS: i32 = 12;
const MAX_EXPONENT: i32 = 5;

impl Micros {
    /// Reads a positive decimal such as `12.9813`.
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        if whole.is_empty() && part.is_empty() {
            return None;
        }
        let mut mantissa: u64 = 0;
        let mut exponent = 0_i32;
        let digits = whole
            .bytes()
            .map(|b| (b, 0))
            .chain(part.bytes().map(|b| (b, 1)));
        for (b, below) in digits {
            if !b.is_ascii_digit() {
                return None;
            }
            mantissa = mantissa.checked_mul(10)?.checked_add(u64::from(b - b'0'))?;
            exponent -= below;
        }
        if mantissa == 0 {
            return None;
        }
        while mantissa >= 1_000_000 {
            if !mantissa.is_multiple_of(10) {
                return None;
            }
            mantissa /= 10;
            exponent += 1;
        }
        while mantissa < 100_000 {
            mantissa *= 10;
            exponent -= 1;
        }
        if !(-BIAS..=MAX_EXPONENT).contains(&exponent) {
            return None;
        }
        let code =
            u64::from((exponent + BIAS).unsigned_abs()) * u64::from(SPAN) + mantissa - 100_000;
        u32::try_from(code).ok().map(Self)
    }

    pub fn code(self) -> u32 {
        self.0
    }

    pub fn from_code(code: u32) -> Option<Self> {
        let top = (MAX_EXPONENT + BIAS).unsigned_abs() + 1;
        (code < top * SPAN).then_some(Self(code))
    }

    /// The latency in milliseconds, correctly rounded from the decimal figure in microseconds.
    pub fn ms(self) -> f64 {
        let mantissa = f64::from(self.0 % SPAN + 100_000);
        let scale = i32::try_from(self.0 / SPAN).unwrap_or(0) - BIAS;
        let us = if scale < 0 {
            mantissa / 10_f64.powi(-scale)
        } else {
            mantissa * 10_f64.powi(scale)
        };
        us / 1000.0
    }
}

/// Rows of one table, sorted by key: `arity` integers and a latency each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawTable {
    pub arity: usize,
    /// Row by row.
    pub keys: Vec<u32>,
    pub us: Vec<Micros>,
}

impl RawTable {
    pub fn new(arity: usize) -> Self {
        Self {
            arity,
            keys: Vec::new(),
            us: Vec::new(),
        }
    }

    pub fn len(&self) -> usize {
        self.us.len()
    }

    pub fn rows(&self) -> impl Iterator<Item = (&[u32], Micros)> {
        self.keys
            .chunks_exact(self.arity)
            .zip(self.us.iter().copied())
    }

    pub fn push(&mut self, key: &[u32], us: Micros) {
        self.keys.extend_from_slice(key);
        self.us.push(us);
    }

    /// Sorts by key; the second return value is the first duplicate key, if any.
    pub fn sorted(&self) -> (Self, Option<Vec<u32>>) {
        let mut rows: Vec<(&[u32], Micros)> = self.rows().collect();
        rows.sort_by(|a, b| a.0.cmp(b.0));
        let twice = rows.windows(2).find_map(|w| match w {
            [a, b] if a.0 == b.0 => Some(a.0.to_vec()),
            _ => None,
        });
        let mut out = Self::new(self.arity);
        for (key, us) in rows {
            out.push(key, us);
        }
        (out, twice)
    }

    /// The rows whose key begins so, by position; rows must be sorted.
    pub fn range(&self, prefix: &[u32]) -> std::ops::Range<usize> {
        let n = prefix.len();
        let start = |i: usize| self.keys.get(i * self.arity..i * self.arity + n);
        let find = |after: bool, low: usize| {
            let (mut a, mut b) = (low, self.us.len());
            while a < b {
                let mid = usize::midpoint(a, b);
                let before = start(mid).is_some_and(|k| k < prefix || (after && k == prefix));
                if before {
                    a = mid + 1;
                } else {
                    b = mid;
                }
            }
            a
        };
        let from = find(false, 0);
        from..find(true, from)
    }

    /// The last key columns and latencies of the rows in a range, `N` columns of each.
    pub fn tail<const N: usize>(
        &self,
        range: std::ops::Range<usize>,
    ) -> impl Iterator<Item = ([u32; N], f64)> {
        let keys = self
            .keys
            .get(range.start * self.arity..range.end * self.arity)
            .unwrap_or_default()
            .chunks_exact(self.arity);
        keys.zip(self.us.get(range).unwrap_or_default())
            .filter_map(|(key, us)| Some((*key.last_chunk::<N>()?, us.ms())))
    }

    /// The rows whose key passes.
    pub fn filtered(&self, keep: impl Fn(&[u32]) -> bool) -> Self {
        let mut out = Self::new(self.arity);
        for (key, us) in self.rows().filter(|(k, _)| keep(k)) {
            out.push(key, us);
        }
        out
    }
}

/// The kinds of tables, in the order of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Key: format, n, k, m.
    Gemm,
    /// Key: attention format, KV format, KV heads (0: as many as query heads), head size, window (0: none), query
    /// heads, length, batch.
    Context,
    /// Key: KV format, KV heads (0: as many as query heads), head size, window, query heads, batch, length.
    Decode,
    /// Key: GPUs, elements.
    AllReduce,
    /// Key: operation, GPUs, elements.
    Nccl,
    /// Key: format, distribution, top-k, experts, hidden size, expert size, MoE TP, EP, tokens.
    Experts,
    /// The same for a kernel for few tokens.
    FewTokens,
    /// Key: attention format, KV format, GEMM format, heads, length, batch.
    LatentContextBlock,
    /// Key: KV format, GEMM format, heads, batch, length.
    LatentDecodeBlock,
    /// Key: attention format, KV format, heads, length, batch.
    LatentContext,
    /// Key: KV format, heads, batch, length.
    LatentDecode,
    /// Key: format, operation, heads, tokens.
    Absorb,
    /// Key: kernel, phase, format, EP, nodes, hidden size, top-k, experts, SMs, tokens.
    AllToAll,
    /// Key: format, distribution, phase, top-k, experts, slots, hidden size, expert size, EP, tokens.
    ManyRanks,
}

impl Kind {
    /// Every kind with the columns of its key, in the order of a pack.
    pub const ALL: [(Self, usize); 14] = [
        (Self::Gemm, 4),
        (Self::Context, 8),
        (Self::Decode, 7),
        (Self::AllReduce, 2),
        (Self::Nccl, 3),
        (Self::Experts, 9),
        (Self::FewTokens, 9),
        (Self::LatentContextBlock, 6),
        (Self::LatentDecodeBlock, 5),
        (Self::LatentContext, 5),
        (Self::LatentDecode, 4),
        (Self::Absorb, 4),
        (Self::AllToAll, 10),
        (Self::ManyRanks, 10),
    ];
}

/// Everything that one pack holds: the figures of one GPU system and backend under one rule set.
#[derive(Debug, Clone, PartialEq)]
pub struct Tables {
    pub(crate) rules: RuleSet,
    pub(crate) hardware: Hardware,
    /// Canonical name of the only model, or name of the only pack of models, that these figures suffice for; none when
    /// they suffice for all dense models.
    pub(crate) only: Option<String>,
    /// One for each kind, in that order; a kind without figures has no rows.
    tables: Vec<RawTable>,
    /// Order in which AIC's file names the GEMM sites (format, n, k); empty when the rules need none.
    pub(crate) site_order: Vec<[u32; 3]>,
}

impl Tables {
    pub(crate) fn new(rules: RuleSet, hardware: Hardware) -> Self {
        let empty = |(_, arity): &(Kind, usize)| RawTable::new(*arity);
        Self {
            rules,
            hardware,
            only: None,
            tables: Kind::ALL.iter().map(empty).collect(),
            site_order: Vec::new(),
        }
    }

    /// The figures of a kind.
    pub(crate) fn of(&self, kind: Kind) -> &RawTable {
        static NONE: RawTable = RawTable {
            arity: 1,
            keys: Vec::new(),
            us: Vec::new(),
        };
        self.tables.get(kind as usize).unwrap_or(&NONE)
    }

    pub(crate) fn put(&mut self, kind: Kind, table: RawTable) {
        if let Some(slot) = self.tables.get_mut(kind as usize) {
            *slot = table;
        }
    }

    /// Rule set that these figures belong to.
    pub fn rules(&self) -> RuleSet {
        self.rules
    }

    /// Constants of the measured system.
    pub fn hardware(&self) -> &Hardware {
        &self.hardware
    }

    /// Number of measured figures.
    pub fn figures(&self) -> usize {
        self.tables.iter().map(RawTable::len).sum()
    }

    /// Checks that these figures can answer for a model.
    pub(crate) fn check_model(&self, arch: &Arch) -> Result<(), CostError> {
        let lacking = match &self.only {
            Some(only) => only != arch.name && only != arch.pack,
            None => !arch.is_dense(),
        };
        if lacking {
            return Err(CostError::ModelNotInPack {
                model: arch.name.to_owned(),
                pack: self
                    .only
                    .clone()
                    .unwrap_or_else(|| "dense models".to_owned()),
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        for text in [
            "12.9813", "8.976", "260010.0", "2.44267", "0.123", "999999", "100000", "7",
        ] {
            let m = Micros::parse(text).unwrap();
            assert_eq!(m.ms(), text.parse::<f64>().unwrap() / 1000.0, "{text}");
            assert_eq!(Micros::from_code(m.code()), Some(m));
        }
        for text in ["", ".", "-1", "0", "0.0", "1e3", "1234567", "abc"] {
            assert_eq!(Micros::parse(text), None, "{text}");
        }
        assert!(Micros::parse("9.99999").unwrap() < Micros::parse("10").unwrap());
    }
}
