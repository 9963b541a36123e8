//! One file (or folder) for each tool's format: recognise and read, nothing else.
//!
//! A format knows its own files; it refuses to know the other formats, folders and runs.

pub mod table;
