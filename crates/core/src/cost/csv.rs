//! The CSV shapes that packs are built from: long ones with a figure a line, wide ones with a curve a line. Plain
//! commas, a header, no quoting.

use super::error::CostError;
use super::hardware::Hardware;
use super::quant::{FmhaQuant, GemmQuant, KvQuant};
use super::rules::RuleSet;
use super::tables::{Kind, Micros, RawTable, Tables};

fn err(file: &str, line: usize, reason: impl Into<String>) -> CostError {
    CostError::Csv {
        file: file.to_owned(),
        line,
        reason: reason.into(),
    }
}

/// How a key column is read.
#[derive(Clone, Copy)]
enum Col {
    Gemm,
    Kv,
    Fmha,
    Int,
    /// One of these words.
    Word(&'static [&'static str]),
}

/// Words of the wide tables, by their code.
pub(crate) const COLLECTIVES: &[&str] = &["all_gather", "all_reduce", "reduce_scatter"];
pub(crate) const SPREADS: &[&str] = &["power_law_1.01", "power_law_1.2", "uniform"];
pub(crate) const PHASES: &[&str] = &["context", "generation", "dispatch", "combine"];
pub(crate) const EXCHANGES: &[&str] = &["trtllm_deepep_ht", "trtllm_deepep_ll"];
pub(crate) const WIRES: &[&str] = &["bfloat16", "fp8", "nvfp4", "fp4"];
pub(crate) const ABSORBS: &[&str] = &["mla_gen_pre", "mla_gen_post"];

/// A word's code.
pub(crate) fn word(words: &[&str], text: &str) -> Option<u32> {
    let at = words.iter().position(|w| *w == text)?;
    u32::try_from(at).ok()
}

fn key(col: Col, text: &str) -> Result<u32, String> {
    let named =
        |r: Result<u32, CostError>| r.map_err(|e| e.to_string().trim_end_matches('.').to_owned());
    match col {
        Col::Gemm => named(GemmQuant::parse(text).map(GemmQuant::code)),
        Col::Kv => named(KvQuant::parse(text).map(KvQuant::code)),
        Col::Fmha => named(FmhaQuant::parse(text).map(FmhaQuant::code)),
        Col::Int => text
            .trim()
            .parse::<u32>()
            .map_err(|_| format!("“{text}” is not a whole number")),
        Col::Word(words) => word(words, text).ok_or_else(|| format!("“{text}” is unknown here")),
    }
}

fn rows(
    file: &str,
    text: &str,
    header: &str,
    cols: &[Col],
    with_us: bool,
) -> Result<RawTable, CostError> {
    let mut lines = text.lines().enumerate();
    match lines.next() {
        Some((_, first)) if first.trim() == header => {}
        _ => return Err(err(file, 1, format!("expected the header “{header}”"))),
    }
    let mut table = RawTable::new(cols.len());
    let one = Micros::parse("1").ok_or_else(|| err(file, 0, "no unit"))?;
    let mut buf: Vec<u32> = Vec::with_capacity(cols.len());
    for (i, row) in lines.filter(|(_, r)| !r.trim().is_empty()) {
        let line = i + 1;
        buf.clear();
        let mut fields = row.trim_end().split(',');
        for col in cols {
            let field = fields
                .next()
                .ok_or_else(|| err(file, line, "a column is missing"))?;
            buf.push(key(*col, field).map_err(|e| err(file, line, e))?);
        }
        let us = if with_us {
            let field = fields
                .next()
                .ok_or_else(|| err(file, line, "the latency is missing"))?;
            Micros::parse(field).ok_or_else(|| {
                err(
                    file,
                    line,
                    format!("“{field}” is not a positive number of at most six digits"),
                )
            })?
        } else {
            one
        };
        if fields.next().is_some() {
            return Err(err(file, line, "there are too many columns"));
        }
        table.push(&buf, us);
    }
    if table.len() == 0 {
        return Err(err(file, 0, "it has no rows"));
    }
    Ok(table)
}

fn sorted(file: &str, table: &RawTable) -> Result<RawTable, CostError> {
    match table.sorted() {
        (t, None) => Ok(t),
        (_, Some(k)) => Err(err(file, 0, format!("the key {k:?} occurs twice"))),
    }
}

/// Reads all files of a rule set. `files` holds names (a folder before the name is allowed) and texts.
pub(crate) fn read(rules: RuleSet, files: &[(&str, &str)]) -> Result<Tables, CostError> {
    let find = |name: &str| {
        files
            .iter()
            .find(|(n, _)| n.rsplit(['/', '\\']).next() == Some(name))
            .map(|(_, text)| *text)
    };
    let must = |name: &str| find(name).ok_or_else(|| err(name, 0, "it is missing"));
    let table = |name: &str, header: &str, cols: &[Col]| -> Result<RawTable, CostError> {
        sorted(name, &rows(name, must(name)?, header, cols, true)?)
    };
    let hardware = Hardware::from_csv(must("system.csv")?)?;
    let mut out = Tables::new(rules, hardware);
    let gemm = table(
        "gemm.csv",
        "q,n,k,m,us",
        &[Col::Gemm, Col::Int, Col::Int, Col::Int],
    )?;
    let ctx = table(
        "ctx_attn.csv",
        "fmha,kv,nkv,n,s,b,us",
        &[Col::Fmha, Col::Kv, Col::Int, Col::Int, Col::Int, Col::Int],
    )?;
    let gen_ = table(
        "gen_attn.csv",
        "kv,nkv,n,b,s,us",
        &[Col::Kv, Col::Int, Col::Int, Col::Int, Col::Int],
    )?;
    let allreduce = table("allreduce.csv", "gpus,elems,us", &[Col::Int, Col::Int])?;
    // These were measured for heads of 128 elements that look at everything.
    let with_head = |t: RawTable, at: usize| {
        let mut out = RawTable::new(t.arity + 2);
        for (key, us) in t.rows() {
            let (front, back) = key.split_at(at.min(key.len()));
            out.push(&[front, &[128, 0], back].concat(), us);
        }
        out
    };
    out.put(Kind::Gemm, gemm);
    out.put(Kind::Context, with_head(ctx, 3));
    out.put(Kind::Decode, with_head(gen_, 2));
    out.put(Kind::AllReduce, allreduce);
    out.site_order = match (rules, find("gemm_site_order.csv")) {
        (RuleSet::Aic02, _) => Vec::new(),
        (RuleSet::Aic012, None) => return Err(err("gemm_site_order.csv", 0, "it is missing")),
        (RuleSet::Aic012, Some(text)) => {
            let t = rows(
                "gemm_site_order.csv",
                text,
                "q,n,k",
                &[Col::Gemm, Col::Int, Col::Int],
                false,
            )?;
            t.rows()
                .filter_map(|(k, _)| match k {
                    [q, n, k] => Some([*q, *n, *k]),
                    _ => None,
                })
                .collect()
        }
    };
    Ok(out)
}

const INT: Col = Col::Int;
const SPREAD: Col = Col::Word(SPREADS);
const PHASE: Col = Col::Word(PHASES);

/// The wide files: what each holds and the columns before its axis.
const WIDE: [(&str, Kind, &[Col]); 14] = [
    ("gemm.csv", Kind::Gemm, &[Col::Gemm, INT, INT]),
    (
        "ctx_attn.csv",
        Kind::Context,
        &[Col::Fmha, Col::Kv, INT, INT, INT, INT, INT],
    ),
    (
        "gen_attn.csv",
        Kind::Decode,
        &[Col::Kv, INT, INT, INT, INT, INT],
    ),
    ("allreduce.csv", Kind::AllReduce, &[INT]),
    ("nccl.csv", Kind::Nccl, &[Col::Word(COLLECTIVES), INT]),
    (
        "moe.csv",
        Kind::Experts,
        &[Col::Gemm, SPREAD, INT, INT, INT, INT, INT, INT],
    ),
    (
        "moe_ll.csv",
        Kind::FewTokens,
        &[Col::Gemm, SPREAD, INT, INT, INT, INT, INT, INT],
    ),
    (
        "mla_ctx_module.csv",
        Kind::LatentContextBlock,
        &[Col::Fmha, Col::Kv, Col::Gemm, INT, INT],
    ),
    (
        "mla_gen_module.csv",
        Kind::LatentDecodeBlock,
        &[Col::Kv, Col::Gemm, INT, INT],
    ),
    (
        "mla_ctx.csv",
        Kind::LatentContext,
        &[Col::Fmha, Col::Kv, INT, INT],
    ),
    ("mla_gen.csv", Kind::LatentDecode, &[Col::Kv, INT, INT]),
    (
        "mla_bmm.csv",
        Kind::Absorb,
        &[Col::Gemm, Col::Word(ABSORBS), INT],
    ),
    (
        "moe_a2a.csv",
        Kind::AllToAll,
        &[
            Col::Word(EXCHANGES),
            PHASE,
            Col::Word(WIRES),
            INT,
            INT,
            INT,
            INT,
            INT,
            INT,
        ],
    ),
    (
        "moe_ep_compute.csv",
        Kind::ManyRanks,
        &[Col::Gemm, SPREAD, PHASE, INT, INT, INT, INT, INT, INT],
    ),
];

/// Reads the wide files of one system and backend: a line for each curve, with its key and a figure in each column of
/// the axis, empty where nothing was measured. Lines with formats, distributions or kernels that no rule asks for are
/// left out. The order of `gemm.csv` is AIC's.
pub(crate) fn read_wide(hardware: Hardware, files: &[(&str, &str)]) -> Result<Tables, CostError> {
    let mut out = Tables::new(RuleSet::Aic012, hardware);
    for (file, kind, cols) in WIDE {
        let Some((_, text)) = files.iter().find(|(n, _)| *n == file) else {
            continue;
        };
        let mut table = RawTable::new(cols.len() + 1);
        let mut lines = text.lines().enumerate();
        let axis: Vec<u32> = lines
            .next()
            .map(|(_, head)| head.split(',').skip(cols.len()).map(str::parse).collect())
            .and_then(Result::ok)
            .ok_or_else(|| err(file, 1, "expected key columns and the points of an axis"))?;
        for (i, line) in lines.filter(|(_, l)| !l.trim().is_empty()) {
            let mut fields = line.trim_end().split(',');
            let parts = cols
                .iter()
                .map(|col| key(*col, fields.next().unwrap_or_default()));
            let Ok(mut row) = parts.collect::<Result<Vec<u32>, String>>() else {
                continue;
            };
            if kind == Kind::Gemm
                && let &[q, n, k] = row.as_slice()
            {
                out.site_order.push([q, n, k]);
            }
            for (at, field) in axis.iter().zip(fields).filter(|(_, f)| !f.is_empty()) {
                let us = Micros::parse(field).ok_or_else(|| {
                    err(
                        file,
                        i + 1,
                        format!("“{field}” is not a positive number of at most six digits"),
                    )
                })?;
                row.push(*at);
                table.push(&row, us);
                row.pop();
            }
        }
        out.put(kind, sorted(file, &table)?);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_line_is_named() {
        let e = rows(
            "gemm.csv",
            "q,n,k,m,us\nfp8,1,2,3,4\nfp8,1,x,3,4\n",
            "q,n,k,m,us",
            &[Col::Gemm, Col::Int, Col::Int, Col::Int],
            true,
        )
        .unwrap_err();
        assert_eq!(
            e.to_string(),
            "Line 3 of gemm.csv cannot be used: “x” is not a whole number."
        );
    }
}
