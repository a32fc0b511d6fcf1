//! A whole index, into a file of its own.

use journal_index::Index;
use journal_vault::StateDir;

use super::{Phase, Progress, ReindexError, Stop, reading::on_all_cores};
use crate::{
    Trouble,
    core::Core,
    index_file::{BUILDING, INDEX},
    indexing::ReadNote,
};

impl Core {
    /// Builds an index of the whole vault, gives it its name, and says how many notes it has. A note that cannot be read is left
    /// to the survey that follows, which tells it. Called by one process at a time.
    pub(super) fn build(
        &self,
        state: &StateDir,
        stop: &Stop,
        progress: &dyn Fn(Progress),
    ) -> Result<usize, ReindexError> {
        // What an earlier run left that was killed.
        state.discard(BUILDING).map_err(Trouble::from)?;
        let built = self.fill(state, stop, progress);
        let published = built.and_then(|notes| {
            let _turn = self.turn("reindex", self.settings.patience)?;
            // Nobody else builds, so a file that is there meanwhile is as good.
            state.publish(BUILDING, INDEX).map_err(Trouble::from)?;
            Ok(notes)
        });
        state.discard(BUILDING).map_err(Trouble::from)?;
        published
    }

    fn fill(&self, state: &StateDir, stop: &Stop, progress: &dyn Fn(Progress)) -> Result<usize, ReindexError> {
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
        if stop.is_stopped() { Err(ReindexError::Stopped) } else { Ok(built.notes) }
    }
}
