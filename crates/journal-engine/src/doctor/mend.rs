//! Mending: what is safe to do without asking, and a new id where somebody asked for it by name.

use journal_model::{Change, Diagnostic, EditError, NoteId, VaultPath, Written, edit};
use journal_vault::{OsLock, ReadError, close_to_others};

use super::{Examined, FindingCode};
use crate::{
    Progress, Reindex, ReindexError, Reindexed, Trouble,
    core::{Core, Turn, this_process},
    index_file::DAMAGED,
    rewrite::RewriteError,
    writer::{Command, Writer},
};

/// A note that got an id of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewId {
    /// The note.
    pub path: VaultPath,
    /// The id it had.
    pub was: NoteId,
    /// The id it has.
    pub id: NoteId,
    /// What is wrong, and did not stop the change.
    pub diagnostics: Vec<Diagnostic>,
}

/// Why a note keeps its id. It is as it was.
#[derive(Debug, thiserror::Error)]
pub enum NewIdError {
    /// It has none.
    #[error("`{0}` has no id")]
    NoId(VaultPath),
    /// No other note has its id: links and thoughts may rely on it.
    #[error("`{path}` is the only note with the id `{id}`, so it keeps it")]
    Sole {
        /// The note.
        path: VaultPath,
        /// Its id.
        id: NoteId,
    },
    /// The note's properties are written in a way that cannot be edited safely.
    #[error("`{path}` was left as it is: {source}")]
    NotEditable {
        /// The note.
        path: VaultPath,
        /// Why.
        source: EditError,
    },
    /// The note is not UTF-8.
    #[error("`{0}` is not UTF-8, so its properties were left as they are")]
    NotUtf8(VaultPath),
    /// Files or databases did not do what they should.
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl From<ReadError> for NewIdError {
    fn from(error: ReadError) -> Self {
        Trouble::from(error).into()
    }
}

impl Core {
    /// See [`Engine::mend`](crate::Engine::mend).
    pub(crate) fn mend(
        &self,
        writer: &Writer,
        examined: &Examined,
        progress: &dyn Fn(Progress),
    ) -> Result<(), ReindexError> {
        for temps in examined.findings.iter().filter(|finding| finding.code == FindingCode::StaleTemps) {
            let swept = writer.send(|reply| Command::Sweep(temps.paths.clone(), reply));
            swept.wait().unwrap_or(Err(Trouble::WriterGone))?;
        }
        if examined.has(FindingCode::OpenState) {
            close_to_others(self.state()?.path()).map_err(Trouble::from)?;
        }
        if examined.has(FindingCode::IndexSetAside) {
            let _turn = self.turn("doctor", self.settings.patience)?;
            self.state()?.discard(DAMAGED).map_err(Trouble::from)?;
        }
        if examined.has(FindingCode::DamagedState) {
            let _turn = self.turn("doctor", self.settings.patience)?;
            self.set_state_aside()?;
        }
        if examined.has(FindingCode::DamagedIndex) {
            self.rebuild_index(writer, progress)?;
        } else if examined.has(FindingCode::NoIndex) || examined.has(FindingCode::StaleIndex) {
            let request = Reindex { wait: self.settings.patience, ..Reindex::default() };
            self.reindex(writer, &request, progress)?;
        }
        Ok(())
    }

    /// See [`Engine::rebuild_index`](crate::Engine::rebuild_index).
    pub(crate) fn rebuild_index(
        &self,
        writer: &Writer,
        progress: &dyn Fn(Progress),
    ) -> Result<Reindexed, ReindexError> {
        let state = self.state()?;
        let fresh = {
            // Nobody fills it meanwhile.
            let _alone = state.lock(OsLock::Reindex, self.settings.patience, &this_process()).map_err(Trouble::from)?;
            self.set_index_aside(state)?
        };
        let request = Reindex { wait: self.settings.patience, ..Reindex::default() };
        let built = self.reindex(writer, &request, progress)?;
        Ok(Reindexed { fresh, ..built })
    }

    /// See [`Engine::give_new_id`](crate::Engine::give_new_id).
    pub(crate) fn give_new_id(&self, _turn: &Turn, path: &VaultPath) -> Result<NewId, NewIdError> {
        let (seen, _) = self.read_note(path)?;
        let was = seen.id().ok_or_else(|| NewIdError::NoId(path.clone()))?;
        // Only what the files say counts here: an index may be old.
        let others = self.sight(was.as_str()).map_err(Trouble::from)?.seen;
        if !others.iter().any(|other| other.path != *path && other.id().as_ref() == Some(&was)) {
            return Err(NewIdError::Sole { path: path.clone(), id: was });
        }
        let id = self.new_id();
        let change = [("id", Change::Set(Written::Text(id.to_string())))];
        self.rewrite(path, |text| edit(text, &change)).map_err(|error| match error {
            RewriteError::NotUtf8 => NewIdError::NotUtf8(path.clone()),
            RewriteError::Compute(source) => NewIdError::NotEditable { path: path.clone(), source },
            RewriteError::Trouble(trouble) => trouble.into(),
        })?;
        Ok(NewId { path: path.clone(), was, id, diagnostics: Vec::new() })
    }
}
