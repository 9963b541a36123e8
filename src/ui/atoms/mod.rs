//! Small parts: icons, badges, controls, tables and chart panels.

mod badge;
mod controls;
mod drawn;
mod figure;
mod icon;
mod readout;
mod scenes;
mod table;
mod typed;

pub use badge::{badge, flag, grade, run_key};
pub use controls::{Choice, segmented, switch};
pub use drawn::{Drawn, drawn};
pub use figure::{Figure, State as FigureState, figure};
pub use icon::{chevron, icon, icon_small};
pub use readout::{pinned, read_out};
pub use scenes::{Scenes, scenes};
pub use table::{Cell, Column, Table, table};
pub use typed::number as typed_number;
