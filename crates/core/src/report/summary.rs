//! The first page, which stands alone: the answers, their charts, and what weighs most.

use super::sections::finding_sentence;
use super::{Answer, Block, Reference, Sentence};
use crate::analysis::Analysis;
use crate::audit::{Check, Finding, Grade};
use crate::findings::{Badge, VerdictLine};
use crate::model::Workspace;

fn refs_of(line: &VerdictLine) -> Vec<Reference> {
    let mut out: Vec<Reference> = line.checks.iter().copied().map(Reference::Check).collect();
    if line.badge != Badge::NoData {
        out.push(Reference::Table(line.question));
    }
    out
}

/// How many findings stand on the first page.
pub(super) const FIRST: usize = 3;

/// What blocks or warns, the weightiest first. What the sources leave unsaid is a limitation, and the claims of a pasted
/// report are counted.
pub(super) fn weighty(a: &Analysis) -> impl Iterator<Item = &Finding> {
    a.findings
        .iter()
        .filter(|f| matches!(f.grade, Grade::Block | Grade::Warn))
        .filter(|f| !matches!(f.check, Check::Meta | Check::Text))
}

/// The first page.
pub(super) fn blocks(ws: &Workspace, a: &Analysis) -> Vec<Block> {
    let answers = a.verdict.lines.iter().map(|l| Answer {
        question: l.question.label(),
        badge: l.badge,
        limit: l.evidence.clone(),
        sentence: Sentence::new(l.sentence.clone()).on(refs_of(l)),
        reason: l.reason.clone(),
    });
    let mut out = Vec::new();
    if let Some(c) = &a.correction {
        let mut told = vec![Sentence::new(c.sentence.clone())];
        told.extend(
            c.pairs
                .iter()
                .map(|p| Sentence::new(format!("{}: {} → {}.", p.name, p.before, p.after))),
        );
        out.push(Block::Paragraph(told));
    }
    out.push(Block::Answers(answers.collect()));
    let charts = super::charts::charts(ws, a);
    if !charts.is_empty() {
        out.push(Block::Charts(charts));
    }
    let items: Vec<Sentence> = weighty(a).take(FIRST).map(finding_sentence).collect();
    if items.is_empty() {
        let done = a.findings.iter().any(|f| f.grade == Grade::Pass);
        let unsettled = a
            .findings
            .iter()
            .any(|f| matches!(f.grade, Grade::Block | Grade::Warn));
        let text = match (unsettled, done) {
            (true, _) => return out,
            (false, true) => "No check blocks or warns.",
            (false, false) => "No check could be done.",
        };
        out.push(Block::Paragraph(vec![Sentence::new(text)]));
    } else {
        out.push(Block::Paragraph(vec![Sentence::new(match items.len() {
            1 => "What weighs most:",
            _ => "What weighs most, the weightiest first:",
        })]));
        out.push(Block::List {
            ordered: true,
            items,
        });
    }
    out
}
