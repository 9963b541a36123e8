//! Small parts: icons, badges, controls, tables and chart panels.

mod badge;
mod controls;
mod figure;
mod icon;
mod scene;
mod table;

pub use badge::{badge, flag, grade, run_key};
pub use controls::{Choice, segmented, switch};
pub use figure::{Figure, figure};
pub use icon::{chevron, icon, icon_small};
pub use scene::{SceneFigure, scene_figure};
pub use table::{Cell, Column, Table, table};
