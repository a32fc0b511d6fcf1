//! A whole index, into a file of its own, with the vectors of the one before.

use journal_index::{Index, IndexError, VectorError};
use journal_vault::StateDir;

use super::{Phase, Progress, ReindexError, Stop, reading::on_all_cores};
use crate::{
    Trouble,
    core::Core,
    index_file::{BUILDING, DAMAGED, INDEX, OUTDATED},
    indexing::ReadNote,
};

/// What was built.
#[derive(Default)]
pub(super) struct Built {
    /// Notes.
    pub notes: usize,
    /// Vectors that an earlier index had.
    pub vectors: usize,
    /// Why not all of them could be had.
    pub lost: Option<String>,
}

impl Core {
    /// Builds an index of the whole vault, gives it its name, and says what it has. A note that cannot be read is left
    /// to the survey that follows, which tells it. Called by one process at a time.
    pub(super) fn build(
        &self,
        state: &StateDir,
        stop: &Stop,
        progress: &dyn Fn(Progress),
    ) -> Result<Built, ReindexError> {
        // What an earlier run left that was killed.
        state.discard(BUILDING).map_err(Trouble::from)?;
        let built = self.fill(state, stop, progress);
        let published = built.and_then(|built| {
            let _turn = self.turn("reindex", self.settings.patience)?;
            // Nobody else builds, so a file that is there meanwhile is as good.
            state.publish(BUILDING, INDEX).map_err(Trouble::from)?;
            state.discard(OUTDATED).map_err(Trouble::from)?;
            Ok(built)
        });
        state.discard(BUILDING).map_err(Trouble::from)?;
        published
    }

    fn fill(&self, state: &StateDir, stop: &Stop, progress: &dyn Fn(Progress)) -> Result<Built, ReindexError> {
        let excluded = self.vault.excluded();
        let mut listed = self.vault.walk_names().map_err(Trouble::from)?.notes;
        listed.retain(|path| !excluded.leaves_out(path));
        let total = listed.len();
        let built = on_all_cores(
            &listed,
            |path| {
                let read = self.vault.signature(path).and_then(|now| ReadNote::read(self, path.clone(), now));
                read.ok().map(ReadNote::parse)
            },
            |notes| {
                let mut done = 0;
                let counted = notes.flatten().take_while(|_| !stop.is_stopped()).inspect(|_| {
                    done += 1;
                    progress(Progress { phase: Phase::Building, done, total });
                });
                Index::build(&state.path().join(BUILDING), listed.iter().cloned(), counted)
            },
        )?;
        if stop.is_stopped() {
            return Err(ReindexError::Stopped);
        }
        let mut built = Built { notes: built.notes, ..Built::default() };
        // Both may be there when a run was killed before it was done.
        for before in [OUTDATED, DAMAGED] {
            if state.identity(before).map_err(Trouble::from)?.is_some() {
                take_vectors(state, before, &mut built)?;
            }
        }
        Ok(built)
    }
}

/// Takes over the vectors of the index that was set aside as `before`, so that no text is embedded again. Whatever is wrong
/// with that one is told and stops nothing.
fn take_vectors(state: &StateDir, before: &str, built: &mut Built) -> Result<(), IndexError> {
    let mut index = Index::open(&state.path().join(BUILDING))?;
    match index.adopt_vectors(&state.path().join(before)) {
        Ok(adopted) => {
            built.vectors += adopted.vectors;
            built.lost = built.lost.take().or(adopted.trouble.map(|trouble| trouble.to_string()));
        }
        Err(VectorError::Index(error)) => return Err(error),
        Err(error @ (VectorError::Dimensions { .. } | VectorError::NotUnit { .. })) => {
            built.lost = Some(error.to_string());
        }
    }
    // Nobody else reads this file, so all of the log is folded into it, and it can be renamed without.
    index.rest().map(|_| ())
}
