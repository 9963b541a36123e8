//! The audit: every check with its arithmetic, what it means and what to do about it.
//!
//! Knows the thresholds and the checks, one group a file; [`checks`] lists them. Refuses to name a winner: what its
//! findings mean for the three questions is decided in `findings`.

mod bounds;
mod case;
mod claim;
mod counterpart;
mod definitions;
mod deployed;
mod finding;
mod identities;
mod length;
mod limits;
mod load;
mod model;
mod noise;
mod projection;
mod projector;
mod reproject;
mod select;
mod sources;
mod text;
mod undercount;

pub use crate::thresholds::{KNOBS, Knob, Thresholds};
pub use case::Case;
pub use claim::{Claimed, claimed};
pub use counterpart::{Counterparts, counterparts};
pub use finding::{Finding, Grade, PointRef, Question, Quote};
pub use model::{CostProjector, figures_for};
pub use projection::projected;
pub use projector::{Ask, Choice, Projector};
pub use reproject::{Pairs, Reprojected, Reprojection, expected, pairs, reprojection};

use serde::{Deserialize, Serialize};

/// What is to be known of a check beside its id.
pub struct Row {
    /// What it is about, in a word or two.
    pub title: &'static str,
    /// What it tests, one sentence.
    pub tests: &'static str,
    /// What it needs in order to say something.
    pub needs: &'static str,
    /// Questions that its findings bear on, unless a finding says otherwise.
    pub bears_on: &'static [Question],
    /// What a warning of it means, in a few words, for the link beside a badge.
    pub weakest: &'static str,
    /// Whether a finding speaks of its own points only: where the projection's load was run, what it finds at other
    /// loads says nothing against the projection.
    pub by_point: bool,
    /// The check. It always answers: with what it found, that it found nothing, or what it lacks.
    run: fn(&Case<'_>) -> Vec<Finding>,
}

/// Makes the checks from their list: variant, id, and the row in the check's own file. The id is apart from the row,
/// so that what shows an id does not carry the audit with it.
macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident = $id:literal => $row:path;)*) => {
        /// A check of the audit.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Check {
            $($(#[$doc])* #[serde(rename = $id)] $name,)*
        }
        impl Check {
            /// All checks, in the order of the audit.
            pub const ALL: &[Self] = &[$(Self::$name),*];
            /// The id shown beside its findings.
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id),* }
            }
            /// What is to be known of it.
            pub fn row(self) -> &'static Row {
                match self { $(Self::$name => &$row),* }
            }
        }
    };
}

checks! {
    /// Summaries against their own records.
    Recount = "RECOUNT" => sources::RECOUNT;
    /// Whether the answers were streamed.
    Stream = "STREAM" => sources::STREAM;
    /// Observed output length against the one asked for.
    OslTarget = "OSL-TARGET" => length::OSL_TARGET;
    /// Output length of the two sides.
    OslParity = "OSL-PARITY" => length::OSL_PARITY;
    /// Per-GPU figures beside whole-system figures.
    Unit = "UNIT" => projection::UNIT;
    /// The projection's own load among the measured ones.
    Point = "POINT" => projection::POINT;
    /// Requests/s × request time = requests in flight.
    Little = "LITTLE" => identities::LITTLE;
    /// TPOT definitions of the two sides.
    TpotDef = "TPOT-DEF" => definitions::TPOT_DEF;
    /// Failed requests.
    Errors = "ERRORS" => load::ERRORS;
    /// Figures against the hardware's bounds.
    Roof = "ROOF" => bounds::ROOF;
    /// Loads asked for outside the measured range.
    Range = "RANGE" => projection::RANGE;
    /// Whether both rates name the same winner.
    Sign = "SIGN" => length::SIGN;
    /// Requests/s as the load grows.
    Mono = "MONO" => load::MONO;
    /// Requests and duration of each run.
    Short = "SHORT" => load::SHORT;
    /// Differences against their intervals.
    Noise = "NOISE" => noise::NOISE;
    /// Tokens/s = requests/s × tokens a request.
    Tokens = "TOKENS" => identities::TOKENS;
    /// The projected configuration against the sweep's best.
    Select = "SELECT" => select::SELECT;
    /// A pasted report against its own tables.
    Text = "TEXT" => text::TEXT;
    /// What the sources leave unsaid, and factors changed together.
    Meta = "META" => definitions::META;
    /// The projection redone for the work that was done.
    Reproject = "REPROJECT" => reproject::REPROJECT;
    /// Counted output lengths against the request times.
    Undercount = "UNDERCOUNT" => undercount::UNDERCOUNT;
    /// Prompts that were sent more than once.
    Repeat = "REPEAT" => deployed::REPEAT;
    /// What the engines hold at once.
    Cap = "CAP" => deployed::CAP;
    /// The deployment files against the projection.
    Deployed = "DEPLOYED" => deployed::DEPLOYED;
    /// Limits as each source states them.
    SlaSource = "SLA-SOURCE" => deployed::SLA_SOURCE;
    /// A report's figures against the records.
    Published = "PUBLISHED" => sources::PUBLISHED;
}

/// Where the projection's load was run, only what touches that very point speaks against the
/// projection; trouble at other loads does not.
fn keep_to_projected_point(case: &Case<'_>, findings: &mut [Finding]) {
    let there = case.for_projection();
    let load = projected(&there).and_then(|(_, _, p)| p.load.concurrency);
    let run = case.candidate.or(case.baseline);
    let tested: Vec<PointRef> = run
        .into_iter()
        .flat_map(|r| there.points(r))
        .filter(|(_, _, p)| load.is_some() && p.load.concurrency == load)
        .map(|(at, _, _)| at)
        .collect();
    if tested.is_empty() {
        return;
    }
    for f in findings {
        if f.check.row().by_point && !f.points.iter().any(|p| tested.contains(p)) {
            f.bears_on.retain(|q| *q != Question::Projection);
            f.shakes.retain(|q| *q != Question::Projection);
        }
    }
}

/// What speaks against the points at the projection's own lengths, where these are not the ones
/// that are compared: they bear on the projection alone.
fn at_projected_work(case: &Case<'_>) -> Vec<Finding> {
    let there = case.for_projection();
    let Some(key) = there.key.filter(|_| there.key != case.key) else {
        return Vec::new();
    };
    let words =
        |v: Option<u64>| v.map_or_else(|| "?".to_owned(), |v| crate::fmt::number(v as f64, 0));
    let mut all: Vec<Finding> = Check::ALL
        .iter()
        .map(|check| check.row())
        .filter(|row| row.by_point)
        .flat_map(|row| (row.run)(&there))
        .collect();
    all.retain(|f| matches!(f.grade, Grade::Block | Grade::Warn));
    for f in &mut all {
        f.title = format!(
            "{}, at {} in and {} out",
            f.title,
            words(key.isl),
            words(key.osl)
        );
        f.bears_on = vec![Question::Projection];
        f.shakes = vec![Question::Projection];
    }
    all
}

/// Runs every check; the weightiest findings first, then in the order of [`Check::ALL`].
pub fn audit(case: &Case<'_>) -> Vec<Finding> {
    if case.ws.runs.is_empty() && case.ws.texts.is_empty() {
        return Vec::new();
    }
    let mut all: Vec<Finding> = Check::ALL
        .iter()
        .flat_map(|check| (check.row().run)(case))
        .collect();
    all.extend(limits::limits(case));
    keep_to_projected_point(case, &mut all);
    all.extend(at_projected_work(case));
    all.sort_by_key(|f| (f.grade, f.check));
    all
}
