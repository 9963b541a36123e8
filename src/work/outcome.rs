//! What comes of reading a set of files, and the same as bytes.

use servelens_core::ingest::Ingested;
use servelens_core::model::{FileOutcome, Severity, Workspace};
use servelens_core::parcel::{self, ParcelError};

/// What comes of reading a set of files.
#[derive(Debug, Default, PartialEq)]
pub struct Outcome {
    /// What the files hold.
    pub read: Ingested,
    /// The session that was among them; of several the last.
    pub session: Option<Workspace>,
}

impl Outcome {
    /// As parcels: what was read, then the session if there is one.
    ///
    /// # Errors
    /// Never in practice, as [`parcel::pack`].
    pub fn pack(self) -> Result<Vec<Vec<u8>>, ParcelError> {
        let mut parcels = vec![parcel::pack_read(self.read)?];
        if let Some(session) = &self.session {
            parcels.push(parcel::pack(session)?);
        }
        Ok(parcels)
    }

    /// What [`Outcome::pack`] was given.
    ///
    /// # Errors
    /// When these are not its parcels.
    pub fn unpack(parcels: &[Vec<u8>]) -> Result<Self, ParcelError> {
        let mut parcels = parcels.iter();
        Ok(Self {
            read: parcels
                .next()
                .map_or(Ok(Ingested::default()), |p| parcel::unpack_read(p))?,
            session: parcels.next().map(|p| parcel::unpack(p)).transpose()?,
        })
    }
}

/// A file that could not be read, with the reason as a whole sentence.
pub fn left_out(path: &str, reason: String) -> FileOutcome {
    FileOutcome {
        path: path.to_owned(),
        format: None,
        used: false,
        severity: Severity::Error,
        reason: Some(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome;
    use servelens_core::ingest::Ingest;
    use servelens_core::model::Workspace;

    #[test]
    fn it_crosses_threads_whole() {
        let bytes = std::fs::read("data/samples/simulated-sweeps.zip").expect("the sample");
        let mut ingest = Ingest::new();
        ingest.add("sweeps.zip", &bytes);
        ingest.add("odd.bin", &[0, 1, 2]);
        let read = ingest.finish();
        let mut session = Workspace::default();
        session.absorb(read.clone());
        let there = |session| Outcome {
            read: read.clone(),
            session,
        };
        for session in [None, Some(session)] {
            let parcels = there(session.clone()).pack().expect("packs");
            assert_eq!(Outcome::unpack(&parcels).expect("unpacks"), there(session));
        }
        assert!(Outcome::unpack(&[b"other".to_vec()]).is_err());
    }
}
