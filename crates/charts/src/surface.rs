//! What the drawing code needs beyond plotters' backend trait: text with weight and halo, and whole device pixels.

use plotters::element::{Drawable, PointCollection};
use plotters_backend::{BackendColor, BackendCoord, DrawingBackend, DrawingErrorKind};
use servelens_core::chart::Anchor;

/// A plotters backend that can also set type as the page does.
pub trait Surface: DrawingBackend {
    /// How many of the backend's units one device pixel has; hairlines are put on whole device pixels.
    fn device_pixel(&self) -> i32;
    /// Writes one line; `at` is on its alphabetic baseline.
    ///
    /// # Errors
    /// Whatever the device reports.
    fn letter(
        &mut self,
        line: &Lettering,
        at: BackendCoord,
    ) -> Result<(), DrawingErrorKind<Self::ErrorType>>;
}

/// One line of text with everything about its looks.
#[derive(Clone)]
pub struct Lettering {
    /// The words.
    pub text: String,
    /// Font size in the backend's units.
    pub size: f64,
    /// Weight 600 instead of 400.
    pub semi: bool,
    /// Which end is at the position.
    pub anchor: Anchor,
    /// Colour.
    pub color: BackendColor,
    /// Colour and stroke width of the halo, in the backend's units.
    pub halo: Option<(BackendColor, f64)>,
}

/// A line of text at its place, as a plotters element.
pub(crate) struct Line {
    pub(crate) at: BackendCoord,
    pub(crate) line: Lettering,
}

impl<'a> PointCollection<'a, BackendCoord> for &'a Line {
    type Point = &'a BackendCoord;
    type IntoIter = std::iter::Once<&'a BackendCoord>;
    fn point_iter(self) -> Self::IntoIter {
        std::iter::once(&self.at)
    }
}

impl<DB: Surface> Drawable<DB> for Line {
    fn draw<I: Iterator<Item = BackendCoord>>(
        &self,
        mut points: I,
        backend: &mut DB,
        _: (u32, u32),
    ) -> Result<(), DrawingErrorKind<DB::ErrorType>> {
        match points.next() {
            Some(at) => backend.letter(&self.line, at),
            None => Ok(()),
        }
    }
}
