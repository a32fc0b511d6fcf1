//! `index.db` as a file that comes, goes and is replaced while processes have it open: connections are kept as long as the name
//! stands for the file they opened.

use std::sync::{Mutex, PoisonError};

use journal_index::{Index, IndexError, Reader, Snapshot};
use journal_vault::{FileIdentity, StateDir};

use crate::{Trouble, core::Core};

/// Its name in the state directory.
pub(crate) const INDEX: &str = "index.db";
/// The name of one that is being built.
pub(crate) const BUILDING: &str = "index.db.building";
/// The name of one of an older layout, until another has its place.
pub(crate) const OUTDATED: &str = "index.db.outdated";
/// The name of one that was damaged.
pub(crate) const DAMAGED: &str = "index.db.damaged";

/// Connections that nobody reads with just now.
#[derive(Default)]
pub(crate) struct Readers(Mutex<Vec<(FileIdentity, Reader)>>);

/// More are closed rather than kept.
const KEPT: usize = 4;

impl Core {
    /// Whether there is a file to read or write; not whether it can be.
    pub(crate) fn has_index(&self) -> bool {
        self.state.as_ref().is_some_and(|state| !matches!(state.identity(INDEX), Ok(None)))
    }

    /// Reads the index in one transaction. `None` when there is none that this program can read: none at all, or one of an
    /// older layout.
    pub(crate) fn read_index<T>(
        &self,
        read: impl FnOnce(&Snapshot<'_>) -> Result<T, IndexError>,
    ) -> Result<Option<T>, Trouble> {
        let Some(state) = &self.state else { return Ok(None) };
        let Some(identity) = state.identity(INDEX)? else { return Ok(None) };
        let reader = match self.readers.take(identity) {
            Some(reader) => reader,
            None => match Reader::open(&state.path().join(INDEX)) {
                Ok(reader) => reader,
                Err(IndexError::Missing { .. } | IndexError::Outdated { .. }) => return Ok(None),
                Err(error) => return Err(error.into()),
            },
        };
        let value = reader.read(read)?;
        self.readers.give_back(identity, reader);
        Ok(Some(value))
    }
}

impl Readers {
    fn take(&self, identity: FileIdentity) -> Option<Reader> {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|(own, _)| *own == identity);
        idle.pop().map(|(_, reader)| reader)
    }

    fn give_back(&self, identity: FileIdentity, reader: Reader) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < KEPT {
            idle.push((identity, reader));
        }
    }
}

/// The index as the one who writes has it open.
#[derive(Default)]
pub(crate) struct OpenIndex(Option<(FileIdentity, Index)>);

impl OpenIndex {
    /// Leaves the index as the next process likes to find it. What cannot be done now is done by the next that writes.
    pub(crate) fn rest(&self) {
        if let Some((_, index)) = &self.0 {
            drop(index.rest());
        }
    }

    /// The index to write in; `None` when there is none, or one of an older layout, which only a reindex replaces. Called with
    /// the write lock held, so that no other file can take its name meanwhile.
    pub(crate) fn get(&mut self, state: &StateDir) -> Result<Option<&mut Index>, Trouble> {
        let now = state.identity(INDEX)?;
        if self.0.as_ref().map(|(opened, _)| *opened) != now {
            self.0 = None;
            let Some(identity) = now else { return Ok(None) };
            let path = state.path().join(INDEX);
            match Reader::open(&path) {
                Ok(_) => self.0 = Some((identity, Index::open(&path)?)),
                Err(IndexError::Missing { .. } | IndexError::Outdated { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self.0.as_mut().map(|(_, index)| index))
    }
}
