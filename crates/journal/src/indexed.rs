//! The vault with an index to ask: where there is none, it is built first, and a damaged one is set aside.

use std::time::Duration;

use journal_engine::{EmbedNotesError, Embedded, IndexError, Reindex, Stop, Trouble};

use crate::{
    failure::Failure,
    place::{Need, Place, World},
};

/// How long another process may take to build it: a hundred thousand notes take some seconds.
const BUILD_WAIT: Duration = Duration::from_secs(600);

impl World {
    /// Finds and opens the vault, with an index to ask.
    ///
    /// # Errors
    /// When there is no vault, or its index cannot be built.
    pub fn open_indexed(&self) -> Result<Place, Failure> {
        let place = self.open(Need::Reading)?;
        match place.engine.index_standing() {
            Ok(Some(_)) => Ok(place),
            Ok(None) => {
                self.output.note("There is no index yet; building it, once.");
                // A vault that was never written to gets an id, by which its index is found.
                let place = if place.engine.state_path().is_some() { place } else { self.open(Need::Writing)? };
                self.build_index(&place)?;
                Ok(place)
            }
            Err(Trouble::Index(IndexError::Damaged { .. })) => {
                self.output.warn("the index is damaged; it is set aside, and another is built from the notes");
                let progress = self.output.progress();
                place.engine.rebuild_index(&|done| progress.show(done))?;
                Ok(place)
            }
            Err(trouble) => Err(trouble.into()),
        }
    }

    /// Makes vectors of the texts that have none; `None` where another process is at it.
    ///
    /// # Errors
    /// When the model or the index does not do what it should.
    pub fn embed(&self, place: &Place, wait: Duration) -> Result<Option<Embedded>, Failure> {
        let progress = self.output.progress();
        match place.engine.embed(wait, &Stop::default(), &|done| progress.show(done)) {
            Ok(embedded) => Ok(Some(embedded)),
            Err(error @ EmbedNotesError::Busy { .. }) => {
                self.output.note(format!("Note: {error}."));
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Builds the index of a vault, or waits for whoever is at it.
    ///
    /// # Errors
    /// When it cannot be built.
    pub fn build_index(&self, place: &Place) -> Result<(), Failure> {
        let progress = self.output.progress();
        let request = Reindex { wait: BUILD_WAIT, ..Reindex::default() };
        place.engine.reindex(&request, &|done| progress.show(done))?;
        Ok(())
    }
}
