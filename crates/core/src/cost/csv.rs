//! The five CSV shapes that packs are built from. Plain commas, a header, no quoting.

use super::error::CostError;
use super::hardware::Hardware;
use super::quant::{FmhaQuant, GemmQuant, KvQuant};
use super::rules::RuleSet;
use super::tables::{Micros, RawTable, Tables};

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
    let site_order = match (rules, find("gemm_site_order.csv")) {
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
    Ok(Tables {
        rules,
        hardware,
        only: None,
        gemm,
        ctx,
        gen_,
        allreduce,
        site_order,
    })
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
