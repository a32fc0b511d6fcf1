//! From notes that may have changed to what the index is told of them.

use std::collections::BTreeSet;

use journal_index::{Change, Snapshot};
use journal_model::VaultPath;
use journal_vault::{Excluded, ReadError};

use crate::{
    ReindexError, Trouble,
    core::Core,
    indexing::{ReadNote, came_from, is_unchanged, tells_no_more},
    writer::{Command, Writer, written},
};

/// Which notes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    /// Those whose signatures differ. Something was told of them, so those that are gone are forgotten.
    Differing,
    /// All that are there.
    All,
}

/// So many notes are looked at in one read of the index: nobody is to keep an old state of it alive for long.
const AT_ONCE: usize = 64;

impl Core {
    /// Has the index brought up to date with these notes; says how many were not as they had been indexed. Where none is,
    /// nothing is written, which is how the echoes of our own writes end.
    pub(super) fn follow(
        &self,
        writer: &Writer,
        paths: &BTreeSet<VaultPath>,
        read: Read,
    ) -> Result<usize, ReindexError> {
        let excluded = self.vault.excluded();
        let paths: Vec<&VaultPath> = paths.iter().collect();
        let mut changes = Vec::new();
        for some in paths.chunks(AT_ONCE) {
            let found = self.read_index(|index| Ok(self.compare(index, some, &excluded, read)))?;
            changes.extend(found.ok_or(ReindexError::NoIndex)??);
        }
        if changes.is_empty() {
            return Ok(0);
        }
        let changed = changes.iter().filter(|change| !matches!(change, Change::Touch { .. })).count();
        written(writer.send(|reply| Command::Index(changes, reply))).map_err(ReindexError::Writer)?;
        Ok(changed)
    }

    fn compare(
        &self,
        index: &Snapshot<'_>,
        paths: &[&VaultPath],
        excluded: &Excluded,
        read: Read,
    ) -> Result<Vec<Change>, ReindexError> {
        let (mut changes, mut gone) = (Vec::new(), Vec::new());
        for path in paths {
            let row = index.signature(path)?;
            let now = match self.vault.signature_of_file(path) {
                Ok(now) if !excluded.leaves_out(path) => now,
                Ok(_) | Err(ReadError::NotFound { .. }) => {
                    // Of those that nobody told of, a pass over all judges whether so many may be forgotten.
                    if read == Read::Differing {
                        gone.extend(row.map(|_| Change::Remove((*path).clone())));
                    }
                    continue;
                }
                Err(error) => {
                    passed_over(error)?;
                    continue;
                }
            };
            let known = row.as_ref().filter(|row| row.current).map(|row| row.signature);
            if read == Read::Differing && known.is_some_and(|known| is_unchanged(&known, &now)) {
                continue;
            }
            let note = match ReadNote::read(self, (*path).clone(), now) {
                Ok(note) => note,
                Err(error) => {
                    passed_over(error)?;
                    continue;
                }
            };
            match known {
                Some(known) if known.hash == note.signature.hash => {
                    if !tells_no_more(&note.signature, &known) {
                        changes.push(Change::Touch { path: note.path, signature: note.signature });
                    }
                }
                _ => {
                    let note = note.parse();
                    if let Some(from) = came_from(self, index, &note)? {
                        changes.push(Change::Move { from, to: note.path.clone(), signature: note.signature });
                    }
                    changes.push(Change::Upsert(Box::new(note)));
                }
            }
        }
        // Last, because a note that moved away is not gone.
        changes.append(&mut gone);
        Ok(changes)
    }
}

/// A note that cannot be read stays as it is known, but not when it is the vault that is gone.
fn passed_over(error: ReadError) -> Result<(), ReindexError> {
    match error {
        ReadError::Vanished { .. } => Err(Trouble::from(error).into()),
        _ => Ok(()),
    }
}
