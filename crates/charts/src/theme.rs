//! The values of the colours, as in the page's style tokens. The only place in Rust that names a colour.

use servelens_core::chart::{Paint, Slot};

/// Red, green and blue.
pub type Rgb = [u8; 3];

/// The system faces of the page.
pub const FONT: &str = "ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif";

/// A set of colours.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Panels.
    pub surface: Rgb,
    /// Sunken ground.
    pub sunken: Rgb,
    /// Text.
    pub ink: Rgb,
    /// Secondary text.
    pub ink_2: Rgb,
    /// Palest text.
    pub ink_3: Rgb,
    /// Grid.
    pub line: Rgb,
    /// Axis.
    pub line_2: Rgb,
    /// Outlines and leaders.
    pub control: Rgb,
    /// Limits, focus, selection.
    pub accent: Rgb,
    /// The side within a limit.
    pub accent_soft: Rgb,
    /// Marks and lines of the six slots.
    pub runs: [Rgb; 6],
    /// Labels of the six slots.
    pub run_inks: [Rgb; 6],
    /// The sequential ramp.
    pub seq: [Rgb; 5],
    /// Failed.
    pub bad: Rgb,
    /// No tinted areas: shape, dash and outline carry everything (forced colours).
    pub plain: bool,
}

const fn hex(v: u32) -> Rgb {
    [(v >> 16) as u8, (v >> 8) as u8, v as u8]
}

impl Theme {
    /// The light theme.
    pub const LIGHT: Self = Self {
        surface: hex(0xFF_FF_FF),
        sunken: hex(0xEB_EF_F3),
        ink: hex(0x12_18_1F),
        ink_2: hex(0x46_51_5E),
        ink_3: hex(0x5F_6B_79),
        line: hex(0xE2_E7_EC),
        line_2: hex(0xC4_CC_D5),
        control: hex(0x7B_87_94),
        accent: hex(0x0B_6E_7F),
        accent_soft: hex(0xE3_F1_F3),
        runs: [
            hex(0x2B_6C_E6),
            hex(0xCF_5A_14),
            hex(0x4B_14_66),
            hex(0x1F_6F_63),
            hex(0xB2_6A_84),
            hex(0x4A_52_10),
        ],
        run_inks: [
            hex(0x1D_5A_C9),
            hex(0xA6_47_0B),
            hex(0x4B_14_66),
            hex(0x1F_6F_63),
            hex(0x94_50_6A),
            hex(0x4A_52_10),
        ],
        seq: [
            hex(0xF6_F1_F9),
            hex(0xE9_DD_F0),
            hex(0xD9_C5_E5),
            hex(0xC6_A9_D7),
            hex(0xA9_85_C2),
        ],
        bad: hex(0xB0_1E_3C),
        plain: false,
    };
    /// The dark theme.
    pub const DARK: Self = Self {
        surface: hex(0x15_1A_20),
        sunken: hex(0x0A_0D_10),
        ink: hex(0xE9_EE_F3),
        ink_2: hex(0xB3_BE_CA),
        ink_3: hex(0x8F_9B_A8),
        line: hex(0x26_2E_37),
        line_2: hex(0x41_4C_58),
        control: hex(0x6F_7C_8A),
        accent: hex(0x56_C3_D5),
        accent_soft: hex(0x12_28_2D),
        runs: [
            hex(0x54_93_FA),
            hex(0xE2_76_2E),
            hex(0xDC_C6_FC),
            hex(0x6D_B4_A7),
            hex(0xB5_72_8F),
            hex(0xC4_BB_45),
        ],
        run_inks: [
            hex(0x86_B4_FF),
            hex(0xF2_A0_6A),
            hex(0xDC_C6_FC),
            hex(0x6D_B4_A7),
            hex(0xCF_90_AB),
            hex(0xC4_BB_45),
        ],
        seq: [
            hex(0x1C_17_24),
            hex(0x2A_21_37),
            hex(0x3A_2C_4E),
            hex(0x4D_3A_68),
            hex(0x6B_4F_8F),
        ],
        bad: hex(0xFF_8C_9B),
        plain: false,
    };

    /// Everything in `text` on `ground`, as the system says when colours are forced; the grid halfway between.
    pub fn contrast(text: Rgb, ground: Rgb) -> Self {
        let half = [
            text[0].midpoint(ground[0]),
            text[1].midpoint(ground[1]),
            text[2].midpoint(ground[2]),
        ];
        Self {
            surface: ground,
            sunken: ground,
            ink: text,
            ink_2: text,
            ink_3: text,
            line: half,
            line_2: text,
            control: text,
            accent: text,
            accent_soft: ground,
            runs: [text; 6],
            run_inks: [text; 6],
            seq: [ground; 5],
            bad: text,
            plain: true,
        }
    }

    /// The value of a colour.
    pub fn rgb(&self, paint: Paint) -> Rgb {
        let of = |list: &[Rgb; 6], slot: Slot| {
            list.get(usize::from(slot.number()).saturating_sub(1))
                .copied()
                .unwrap_or(self.ink)
        };
        match paint {
            Paint::Surface => self.surface,
            Paint::Sunken => self.sunken,
            Paint::Ink => self.ink,
            Paint::Ink2 => self.ink_2,
            Paint::Ink3 => self.ink_3,
            Paint::Line => self.line,
            Paint::Line2 => self.line_2,
            Paint::Control => self.control,
            Paint::Accent => self.accent,
            Paint::AccentSoft => self.accent_soft,
            Paint::Run(slot) => of(&self.runs, slot),
            Paint::RunInk(slot) => of(&self.run_inks, slot),
            Paint::Seq(n) => self
                .seq
                .get(usize::from(n).saturating_sub(1))
                .copied()
                .unwrap_or(self.seq[4]),
            Paint::Rim if self.plain => self.ink,
            Paint::Rim => self.surface,
            Paint::Bad => self.bad,
        }
    }
}
