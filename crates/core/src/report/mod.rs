//! stub
use crate::model::Workspace; use crate::analysis::Analysis;
#[derive(Debug, Clone, Copy)]
pub enum Format { Markdown, Html, Json, Csv }
pub struct Report;
pub fn build(_w: &Workspace, _a: &Analysis) -> Report { Report }
pub fn render(_r: &Report, _f: Format) -> String { String::new() }
