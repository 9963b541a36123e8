//! What a chart shows, in data values; nothing about where it lands.
//!
//! Knows series, marks, limits and notes; refuses to know pixels, colours and fonts. Values are in the
//! unit that the axis title names (milliseconds for latencies), so a builder converts from SI first.

use crate::model::Role;
use serde::{Deserialize, Serialize};

/// A line or point chart over two axes. Its serialised form is without what the person did to it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ChartSpec {
    /// Stable key, used in ids and file names.
    pub id: String,
    /// The panel's title.
    pub title: String,
    /// One line under the title.
    pub subtitle: String,
    /// One sentence that says what the chart shows: its accessible form.
    pub summary: String,
    /// The horizontal axis.
    pub x: AxisSpec,
    /// The vertical axis.
    pub y: AxisSpec,
    /// The runs. The first is drawn last, so that the candidate lies on top.
    pub series: Vec<Series>,
    /// The person's own limits.
    pub limits: Vec<Limit>,
    /// Texts at data positions.
    pub notes: Vec<Note>,
    /// Values too far away to be drawn to scale.
    pub off_scale: Vec<OffScale>,
    /// Places on the x axis for which nothing was reported: a dotted foot each.
    pub absent: Vec<f64>,
    /// A brushed range of x.
    #[serde(skip)]
    pub brush: Option<(f64, f64)>,
    /// The mark with keyboard focus.
    #[serde(skip)]
    pub focus: Option<MarkRef>,
    /// The mark whose tooltip is pinned.
    #[serde(skip)]
    pub pinned: Option<MarkRef>,
    /// When there is nothing to draw: what is missing, and what would supply it.
    pub empty: Option<(String, String)>,
}

/// How values become distances.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Scale {
    /// Equal steps; `zero` keeps zero at the foot.
    Linear {
        /// Whether the axis starts at zero.
        zero: bool,
    },
    /// Equal ratios, ticks at powers of two.
    Log2,
    /// Equal ratios, ticks at powers of ten.
    Log10,
}

impl Default for Scale {
    fn default() -> Self {
        Self::Linear { zero: true }
    }
}

impl Scale {
    /// Whether equal distances are equal ratios.
    pub fn is_log(self) -> bool {
        !matches!(self, Self::Linear { .. })
    }
}

/// One axis.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct AxisSpec {
    /// Title with the unit, and the scale when it is logarithmic.
    pub title: String,
    /// The scale.
    pub scale: Scale,
    /// Values that get a labelled tick; empty = round values. For concurrency: the measured loads.
    pub labelled: Vec<f64>,
    /// Values the axis must reach though no mark lies there.
    pub include: Vec<f64>,
    /// The shown range when zoomed, lowest first; absent = all data.
    #[serde(skip)]
    pub view: Option<(f64, f64)>,
    /// Follows each tick's figure, such as ` %`; usually empty, as the unit stands in the title.
    pub suffix: String,
}

/// A colour and mark shape, 1 to 6. A run keeps its slot in every view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Slot(u8);

impl Slot {
    /// The candidate: circle.
    pub const CANDIDATE: Self = Self(1);
    /// The baseline: square.
    pub const BASELINE: Self = Self(2);
    /// The projection: diamond.
    pub const PROJECTION: Self = Self(3);

    /// Slot `n`; anything outside 1 to 6 becomes the nearest of them.
    pub fn run(n: u8) -> Self {
        Self(n.clamp(1, 6))
    }
    /// The slot of a role; `further` counts the runs that share no first role, from 0.
    pub fn of(role: Role, further: u8) -> Self {
        match role {
            Role::Candidate => Self::CANDIDATE,
            Role::Baseline => Self::BASELINE,
            Role::Projection => Self::PROJECTION,
            Role::Ignore => Self::run(4u8.saturating_add(further)),
        }
    }
    /// From 1 to 6.
    pub fn number(self) -> u8 {
        self.0
    }
    /// The mark's shape.
    pub fn form(self) -> Form {
        match self.0 {
            1 => Form::Circle,
            2 => Form::Square,
            3 => Form::Diamond,
            4 => Form::Triangle,
            5 => Form::TriangleDown,
            _ => Form::Plus,
        }
    }
}

impl Default for Slot {
    fn default() -> Self {
        Self::CANDIDATE
    }
}

/// The shape of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Disc.
    Circle,
    /// Square.
    Square,
    /// Square on its corner.
    Diamond,
    /// Triangle, tip up.
    Triangle,
    /// Triangle, tip down.
    TriangleDown,
    /// Greek cross.
    Plus,
}

/// How a series' line is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Line {
    /// Measured.
    #[default]
    Solid,
    /// Projected.
    Dashed,
    /// A reference, or what lies outside a selection.
    Dotted,
    /// Not joined.
    None,
}

/// What a line does between two marks: it is the interpolant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Between {
    /// Straight on the axes as they are.
    #[default]
    Straight,
    /// Across, then up: a distribution function.
    Step,
    /// Straight on two logarithmic axes, whatever the axes; straight where a value is not positive.
    PowerLaw,
}

/// The width of a series' line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Stroke {
    /// 2 px.
    #[default]
    Regular,
    /// 1.25 px: guides and further versions.
    Thin,
}

/// The size of a series' marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum MarkSize {
    /// Radius 4.5 px.
    #[default]
    Regular,
    /// Radius 2.75 px: one mark a request.
    Small,
    /// No marks; they can still be pointed at.
    Hidden,
}

/// One run in a chart.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Series {
    /// Stable key.
    pub id: String,
    /// The run's name.
    pub label: String,
    /// Colour and shape.
    pub slot: Slot,
    /// The line.
    pub line: Line,
    /// The line's width.
    pub stroke: Stroke,
    /// What the line does between two marks.
    pub between: Between,
    /// The marks, in drawing order; their line follows this order.
    pub marks: Vec<Mark>,
    /// The marks' size.
    pub size: MarkSize,
    /// Where the requests lie.
    pub band: Option<Band>,
    /// Name and value at the line's right end; an empty second part makes a one-line label.
    pub end_label: Option<(String, String)>,
    /// Whether it belongs to the series of the same id: hidden with it, and not in the legend.
    pub behind: bool,
    /// Left out, and the axes refit.
    pub hidden: bool,
    /// Drawn at 45 %, because something else is selected.
    pub dimmed: bool,
}

/// One point of a series.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Mark {
    /// Horizontal value.
    pub x: f64,
    /// Vertical value.
    pub y: f64,
    /// How the value is known.
    pub kind: MarkKind,
    /// A text beside the mark.
    pub label: Option<String>,
    /// A second line, how the figure came about; makes the label a point of interest with a leader.
    pub detail: Option<String>,
    /// How the figure came about, for the tooltip.
    pub about: Option<String>,
    /// How well the value is known.
    pub whisker: Option<Whisker>,
    /// No line to the next mark: the loads between were not reported.
    pub gap_after: bool,
    /// Circled: the best point.
    pub ringed: bool,
}

impl Mark {
    /// A measured mark.
    pub fn measured(x: f64, y: f64) -> Self {
        Self {
            x,
            y,
            ..Self::default()
        }
    }
    /// A mark of another kind.
    pub fn of(kind: MarkKind, x: f64, y: f64) -> Self {
        Self {
            x,
            y,
            kind,
            ..Self::default()
        }
    }
    /// With a text beside it.
    pub fn labelled(mut self, text: impl Into<String>) -> Self {
        self.label = Some(text.into());
        self
    }
    /// With an interval.
    pub fn between(mut self, low: f64, high: f64) -> Self {
        self.whisker = Some(Whisker::from((low, high)));
        self
    }
    /// Without a line to the next mark.
    pub fn then_gap(mut self) -> Self {
        self.gap_after = true;
        self
    }
}

/// How a mark's value is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum MarkKind {
    /// Filled.
    #[default]
    Measured,
    /// Hollow: between two measured loads.
    Interpolated,
    /// Hollow: follows from other figures of the same point.
    Implied,
    /// Hollow.
    Projected,
    /// Filled: a projection the person pinned.
    Pinned,
    /// Hollow with an ink slash: withheld from verdicts.
    Blocked,
    /// A small ink-3 cross: a request that isn't counted.
    Excluded,
}

impl MarkKind {
    /// The word for the badge and the tooltip.
    pub fn word(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Interpolated => "interpolated",
            Self::Implied => "implied",
            Self::Projected | Self::Pinned => "projected",
            Self::Blocked => "not comparable",
            Self::Excluded => "not counted",
        }
    }
}

/// An interval around a value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Whisker {
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
    /// The lower bound lies outside the sample: an arrow instead of a cap.
    pub open_low: bool,
    /// The upper bound lies outside the sample: an arrow instead of a cap.
    pub open_high: bool,
}

impl From<(f64, f64)> for Whisker {
    fn from((low, high): (f64, f64)) -> Self {
        Self {
            low,
            high,
            open_low: false,
            open_high: false,
        }
    }
}

/// An envelope, such as p10 to p90.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Band {
    /// x, low, high, in rising x.
    pub points: Vec<(f64, f64, f64)>,
    /// A dotted edge tells the baseline's band from the candidate's.
    pub dotted: bool,
}

/// Which axis a limit belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Across {
    /// A horizontal line at a y value.
    #[default]
    Y,
    /// A vertical line at an x value.
    X,
}

/// A limit the person sets, with its side within.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// Stable key.
    pub id: String,
    /// Which axis.
    pub across: Across,
    /// The limit.
    pub value: f64,
    /// Whether values below it are within (latencies) or values above it (rates).
    pub below_is_within: bool,
    /// Such as `TTFT ≤ 300 ms`.
    pub label: String,
    /// A second line, such as `drag to change`; empty = none.
    pub hint: String,
    /// Whether it has a grip.
    pub grip: bool,
}

/// On which side of its position a note stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Beside {
    /// Wherever it covers least.
    #[default]
    Any,
    /// Centred on the position.
    Centre,
    /// Above.
    Above,
    /// Below.
    Below,
    /// To the left.
    Left,
    /// To the right.
    Right,
}

/// A text at a data position.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Note {
    /// Horizontal value.
    pub x: f64,
    /// Vertical value.
    pub y: f64,
    /// The text.
    pub text: String,
    /// A second, paler line; empty = none.
    pub detail: String,
    /// On which side.
    pub beside: Beside,
    /// In a run's ink; absent = ink-3.
    pub slot: Option<Slot>,
    /// Semibold, for the name of a line.
    pub strong: bool,
}

/// A value too far away: a dashed arrow at its x.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct OffScale {
    /// Horizontal value.
    pub x: f64,
    /// Whose value.
    pub slot: Slot,
    /// Such as `AIC projects 1 574 at 12,`.
    pub text: String,
    /// A shorter form for narrow charts; empty = the same.
    pub short: String,
    /// Such as `off this scale`.
    pub detail: String,
}

/// A mark's place in a spec.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MarkRef {
    /// Index of the series.
    pub series: usize,
    /// Index of the mark in it.
    pub mark: usize,
}
