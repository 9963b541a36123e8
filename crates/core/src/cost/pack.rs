//! The binary form in which measured figures ship: small, versioned, hashed and exact.
//!
//! Layout: `SLCM`, version byte, rule-set byte, FNV-1a-64 of the payload (little endian), payload. The payload holds
//! the system constants as text, the name of the only model or pack (or nothing), the tables and the order of GEMM sites.
//! A table is its sorted keys as a trie (per level: children of every parent, then differences between siblings) and
//! its latencies as three byte planes of [`Micros`] codes, which a general compressor then takes to about two bytes a
//! figure; a pack may come in a zlib stream. Knows nothing of files: callers pass text in and take bytes out.

use std::fmt;
use std::str::FromStr;

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use super::arch::{ARCHES, Arch};
use super::csv;
use super::error::CostError;
use super::family;
use super::hardware::Hardware;
use super::rules::RuleSet;
use super::subset;
use super::tables::{Kind, Micros, RawTable, Tables};

const MAGIC: &[u8; 4] = b"SLCM";
const VERSION: u8 = 2;
const HEAD: usize = 14;
/// A damaged stream may not ask for more memory than this, bytes; the largest pack has a fiftieth of it.
const MOST: usize = 64 << 20;

const QWEN3_32B: &str = "QWEN3_32B";

/// Which figures go into a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subset {
    /// Only what Qwen3-32B at any tensor parallelism can draw on; other models are refused.
    Qwen3_32B,
    /// Everything, for all dense models.
    Dense,
}

impl Subset {
    /// The smallest subset that projects a model; none for a model that the cost model does not know.
    pub fn for_model(model: &str, rules: RuleSet) -> Option<Self> {
        let arch = Arch::find(model, rules).ok().filter(|a| a.is_dense())?;
        Some(if arch.name == QWEN3_32B {
            Self::Qwen3_32B
        } else {
            Self::Dense
        })
    }

    /// Whether figures of this subset do for another.
    pub fn covers(self, other: Self) -> bool {
        self == Self::Dense || self == other
    }
}

impl fmt::Display for Subset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Qwen3_32B => "qwen3-32b",
            Self::Dense => "dense",
        })
    }
}

impl FromStr for Subset {
    type Err = CostError;

    fn from_str(s: &str) -> Result<Self, CostError> {
        match s {
            "qwen3-32b" => Ok(Self::Qwen3_32B),
            "dense" => Ok(Self::Dense),
            _ => Err(broken(&format!(
                "“{s}” is no subset; choose qwen3-32b or dense"
            ))),
        }
    }
}

/// Builds a pack from the texts of a rule set's CSV files.
///
/// `files` holds pairs of name and text: `system.csv`, `gemm.csv`, `ctx_attn.csv`, `gen_attn.csv`, `allreduce.csv`
/// and, for 0.12, `gemm_site_order.csv`; folders before a name are ignored, other files too.
///
/// # Errors
/// [`CostError::Csv`] names the file and line that cannot be used.
pub fn build(rules: RuleSet, subset: Subset, files: &[(&str, &str)]) -> Result<Vec<u8>, CostError> {
    Ok(encode(&read(rules, subset, files)?))
}

/// Reads the same files into tables without packing them.
///
/// # Errors
/// As [`build`].
pub fn read(rules: RuleSet, subset: Subset, files: &[(&str, &str)]) -> Result<Tables, CostError> {
    let tables = csv::read(rules, files)?;
    match subset {
        Subset::Dense => Ok(tables),
        Subset::Qwen3_32B => subset::only(&tables, Arch::find(QWEN3_32B, rules)?),
    }
}

/// The packs that one system and backend's figures make: for each set of models that has all kinds of figures, the
/// figures that its models can draw on.
///
/// # Errors
/// [`CostError::Csv`] names the file and line that cannot be used.
pub fn read_wide(
    hardware: Hardware,
    files: &[(&str, &str)],
) -> Result<Vec<(&'static str, Tables)>, CostError> {
    let all = csv::read_wide(hardware, files)?;
    let mut names: Vec<&str> = ARCHES.iter().map(|a| a.pack).collect();
    names.dedup();
    let cut = |pack| (pack, family::cut(&all, pack));
    Ok(names
        .into_iter()
        .filter(|pack| !pack.is_empty())
        .map(cut)
        .filter(|(_, tables)| family::answers(tables))
        .collect())
}

fn broken(reason: &str) -> CostError {
    CostError::Pack {
        reason: reason.to_owned(),
    }
}

/// FNV-1a, 64 bit: the content hash in a pack's head.
pub fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| {
        (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Writes tables as a pack.
pub fn encode(tables: &Tables) -> Vec<u8> {
    let mut body = Vec::new();
    put_text(&mut body, &tables.hardware.to_csv());
    put_text(&mut body, tables.only.as_deref().unwrap_or_default());
    for (kind, _) in Kind::ALL {
        put_table(&mut body, tables.of(kind));
    }
    put_int(&mut body, tables.site_order.len() as u64);
    let mut last = [0_u32; 3];
    for site in &tables.site_order {
        for (now, before) in site.iter().zip(last) {
            let diff = i64::from(*now) - i64::from(before);
            put_int(&mut body, ((diff << 1) ^ (diff >> 63)).cast_unsigned());
        }
        last = *site;
    }
    let mut out = Vec::with_capacity(body.len() + HEAD);
    out.extend_from_slice(MAGIC);
    out.push(VERSION);
    out.push(match tables.rules {
        RuleSet::Aic02 => 2,
        RuleSet::Aic012 => 12,
    });
    out.extend_from_slice(&hash(&body).to_le_bytes());
    out.extend_from_slice(&body);
    out
}

/// Reads a pack, plain or in a zlib stream.
///
/// # Errors
/// [`CostError::Pack`] when the bytes are no pack, are of another version, do not match their hash or do not parse.
pub fn decode(bytes: &[u8]) -> Result<Tables, CostError> {
    // The first byte of every zlib stream with the usual window.
    if bytes.first() == Some(&0x78) {
        let plain = decompress_to_vec_zlib_with_limit(bytes, MOST)
            .map_err(|_| broken("its compressed content is damaged"))?;
        return decode_plain(&plain);
    }
    decode_plain(bytes)
}

fn decode_plain(bytes: &[u8]) -> Result<Tables, CostError> {
    let (head, body) = bytes
        .split_at_checked(HEAD)
        .ok_or_else(|| broken("it is too short"))?;
    let rest = head
        .strip_prefix(MAGIC.as_slice())
        .ok_or_else(|| broken("it does not begin with SLCM"))?;
    let (version, code, sum) = match rest {
        [v, c, sum @ ..] => (
            *v,
            *c,
            <[u8; 8]>::try_from(sum).map_err(|_| broken("its head is damaged"))?,
        ),
        _ => return Err(broken("its head is damaged")),
    };
    if version != VERSION {
        return Err(broken(&format!(
            "it is of version {version}, and this program reads version {VERSION}"
        )));
    }
    let rules = match code {
        2 => RuleSet::Aic02,
        12 => RuleSet::Aic012,
        _ => return Err(broken("its rule set is unknown")),
    };
    if hash(body) != u64::from_le_bytes(sum) {
        return Err(broken(
            "its content does not match its hash, so it was damaged on the way",
        ));
    }
    let mut input = Input { rest: body };
    parse(rules, &mut input).ok_or_else(|| broken("its content does not parse"))
}

fn parse(rules: RuleSet, input: &mut Input<'_>) -> Option<Tables> {
    let hardware = Hardware::from_csv(input.text()?).ok()?;
    let only = Some(input.text()?.to_owned()).filter(|t| !t.is_empty());
    let mut tables = Tables::new(rules, hardware);
    tables.only = only;
    for (kind, arity) in Kind::ALL {
        let table = input.table(arity)?;
        tables.put(kind, table);
    }
    let sites = usize::try_from(input.int()?).ok()?;
    if sites > input.rest.len() {
        return None;
    }
    let mut site_order = Vec::with_capacity(sites);
    let mut last = [0_u32; 3];
    for _ in 0..sites {
        for part in &mut last {
            let zigzag = input.int()?;
            let diff = (zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed();
            *part = u32::try_from(i64::from(*part).checked_add(diff)?).ok()?;
        }
        site_order.push(last);
    }
    if !input.rest.is_empty() {
        return None;
    }
    tables.site_order = site_order;
    Some(tables)
}

fn put_int(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_int(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

fn put_table(out: &mut Vec<u8>, table: &RawTable) {
    put_int(out, table.len() as u64);
    if table.len() == 0 {
        return;
    }
    for level in 0..table.arity {
        put_level(out, table, level);
    }
    for plane in 0..3 {
        out.extend(table.us.iter().map(|us| (us.code() >> (8 * plane)) as u8));
    }
}

/// One level of the key trie: the number of children of every parent, then the children as differences.
fn put_level(out: &mut Vec<u8>, table: &RawTable, level: usize) {
    let mut counts: Vec<u64> = Vec::new();
    let mut children = Vec::new();
    let mut before: Option<&[u32]> = None;
    for (key, _) in table.rows() {
        let same_parent = before.is_some_and(|b| b.get(..level) == key.get(..level));
        let now = key.get(level).copied().unwrap_or_default();
        let sibling = before
            .and_then(|b| b.get(level))
            .copied()
            .filter(|_| same_parent);
        before = Some(key);
        match sibling {
            Some(last) if last == now => continue,
            Some(last) => put_int(&mut children, u64::from(now - last)),
            None => put_int(&mut children, u64::from(now)),
        }
        match counts.last_mut() {
            Some(n) if same_parent => *n += 1,
            _ => counts.push(1),
        }
    }
    for n in counts {
        put_int(out, n);
    }
    out.extend_from_slice(&children);
}

struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    fn int(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..63).step_by(7) {
            let (first, rest) = self.rest.split_first()?;
            self.rest = rest;
            value |= u64::from(first & 0x7f) << shift;
            if first & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(n)?;
        self.rest = rest;
        Some(head)
    }

    fn text(&mut self) -> Option<&'a str> {
        let n = usize::try_from(self.int()?).ok()?;
        std::str::from_utf8(self.take(n)?).ok()
    }

    fn table(&mut self, arity: usize) -> Option<RawTable> {
        let rows = usize::try_from(self.int()?).ok()?;
        if rows == 0 {
            return Some(RawTable::new(arity));
        }
        // Every row has three bytes of latency, which bounds what a damaged count can ask for.
        if rows.checked_mul(3)? > self.rest.len() {
            return None;
        }
        let mut paths: Vec<u32> = Vec::new();
        let mut parents = 1_usize;
        for level in 0..arity {
            let mut counts = Vec::with_capacity(parents);
            for _ in 0..parents {
                counts.push(usize::try_from(self.int()?).ok()?);
            }
            let total = counts.iter().try_fold(0_usize, |a, n| a.checked_add(*n))?;
            if total > rows {
                return None;
            }
            let mut next = Vec::with_capacity(total * (level + 1));
            let mut paths_left = paths.as_slice();
            for n in counts {
                let (path, rest) = paths_left.split_at_checked(level)?;
                paths_left = rest;
                let mut key = 0_u64;
                for _ in 0..n {
                    key = key.checked_add(self.int()?)?;
                    next.extend_from_slice(path);
                    next.push(u32::try_from(key).ok()?);
                }
            }
            paths = next;
            parents = total;
        }
        if parents != rows {
            return None;
        }
        let (low, mid, high) = (self.take(rows)?, self.take(rows)?, self.take(rows)?);
        let us = low
            .iter()
            .zip(mid)
            .zip(high)
            .map(|((l, m), h)| {
                Micros::from_code(u32::from(*l) | u32::from(*m) << 8 | u32::from(*h) << 16)
            })
            .collect::<Option<Vec<_>>>()?;
        Some(RawTable {
            arity,
            keys: paths,
            us,
        })
    }
}
