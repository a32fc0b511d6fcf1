//! A whole index, into a file of its own.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc::sync_channel,
    },
    thread,
};

use journal_index::Index;
use journal_vault::StateDir;

use super::{
    Phase, Progress, ReindexError, SkippedNote,
    reading::{Reading, cores, not_read},
};
use crate::{
    Trouble,
    core::Core,
    index_file::{BUILDING, INDEX},
    indexing::ReadNote,
};

/// How many parsed notes wait to be written.
const WAITING: usize = 128;

/// What was built.
pub(super) struct BuiltIndex {
    pub notes: usize,
    pub skipped: Vec<SkippedNote>,
}

impl Core {
    /// Builds an index of the whole vault and gives it its name. Called by one process at a time.
    pub(super) fn build(&self, state: &StateDir, progress: &dyn Fn(Progress)) -> Result<BuiltIndex, ReindexError> {
        // What an earlier run left that was killed.
        state.discard(BUILDING).map_err(Trouble::from)?;
        let built = self.fill(state, progress);
        let published = built.and_then(|built| {
            let _turn = self.turn("reindex", self.settings.patience)?;
            // Nobody else builds, so a file that is there meanwhile is as good.
            state.publish(BUILDING, INDEX).map_err(Trouble::from)?;
            Ok(built)
        });
        state.discard(BUILDING).map_err(Trouble::from)?;
        published
    }

    fn fill(&self, state: &StateDir, progress: &dyn Fn(Progress)) -> Result<BuiltIndex, ReindexError> {
        let excluded = self.vault.excluded();
        let mut listed = self.vault.walk_names().map_err(Trouble::from)?.notes;
        listed.retain(|path| !excluded.leaves_out(path));
        let total = listed.len();
        let next = AtomicUsize::new(0);
        let skipped = Mutex::new(Vec::new());
        let (to_index, notes) = sync_channel(WAITING);
        let built = thread::scope(|scope| {
            for _ in 0..cores().min(total) {
                let to_index = to_index.clone();
                scope.spawn(|| {
                    let to_index = to_index;
                    while let Some(path) = listed.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let read = self.vault.signature(path).and_then(|now| ReadNote::read(self, path.clone(), now));
                        match read {
                            Ok(read) => {
                                if to_index.send(read.parse()).is_err() {
                                    break;
                                }
                            }
                            Err(error) => {
                                if let Reading::Failed(failed) = not_read(path, &error) {
                                    skipped.lock().unwrap_or_else(PoisonError::into_inner).push(failed);
                                }
                            }
                        }
                    }
                });
            }
            drop(to_index);
            let mut done = 0;
            // Moved in, so that those who read stop when the index cannot be written.
            let notes = notes;
            let counted = notes.iter().inspect(|_| {
                done += 1;
                progress(Progress { phase: Phase::Building, done, total });
            });
            Index::build(&state.path().join(BUILDING), listed.iter().cloned(), counted)
        })?;
        Ok(BuiltIndex { notes: built.notes, skipped: skipped.into_inner().unwrap_or_else(PoisonError::into_inner) })
    }
}
