//! Telling how far the reading of one dropped file has come.
//!
//! Knows shares only: a member of an archive is a part of the file that was dropped.

use std::fmt;
use std::ops::Range;

/// Who is told how far reading has come, as a share of the dropped file from 0 to 1.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    tell: &'a dyn Fn(f64),
    from: f64,
    to: f64,
}

impl Watch<'_> {
    /// Tells nobody.
    pub const NOBODY: Watch<'static> = Watch::new(&|_| {});
}

impl<'a> Watch<'a> {
    /// Over a whole dropped file.
    pub const fn new(tell: &'a dyn Fn(f64)) -> Self {
        Self {
            tell,
            from: 0.0,
            to: 1.0,
        }
    }
    /// Over a part of what this one watches, bytes of so many.
    #[must_use]
    pub fn part(self, bytes: &Range<usize>, of: usize) -> Self {
        Self {
            tell: self.tell,
            from: self.share(bytes.start, of),
            to: self.share(bytes.end, of),
        }
    }
    /// So many bytes of so many are read.
    pub fn at(&self, bytes: usize, of: usize) {
        (self.tell)(self.share(bytes, of));
    }
    fn share(&self, bytes: usize, of: usize) -> f64 {
        let done = (bytes as f64 / of.max(1) as f64).min(1.0);
        self.from + (self.to - self.from) * done
    }
}

impl fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watch({} to {})", self.from, self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::Watch;
    use crate::ingest::Ingest;
    use std::cell::RefCell;

    /// What is told while a file of the tree is read.
    fn told(file: &str) -> Vec<f64> {
        let bytes = std::fs::read(format!("{}/../../{file}", env!("CARGO_MANIFEST_DIR")))
            .expect("the file is in the tree");
        let told = RefCell::new(Vec::new());
        let mut ingest = Ingest::new();
        ingest.add_watched(
            file,
            &bytes,
            Watch::new(&|share| told.borrow_mut().push(share)),
        );
        assert!(ingest.finish().files.iter().any(|f| f.format.is_some()));
        told.into_inner()
    }

    #[test]
    fn it_never_goes_back_and_ends_at_the_end() {
        let folder = "tests/cases/aiperf/0.13.0/sweep/aic/concurrency_1";
        for file in [
            "data/samples/simulated-sweeps.zip".to_owned(),
            format!("{folder}/profile_export.jsonl"),
        ] {
            let told = told(&file);
            assert!(told.len() >= 10, "{file}: {told:?}");
            assert!(told.is_sorted(), "{file}: {told:?}");
            let (first, last) = (told[0], told[told.len() - 1]);
            assert!(first > 0.0 && first < 0.2, "{file}: {first}");
            assert!(last > 0.8 && last <= 1.0, "{file}: {last}");
        }
    }

    #[test]
    fn a_part_of_a_part_lies_inside_it() {
        let told = RefCell::new(Vec::new());
        let tell = |share| told.borrow_mut().push(share);
        let half = Watch::new(&tell).part(&(50..100), 100);
        half.at(0, 10);
        half.part(&(0..5), 10).at(5, 5);
        half.at(11, 10);
        half.at(1, 0);
        assert_eq!(told.into_inner(), [0.5, 0.75, 1.0, 1.0]);
    }
}
