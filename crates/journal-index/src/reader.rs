//! Readers of `index.db`: connections of their own that see one state at a time and keep nobody waiting.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::{
    Checkpoint, IndexError, Snapshot,
    connection::open_reader,
    index::wal_checkpoint,
    snapshot::{Known, read_with},
};

/// A connection that reads. Any number of them may be open, one per thread at a time.
///
/// It stays with the file it opened: when a newly built index has taken that file's place, it has to be opened again.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    connection: Connection,
    known: Known,
}

impl Reader {
    /// Opens the index at `path` to read. It is never made or changed.
    ///
    /// # Errors
    /// [`IndexError::Missing`] when there is none, [`IndexError::Outdated`] when it has an older layout, and the rest as
    /// [`Index::open`](crate::Index::open).
    pub fn open(path: &Path) -> Result<Self, IndexError> {
        Ok(Self { path: path.to_owned(), connection: open_reader(path)?, known: Known::default() })
    }

    /// Runs `read` in one read transaction: everything it asks is answered from one state of the index.
    ///
    /// Keep it short. The write-ahead log grows for as long as any transaction reads an old state.
    ///
    /// # Errors
    /// What `read` answers, and [`IndexError::Damaged`], [`IndexError::Busy`], [`IndexError::Sqlite`].
    pub fn read<T>(&self, read: impl FnOnce(&Snapshot<'_>) -> Result<T, IndexError>) -> Result<T, IndexError> {
        read_with(&self.connection, &self.path, &self.known, read)
    }

    /// As [`Index::log`](crate::Index::log).
    ///
    /// # Errors
    /// [`IndexError::Damaged`], [`IndexError::Sqlite`].
    pub fn log(&self) -> Result<Checkpoint, IndexError> {
        wal_checkpoint(&self.connection, "NOOP").map_err(|error| IndexError::new(&self.path, "look at the log", error))
    }
}
