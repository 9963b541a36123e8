//! What the page can show over itself, wait for, tell and be asked for.

use super::Engine;
use servelens_core::model::{Basis, Role};

/// What lies over the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layer {
    /// Nothing.
    #[default]
    None,
    /// The command palette.
    Palette,
    /// The field for pasting.
    Paste,
    /// The keyboard map.
    Help,
    /// A menu of the bar, by name.
    Menu(&'static str),
    /// The tray as a drawer, on narrow screens.
    Drawer,
}

/// How far reading has come.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reading {
    /// File being read.
    pub now: String,
    /// Files done.
    pub files: usize,
    /// Files in all.
    pub of_files: usize,
    /// Bytes done.
    pub bytes: f64,
    /// Bytes in all.
    pub of_bytes: f64,
    /// Whether the person wants it to stop.
    pub cancelled: bool,
}

/// How far the part of the page has come that loads after the first screen.
#[derive(Clone, Copy, Default)]
pub enum Rest {
    /// On its way.
    #[default]
    Coming,
    /// It could not be loaded.
    Missing,
    /// There, with what the state computes with.
    There(Engine),
}

/// A change of the table that a person asks for; runs are told by their place.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Another name.
    Label(usize, String),
    /// Another role.
    Role(usize, Role),
    /// Another number of GPUs, as typed; empty for unknown.
    Gpus(usize, String),
    /// Figures by other sources.
    Basis(Basis),
    /// A run off the table.
    Remove(usize),
    /// Everything off the table.
    Clear,
    /// The last step back.
    Undo,
    /// The last step back again.
    Redo,
}

/// What a person must be told and may act on; each stands over the view until it is dismissed or no longer true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// This browser doesn't keep the table; why.
    NotKept(String),
    /// What was kept is not the last state of the table, or nothing at all.
    KeptOld,
    /// What was kept can't be read; why.
    Damaged(String),
    /// Another tab has kept a table of its own.
    OtherTab,
    /// What was typed for a run can't be taken: its place, and why. It stands beside the run.
    Refused(usize, String),
    /// Files that could not be read: which, and why.
    Unread(String),
    /// The address was made over another table, by its mark.
    OtherTable(String),
}

impl Notice {
    /// Whether two are of the same kind: the later one stands for both.
    pub(super) fn same_kind(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}
