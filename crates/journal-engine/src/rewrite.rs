//! Rewriting a note that others may be writing: read, compute, replace if it is still what was read, else again.

use journal_model::VaultPath;
use journal_vault::{ContentHash, RealFolder, WriteError};

use crate::{Trouble, core::Core};

/// How often a rewrite is computed anew when somebody else writes the note at the same moment.
const TRIES: usize = 5;

/// A note that was rewritten.
#[derive(Debug)]
pub(crate) struct Rewritten {
    pub before: String,
    pub after: String,
    /// Where the names are durable now.
    pub folder: RealFolder,
}

/// Why a note was not rewritten; it is as it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RewriteError<E> {
    #[error("it is not UTF-8, so it was left as it is")]
    NotUtf8,
    #[error(transparent)]
    Compute(E),
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl Core {
    /// Replaces the text of a note by what `compute` makes of it, durably. `None` when that is the text it has.
    ///
    /// Called with the vault's write lock held; the tries are for editors and file syncers, which do not know the lock.
    pub(crate) fn rewrite<E>(
        &self,
        path: &VaultPath,
        mut compute: impl FnMut(&str) -> Result<String, E>,
    ) -> Result<Option<Rewritten>, RewriteError<E>> {
        let mut tries = 0;
        loop {
            let bytes = self.vault.read(path).map_err(Trouble::from)?;
            let hash = ContentHash::of(&bytes);
            let before = String::from_utf8(bytes).map_err(|_| RewriteError::NotUtf8)?;
            let after = compute(&before).map_err(RewriteError::Compute)?;
            if after == before {
                return Ok(None);
            }
            match self.vault.replace(path, hash, after.as_bytes()) {
                Ok(folder) => return Ok(Some(Rewritten { before, after, folder })),
                Err(WriteError::Changed { .. }) if tries < TRIES => tries += 1,
                Err(error) => return Err(Trouble::from(error).into()),
            }
        }
    }
}
