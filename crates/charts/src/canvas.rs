//! stub
use servelens_core::chart::{ChartSpec, Layout};
use crate::Theme;
pub fn draw(_c: &web_sys::HtmlCanvasElement, spec: &ChartSpec, w: f64, h: f64, _dpr: f64, _t: &Theme) -> Result<Layout, String> { Ok(servelens_core::chart::layout(spec, w, h)) }
